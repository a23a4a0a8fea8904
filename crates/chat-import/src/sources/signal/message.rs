//! A message of Signal's backup format.

use chat_archive::{
    Details, MessageKind, MissingReason, NewAttachment, NewMessage, Precision, Reaction, Sort,
    Timestamp, Wording, Zone,
};
use serde_json::{Map, Value};

use super::field;
use super::frame::{Recipients, number, text};
use super::update;
use crate::mime;

/// Fields of a message that are understood, or say nothing that a chat needs: how it was sent and
/// when it goes away.
const KNOWN: &[&str] = &[
    "chatId",
    "authorId",
    "dateSent",
    "expireStartDate",
    "expiresInMs",
    "revisions",
    "sms",
    "incoming",
    "outgoing",
    "directionless",
    "pinDetails",
    "standardMessage",
    "contactMessage",
    "stickerMessage",
    "remoteDeletedMessage",
    "updateMessage",
    "paymentNotification",
    "giftBadge",
    "viewOnceMessage",
    "directStoryReplyMessage",
    "poll",
];

/// Reads a message; `None` if it has no time.
pub(super) fn read(item: &Value, recipients: &Recipients) -> Option<NewMessage> {
    let sent = time(item.get("dateSent")?)?;
    let revisions: &[Value] =
        item.get("revisions").and_then(Value::as_array).map_or(&[], Vec::as_slice);
    // An edit has a time of its own; the message stands where it was first sent.
    let first = revisions.first().and_then(|r| time(r.get("dateSent")?)).unwrap_or(sent);
    let author = item.get("authorId").and_then(number);
    let mut message = NewMessage {
        sender: author.and_then(|id| recipients.person(id)),
        time: first,
        edited: !revisions.is_empty(),
        edited_at: (!revisions.is_empty()).then_some(sent.ms),
        details: Details { raw: unknown_fields(item), ..Details::default() },
        ..NewMessage::default()
    };
    fill(&mut message, item, recipients);
    if message.kind != MessageKind::System {
        message.source_id =
            message.sender.as_ref().map(|person| format!("{} {}", person.key, first.ms));
    }
    let wordings = revisions.iter().map(|revision| earlier(revision, recipients, first.ms));
    message.earlier = wordings.collect();
    Some(message)
}

fn fill(message: &mut NewMessage, item: &Value, recipients: &Recipients) {
    if let Some(standard) = field(item, "standardMessage") {
        self::standard(message, standard, recipients);
    } else if field(item, "remoteDeletedMessage").is_some() {
        message.unsent = true;
    } else if let Some(update) = field(item, "updateMessage") {
        message.kind = MessageKind::System;
        let (words, sort) = update::words(update, recipients);
        message.text = words;
        message.details.sort = sort;
    } else if let Some(sticker) = field(item, "stickerMessage") {
        let data = field(sticker, "sticker");
        message.text = data.and_then(|s| text(s, "emoji")).unwrap_or_default();
        message.attachments.push(file(data.and_then(|s| field(s, "data")), "image/webp"));
        message.reactions = reactions(sticker, recipients);
    } else if let Some(contact) = field(item, "contactMessage") {
        message.details.sort = Some(Sort::Contact);
        message.text = field(contact, "contact").map(contact_words).unwrap_or_default();
        message.reactions = reactions(contact, recipients);
    } else if let Some(once) = field(item, "viewOnceMessage") {
        message
            .attachments
            .push(file(field(once, "attachment").and_then(|a| field(a, "pointer")), ""));
        message.reactions = reactions(once, recipients);
    } else if let Some(poll) = field(item, "poll") {
        message.details.sort = Some(Sort::Poll);
        message.text = poll_words(poll);
        message.reactions = reactions(poll, recipients);
    } else if let Some(reply) = field(item, "directStoryReplyMessage") {
        let words = field(reply, "textReply").and_then(|r| words_of(field(r, "text")?, recipients));
        message.text = words.or_else(|| text(reply, "emoji")).unwrap_or_default();
        message.reactions = reactions(reply, recipients);
    } else if let Some(payment) = field(item, "paymentNotification") {
        let amount = text(payment, "amountMob").map(|mob| format!("{mob} MOB"));
        let parts = ["Payment".to_owned()].into_iter().chain(amount).chain(text(payment, "note"));
        message.text = parts.collect::<Vec<_>>().join(": ");
    } else if field(item, "giftBadge").is_some() {
        message.text = "Gift badge".into();
    } else {
        message.kind = MessageKind::Unknown;
        message.details.raw = Some(item.to_string());
    }
}

fn standard(message: &mut NewMessage, standard: &Value, recipients: &Recipients) {
    message.text =
        field(standard, "text").and_then(|t| words_of(t, recipients)).unwrap_or_default();
    let attachments = standard.get("attachments").and_then(Value::as_array).into_iter().flatten();
    message.attachments.extend(attachments.map(|a| file(field(a, "pointer"), "")));
    message
        .attachments
        .extend(field(standard, "longText").map(|pointer| file(Some(pointer), "text/plain")));
    message.reactions = reactions(standard, recipients);
    if let Some(quote) = field(standard, "quote") {
        let author = quote.get("authorId").and_then(number).and_then(|id| recipients.person(id));
        let at = quote.get("targetSentTimestamp").and_then(number);
        message.reply_to = author.zip(at).map(|(person, at)| format!("{} {at}", person.key));
    }
}

/// Words, with the names of those who are mentioned.
fn words_of(value: &Value, recipients: &Recipients) -> Option<String> {
    let body = text(value, "body")?;
    let ranges = value.get("bodyRanges").and_then(Value::as_array).into_iter().flatten();
    let mut mentions: Vec<(u64, &str)> = ranges
        .filter_map(|r| {
            Some((r.get("start").and_then(number).unwrap_or(0), r.get("mentionAci")?.as_str()?))
        })
        .collect();
    mentions.sort_unstable();
    // Each stands as an object replacement character.
    let mut mentions = mentions.into_iter();
    let mut words = String::with_capacity(body.len());
    for c in body.chars() {
        match (c, (c == '\u{fffc}').then(|| mentions.next()).flatten()) {
            (_, Some((_, account))) => {
                let name = recipients
                    .by_account(account)
                    .map_or_else(|| "somebody".into(), |person| person.name);
                words.push('@');
                words.push_str(&name);
            }
            (c, None) => words.push(c),
        }
    }
    Some(words)
}

fn earlier(revision: &Value, recipients: &Recipients, first: i64) -> Wording {
    let words =
        field(revision, "standardMessage").and_then(|s| words_of(field(s, "text")?, recipients));
    let at = revision.get("dateSent").and_then(time).map(|t| t.ms).filter(|ms| *ms != first);
    Wording { text: words.unwrap_or_default(), at }
}

fn time(value: &Value) -> Option<Timestamp> {
    let ms = i64::try_from(number(value)?).ok()?;
    // Until the year 2200.
    (0..7_258_118_400_000).contains(&ms).then_some(Timestamp {
        ms,
        precision: Precision::Millisecond,
        zone: Zone::Utc,
    })
}

fn reactions(value: &Value, recipients: &Recipients) -> Vec<Reaction> {
    let all = value.get("reactions").and_then(Value::as_array).into_iter().flatten();
    let read = |reaction: &Value| {
        let by = reaction.get("authorId").and_then(number).and_then(|id| recipients.person(id));
        Some(Reaction {
            emoji: text(reaction, "emoji")?,
            actor: by.map(|person| person.name),
            count: 1,
        })
    };
    all.filter_map(read).collect()
}

/// A file, which is found by the hash of its content or by its name.
fn file(pointer: Option<&Value>, mime: &str) -> NewAttachment {
    let name = pointer.and_then(|p| text(p, "fileName"));
    let given = pointer.and_then(|p| text(p, "contentType"));
    let hash = pointer
        .and_then(|p| text(p.get("locatorInfo")?, "plaintextHash"))
        .and_then(|hash| hex_of(&hash));
    let found: Vec<String> = hash.into_iter().chain(name.clone()).collect();
    let by_default = || Some(mime.to_owned()).filter(|mime| !mime.is_empty());
    NewAttachment {
        mime: given.or_else(|| mime::of_name(name.as_deref()?)).or_else(by_default),
        name,
        file: if found.is_empty() {
            Err(MissingReason::NotExported)
        } else {
            Ok(found.join(" / "))
        },
    }
}

/// Base64 as hexadecimal digits; what is no base64 of 32 bytes is taken for such digits.
fn hex_of(base64: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if base64.len() == 64 {
        return Some(base64.to_lowercase());
    }
    let mut bits = 0_u32;
    let mut held = 0;
    let mut hex = String::new();
    for byte in base64.trim_end_matches('=').bytes() {
        let plain = match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        bits = bits << 6 | u32::try_from(DIGITS.iter().position(|d| *d == plain)?).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            hex.push_str(&format!("{:02x}", bits >> held & 0xff));
        }
    }
    Some(hex)
}

fn contact_words(contact: &Value) -> String {
    let name = field(contact, "name");
    let parts =
        ["givenName", "middleName", "familyName"].into_iter().filter_map(|key| text(name?, key));
    let mut lines = vec![parts.collect::<Vec<_>>().join(" ")];
    lines.extend(text(contact, "organization"));
    for list in ["number", "email"] {
        let values = contact.get(list).and_then(Value::as_array).into_iter().flatten();
        lines.extend(values.filter_map(|value| text(value, "value")));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn poll_words(poll: &Value) -> String {
    let mut lines: Vec<String> = text(poll, "question").into_iter().collect();
    for option in poll.get("options").and_then(Value::as_array).into_iter().flatten() {
        let votes = option.get("votes").and_then(Value::as_array).map_or(0, Vec::len);
        lines.push(format!("- {} ({votes})", text(option, "option").unwrap_or_default()));
    }
    lines.join("\n")
}

fn unknown_fields(item: &Value) -> Option<String> {
    let fields = item
        .as_object()?
        .iter()
        .filter(|(key, value)| !KNOWN.contains(&key.as_str()) && !value.is_null());
    let unknown: Map<String, Value> =
        fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!unknown.is_empty()).then(|| Value::Object(unknown).to_string())
}
