use chat_archive::{MessageKind, NewMessage, Participant, Precision, Reaction, Timestamp, Zone};
use serde_json::Value;

use super::fields::{self, text};
use super::{media, service};

/// Seconds from 1970 to 2200: no message is older than Telegram or from another century.
const LATEST: i64 = 7_258_118_400;

/// Reads one message. The error says in words what is wrong with it.
pub fn read(message: &Value) -> Result<NewMessage, String> {
    if !message.is_object() {
        return Err("a message is not an object".into());
    }
    let is_service = text(message, "type") == Some("service");
    let (edited, edited_at) = edit(message);
    Ok(NewMessage {
        source_id: message.get("id").and_then(fields::number).map(|id| id.to_string()),
        sender: if is_service { None } else { sender(message) },
        time: time(message)?,
        kind: if is_service { MessageKind::System } else { MessageKind::Text },
        text: if is_service { service::sentence(message) } else { words(message) },
        reply_to: message.get("reply_to_message_id").and_then(fields::number).map(|id| id.to_string()),
        forwarded_from: forwarded_from(message),
        edited,
        edited_at,
        reactions: reactions(message),
        attachments: media::attachments(message),
        ..NewMessage::default()
    })
}

fn sender(message: &Value) -> Option<Participant> {
    let id = message.get("from_id").and_then(fields::peer);
    let name = text(message, "from").map(str::to_owned);
    match (id, name) {
        (Some(key), name) => Some(Participant::new(key, name.unwrap_or_else(|| "Deleted account".into()))),
        (None, Some(name)) => Some(Participant::new(format!("name:{}", name.to_lowercase()), name)),
        (None, None) => None,
    }
}

fn time(message: &Value) -> Result<Timestamp, String> {
    if let Some(seconds) = message.get("date_unixtime").and_then(fields::number) {
        if !(0..LATEST).contains(&seconds) {
            return Err("its date_unixtime is no date".into());
        }
        return Ok(Timestamp { ms: seconds * 1_000, precision: Precision::Second, zone: Zone::Utc });
    }
    let ms = text(message, "date").and_then(local_ms).ok_or("it has no date, or one that cannot be read")?;
    Ok(Timestamp { ms, precision: Precision::Second, zone: Zone::Local })
}

/// `2021-03-18T15:20:24`, the wall clock of the computer that exported.
fn local_ms(date: &str) -> Option<i64> {
    const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] =
        time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let date = time::PrimitiveDateTime::parse(date, FORMAT).ok()?;
    let seconds = date.assume_utc().unix_timestamp();
    (0..LATEST).contains(&seconds).then_some(seconds * 1_000)
}

/// Old versions wrote 1970 for "never edited".
fn edit(message: &Value) -> (bool, Option<i64>) {
    let utc = message.get("edited_unixtime").and_then(fields::number).map(|s| s.saturating_mul(1_000));
    let at = utc.or_else(|| text(message, "edited").and_then(local_ms)).filter(|ms| *ms > 86_400_000);
    (at.is_some(), at)
}

fn forwarded_from(message: &Value) -> Option<String> {
    let field = message.get("forwarded_from").or_else(|| message.get("saved_from"))?;
    Some(field.as_str().unwrap_or("Deleted account").to_owned())
}

/// The text; what is not text is put into words.
fn words(message: &Value) -> String {
    let mut parts = vec![message.get("text").map(fields::rich_text).unwrap_or_default()];
    if let Some(place) = message.get("location_information") {
        let at = |key: &str| place.get(key).and_then(Value::as_f64);
        if let (Some(latitude), Some(longitude)) = (at("latitude"), at("longitude")) {
            parts.push(format!("geo:{latitude},{longitude}"));
        }
    }
    parts.extend(
        ["place_name", "address", "game_title", "sticker_emoji"]
            .iter()
            .filter_map(|k| Some(text(message, k)?.to_owned())),
    );
    if let Some(contact) = message.get("contact_information") {
        let fields = ["first_name", "last_name", "phone_number"].iter().filter_map(|k| text(contact, k));
        parts.push(fields.collect::<Vec<_>>().join(" "));
    }
    if let Some(poll) = message.get("poll") {
        parts.push(poll_words(poll));
    }
    parts.retain(|p| !p.is_empty());
    parts.join("\n")
}

fn poll_words(poll: &Value) -> String {
    let mut words = poll.get("question").map(fields::rich_text).unwrap_or_default();
    for answer in poll.get("answers").and_then(Value::as_array).into_iter().flatten() {
        let voters = answer.get("voters").and_then(fields::number).unwrap_or(0);
        let text = answer.get("text").map(fields::rich_text).unwrap_or_default();
        words.push_str(&format!("\n• {text} ({voters})"));
    }
    words
}

/// Named reactions one by one, the rest as a count.
fn reactions(message: &Value) -> Vec<Reaction> {
    let mut all = Vec::new();
    for reaction in message.get("reactions").and_then(Value::as_array).into_iter().flatten() {
        let custom = || text(reaction, "document_id").or_else(|| text(reaction, "type")).unwrap_or("?");
        let emoji = text(reaction, "emoji").unwrap_or_else(custom).to_owned();
        let named: Vec<String> = reaction
            .get("recent")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|r| text(r, "from").map(str::to_owned).or_else(|| fields::peer(r.get("from_id")?)))
            .collect();
        let count = reaction.get("count").and_then(fields::number).unwrap_or(0);
        let rest = count.saturating_sub(named.len() as i64);
        all.extend(named.into_iter().map(|name| Reaction { emoji: emoji.clone(), actor: Some(name), count: 1 }));
        if let Ok(count @ 1..) = u32::try_from(rest) {
            all.push(Reaction { emoji, actor: None, count });
        }
    }
    all
}
