//! One message of a JSON export.

use chat_archive::{
    Details, MessageKind, NewMessage, Participant, Precision, Reaction, Timestamp, Zone,
};
use serde_json::{Map, Value};

use super::fields::{self, number_in, text};
use super::{media, service, words};

/// Seconds from 1970 to 2200: no message is older than Telegram or from another century.
pub(super) const LATEST: i64 = 7_258_118_400;

/// Fields that are understood, or say nothing that a chat needs.
const KNOWN: &[&str] = &[
    "id",
    "type",
    "date",
    "date_unixtime",
    "edited",
    "edited_unixtime",
    "from",
    "from_id",
    "actor",
    "actor_id",
    "action",
    "text",
    "text_entities",
    "reply_to_message_id",
    "reply_to_peer_id",
    "forwarded_from",
    "forwarded_from_id",
    "saved_from",
    "via_bot",
    "author",
    "reactions",
    "photo",
    "photo_file_size",
    "file",
    "file_name",
    "file_size",
    "thumbnail",
    "thumbnail_file_size",
    "media_type",
    "mime_type",
    "duration_seconds",
    "duration",
    "width",
    "height",
    "sticker_emoji",
    "contact_information",
    "contact_vcard",
    "contact_vcard_file_size",
    "location_information",
    "live_location_period_seconds",
    "place_name",
    "address",
    "poll",
    "game_title",
    "game_description",
    "game_link",
    "invoice_information",
    "todo_list",
    "title",
    "performer",
    "members",
    "inviter",
    "message_id",
    "discard_reason",
    "information_text",
    "emoticon",
    "months",
    "cost",
    "period",
    "boosts",
    "stars",
    "winners",
    "amount",
    "currency",
    "distance",
    "new_title",
    "new_icon_emoji_id",
    "inline_bot_buttons",
    "media_spoiler",
    "giveaway_information",
    "giveaway_results",
    "story_data",
    "story",
    "dice",
    "paid_stars_amount",
    "score",
    "game_message_id",
    "self_destruct_period_seconds",
    "schedule_date",
    "signed_in",
    "is_out",
    "reply_to_top_id",
    "topic_id",
    "call_uuid",
    "reason_app_id",
    "reason_app_name",
    "reason_domain",
];

/// Whether a value has the fields of a message of Telegram's.
pub(super) fn is_telegram_message(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    (has("date") || has("date_unixtime")) && has("text") && has("type")
}

/// What a message needs from around it.
pub(super) struct Around<'a> {
    /// Key of the account that exported.
    pub owner: Option<&'a str>,
    /// Key of the person whom the chat is with.
    pub other: Option<&'a str>,
    /// Time of the message above.
    pub above: Option<Timestamp>,
}

/// Reads one message; `None` if it has no time and nothing is above it.
pub(super) fn read(message: &Value, around: &Around<'_>) -> Option<NewMessage> {
    let kind = text(message, "type").unwrap_or("message");
    let time = time(message);
    if time.is_none() || !matches!(kind, "message" | "service") {
        return not_understood(message, kind, time.or(around.above)?);
    }
    let (edited, edited_at) = edit(message);
    let is_service = kind == "service";
    let (words, sort) = if is_service { service::sentence(message) } else { words::of(message) };
    let elsewhere = message.get("reply_to_peer_id").and_then(fields::peer);
    Some(NewMessage {
        source_id: number_in(message, "id").map(|id| id.to_string()),
        sender: if is_service { None } else { sender(message, around) },
        time: time?,
        kind: if is_service { MessageKind::System } else { MessageKind::Text },
        text: words,
        reply_to: number_in(message, "reply_to_message_id")
            .filter(|_| elsewhere.is_none())
            .map(|id| id.to_string()),
        forwarded_from: forwarded_from(message),
        edited,
        edited_at,
        reactions: reactions(message),
        attachments: media::attachments(message),
        details: Details {
            sort,
            via: text(message, "via_bot").map(str::to_owned),
            signature: text(message, "author").map(str::to_owned),
            reply_chat: elsewhere,
            raw: unknown_fields(message),
            ..Details::default()
        },
        ..NewMessage::default()
    })
}

/// What this version does not know is shown as such, and stored as it is.
fn not_understood(message: &Value, kind: &str, time: Timestamp) -> Option<NewMessage> {
    Some(NewMessage {
        source_id: number_in(message, "id").map(|id| id.to_string()),
        time,
        kind: MessageKind::Unknown,
        text: format!("Something that Keepsake does not understand yet ({kind})"),
        details: Details { raw: Some(message.to_string()), ..Details::default() },
        ..NewMessage::default()
    })
}

/// Fields that a later version may understand.
fn unknown_fields(message: &Value) -> Option<String> {
    let fields = message.as_object()?.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str()));
    let unknown: Map<String, Value> =
        fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!unknown.is_empty()).then(|| Value::Object(unknown).to_string())
}

fn sender(message: &Value, around: &Around<'_>) -> Option<Participant> {
    let id = message.get("from_id").and_then(fields::peer);
    let name = text(message, "from").map(str::to_owned);
    let person = match (id, name) {
        (Some(key), name) => {
            Participant::new(key, name.unwrap_or_else(|| "Deleted account".into()))
        }
        (None, Some(name)) => Participant::new(format!("name:{}", name.to_lowercase()), name),
        (None, None) => return None,
    };
    // A full export names its owner; a chat between two names the other.
    let own = match (around.owner, around.other) {
        (Some(owner), _) => Some(person.key == owner),
        (None, Some(other)) => Some(person.key != other),
        (None, None) => None,
    };
    Some(person.with_own(own))
}

fn time(message: &Value) -> Option<Timestamp> {
    if let Some(seconds) = number_in(message, "date_unixtime") {
        let is_date = (0..LATEST).contains(&seconds);
        return is_date.then_some(Timestamp {
            ms: seconds * 1_000,
            precision: Precision::Second,
            zone: Zone::Utc,
        });
    }
    let ms = text(message, "date").and_then(local_ms)?;
    Some(Timestamp { ms, precision: Precision::Second, zone: Zone::Local })
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
    let utc = number_in(message, "edited_unixtime").map(|s| s.saturating_mul(1_000));
    let at =
        utc.or_else(|| text(message, "edited").and_then(local_ms)).filter(|ms| *ms > 86_400_000);
    (at.is_some(), at)
}

fn forwarded_from(message: &Value) -> Option<String> {
    let field = message.get("forwarded_from").or_else(|| message.get("saved_from"))?;
    Some(field.as_str().unwrap_or("Deleted account").to_owned())
}

/// Named reactions one by one, the rest as a count.
fn reactions(message: &Value) -> Vec<Reaction> {
    let mut all = Vec::new();
    for reaction in message.get("reactions").and_then(Value::as_array).into_iter().flatten() {
        let emoji = reaction_sign(reaction);
        let named: Vec<String> = reaction
            .get("recent")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|r| {
                text(r, "from").map(str::to_owned).or_else(|| fields::peer(r.get("from_id")?))
            })
            .collect();
        let count = number_in(reaction, "count").unwrap_or(0);
        let rest = count.saturating_sub(named.len() as i64);
        all.extend(named.into_iter().map(|name| Reaction {
            emoji: emoji.clone(),
            actor: Some(name),
            count: 1,
        }));
        if let Ok(count @ 1..) = u32::try_from(rest) {
            all.push(Reaction { emoji, actor: None, count });
        }
    }
    all
}

/// The emoji; a star for paid reactions; for custom ones their file, where the export has it.
fn reaction_sign(reaction: &Value) -> String {
    let kind = text(reaction, "type").unwrap_or_default();
    match (text(reaction, "emoji"), kind, text(reaction, "document_id")) {
        (Some(emoji), _, _) => emoji.to_owned(),
        (None, "paid", _) => "⭐".into(),
        (None, _, Some(file)) if !file.starts_with('(') => format!("custom emoji {file}"),
        (None, "custom_emoji", _) => "custom emoji".into(),
        (None, kind, _) => kind.replace('_', " "),
    }
}
