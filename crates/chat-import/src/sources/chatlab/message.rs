//! A message of ChatLab's format.

use std::collections::HashSet;

use chat_archive::{
    Details, MessageKind, MissingReason, NewAttachment, NewMessage, Precision, Sort, Timestamp,
    Zone,
};
use serde_json::{Map, Value};

use super::document::{Outline, id, name};
use crate::export_files::{base_name, same_name};
use crate::mime;

/// Fields that are understood.
const KNOWN: &[&str] = &[
    "sender",
    "accountName",
    "groupNickname",
    "timestamp",
    "type",
    "content",
    "platformMessageId",
    "replyToMessageId",
];

/// Sorts of files: their number, and the media type if the name gives none.
const FILES: &[(i64, &str)] =
    &[(1, "image/jpeg"), (2, "audio/ogg"), (3, "video/mp4"), (4, ""), (5, "image/webp")];

const CALL: i64 = 23;
const LOCATION: i64 = 8;
const FORWARD: i64 = 26;
const CONTACT: i64 = 27;
const SYSTEM: i64 = 80;
const RECALL: i64 = 81;
/// Words of some sort: text, link, red packet, transfer, poke, share, reply.
const WORDS: &[i64] = &[0, 7, 20, 21, 22, 24, 25];

/// Reads a message; `None` if it has no time. `names` are the files beside the document.
pub(super) fn read(
    value: &Value,
    outline: &Outline,
    names: &HashSet<String>,
) -> Option<NewMessage> {
    let seconds = value.get("timestamp").and_then(number)?;
    // Until the year 2200; what is larger is in milliseconds, as some converters write.
    let ms = if seconds < 7_258_118_400.0 { seconds * 1_000.0 } else { seconds };
    #[expect(clippy::cast_possible_truncation, reason = "a time in milliseconds is far below 2^53")]
    let ms = (0.0..7_258_118_400_000.0).contains(&ms).then_some(ms.round() as i64)?;
    let precision = if ms % 1_000 == 0 { Precision::Second } else { Precision::Millisecond };
    let sort = value.get("type").and_then(Value::as_i64);
    let words = value.get("content").and_then(Value::as_str).unwrap_or_default();
    let sender = value.get("sender").and_then(id);
    let named = |key: &String| name(value).or_else(|| Some(outline.people.get(key)?.name.clone()));
    let mut message = NewMessage {
        source_id: value.get("platformMessageId").and_then(id),
        sender: sender
            .map(|key| outline.participant(&key, &named(&key).unwrap_or_else(|| key.clone()))),
        time: Timestamp { ms, precision, zone: Zone::Utc },
        text: words.to_owned(),
        reply_to: value.get("replyToMessageId").and_then(id),
        details: Details { raw: unknown_fields(value), ..Details::default() },
        ..NewMessage::default()
    };
    match sort {
        Some(sort) if WORDS.contains(&sort) => {}
        Some(CALL) => message.details.sort = Some(Sort::Call),
        Some(LOCATION) => message.details.sort = Some(Sort::Location),
        Some(CONTACT) => message.details.sort = Some(Sort::Contact),
        Some(FORWARD) => message.forwarded_from = Some(String::new()),
        Some(RECALL) => message.unsent = true,
        Some(SYSTEM) => message.kind = MessageKind::System,
        Some(sort) if FILES.iter().any(|(file, _)| *file == sort) => {
            add_file(&mut message, sort, names)
        }
        _ => {
            message.kind = MessageKind::Unknown;
            message.details.raw = Some(value.to_string());
        }
    }
    Some(message)
}

/// The format has no field for a file; converters write its name or path as the content.
fn add_file(message: &mut NewMessage, sort: i64, names: &HashSet<String>) {
    let path = message.text.trim().replace('\\', "/");
    let base = base_name(&path);
    if names.contains(&same_name(base)) && !base.is_empty() {
        message.attachments.push(NewAttachment {
            name: Some(base.to_owned()),
            mime: mime::of_name(base),
            file: Ok(path.clone()),
        });
        message.text.clear();
        return;
    }
    let mime = FILES
        .iter()
        .find(|(file, mime)| *file == sort && !mime.is_empty())
        .map(|(_, mime)| (*mime).to_owned());
    message.attachments.push(NewAttachment {
        name: None,
        mime,
        file: Err(MissingReason::NotExported),
    });
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn unknown_fields(value: &Value) -> Option<String> {
    let fields = value
        .as_object()?
        .iter()
        .filter(|(key, value)| !KNOWN.contains(&key.as_str()) && !value.is_null());
    let unknown: Map<String, Value> =
        fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!unknown.is_empty()).then(|| Value::Object(unknown).to_string())
}
