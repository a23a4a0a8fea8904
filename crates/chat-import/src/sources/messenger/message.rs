//! One message of a download from Messenger.

use chat_archive::{
    Details, MessageKind, NewAttachment, NewMessage, Precision, Reaction, Sort, Timestamp, Zone,
};
use serde_json::{Map, Value};

use super::person;
use super::text::{mended, text};
use crate::export_files::base_name;
use crate::export_files::limits::MAX_JSON_MESSAGE;
use crate::json::{self, Cut};
use crate::mime;

/// Which download a message is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// "Download your information".
    Download,
    /// Of end-to-end encrypted chats.
    Encrypted,
}

/// Fields that are understood, or say nothing that a chat needs.
const KNOWN: &[&str] = &[
    "sender_name",
    "timestamp_ms",
    "content",
    "photos",
    "videos",
    "audio_files",
    "gifs",
    "files",
    "sticker",
    "share",
    "reactions",
    "is_unsent",
    "is_geoblocked_for_viewer",
    "is_unsent_image_by_messenger_kid_parent",
    "call_duration",
    "missed",
    "type",
    "ip",
    "users",
    "bumped_message_metadata",
    "is_taken_down",
    "senderName",
    "text",
    "timestamp",
    "media",
    "isUnsent",
];

/// Lists of files in a download.
const FILES: &[&str] = &["photos", "videos", "audio_files", "gifs", "files"];

/// Reads a message; what cannot be read is given back with its kind.
pub(super) fn read(
    cut: Cut,
    form: Form,
    owner: Option<&str>,
) -> Result<NewMessage, (&'static str, Vec<u8>)> {
    if cut.is_cut_off {
        return Err(("message at the end of a file that is cut off", cut.bytes));
    }
    if cut.bytes.len() > MAX_JSON_MESSAGE {
        return Err(("message of more than 1 MiB", cut.bytes));
    }
    let message = json::parse(&cut.bytes).and_then(|value| match form {
        Form::Download => download(&value, owner),
        Form::Encrypted => encrypted(&value, owner),
    });
    message.ok_or(("message that is no JSON, or has no time", cut.bytes))
}

fn download(value: &Value, owner: Option<&str>) -> Option<NewMessage> {
    let time = time(value.get("timestamp_ms")?)?;
    let name = text(value, "sender_name");
    let call = value.get("call_duration").and_then(Value::as_i64);
    let mut parts: Vec<String> = text(value, "content").into_iter().collect();
    if let Some(share) = value.get("share") {
        let linked = ["share_text", "link"].into_iter().filter_map(|key| text(share, key));
        parts.extend(
            linked
                .filter(|words| !parts.iter().any(|p| p.contains(words.as_str())))
                .collect::<Vec<_>>(),
        );
    }
    if let Some(seconds) = call {
        parts.push(format!("Call: {seconds} seconds"));
    }
    let unsent = value.get("is_unsent").and_then(Value::as_bool).unwrap_or(false);
    Some(NewMessage {
        sender: name.map(|name| person(&name, owner)),
        time,
        kind: if is_system(value) { MessageKind::System } else { MessageKind::Text },
        text: parts.join("\n"),
        unsent,
        reactions: reactions(value),
        attachments: attachments(value),
        details: Details {
            sort: call.map(|_| Sort::Call),
            raw: unknown_fields(value),
            ..Details::default()
        },
        ..NewMessage::default()
    })
}

fn encrypted(value: &Value, owner: Option<&str>) -> Option<NewMessage> {
    let time = time(value.get("timestamp")?)?;
    let unsent = value.get("isUnsent").and_then(Value::as_bool).unwrap_or(false);
    let words = text(value, "text").filter(|_| !unsent).unwrap_or_default();
    let files = value.get("media").and_then(Value::as_array).into_iter().flatten();
    Some(NewMessage {
        sender: text(value, "senderName").map(|name| person(&name, owner)),
        time,
        text: words,
        unsent,
        reactions: reactions(value),
        attachments: files
            .filter_map(|file| text(file, "uri"))
            .map(|uri| attachment(&uri))
            .collect(),
        details: Details { raw: unknown_fields(value), ..Details::default() },
        ..NewMessage::default()
    })
}

fn time(value: &Value) -> Option<Timestamp> {
    let ms = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    // Until the year 2200.
    (0..7_258_118_400_000).contains(&ms).then_some(Timestamp {
        ms,
        precision: Precision::Millisecond,
        zone: Zone::Utc,
    })
}

/// `Subscribe`, `Unsubscribe`: somebody was added, or left.
fn is_system(value: &Value) -> bool {
    matches!(value.get("type").and_then(Value::as_str), Some("Subscribe" | "Unsubscribe"))
}

fn reactions(value: &Value) -> Vec<Reaction> {
    let all = value.get("reactions").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|r| {
        Some(Reaction { emoji: text(r, "reaction")?, actor: text(r, "actor"), count: 1 })
    })
    .collect()
}

fn attachments(value: &Value) -> Vec<NewAttachment> {
    let lists = FILES.iter().filter_map(|key| value.get(*key)?.as_array()).flatten();
    let all = lists.chain(value.get("sticker"));
    all.filter_map(|file| file.get("uri")?.as_str().map(mended))
        .map(|uri| attachment(&uri))
        .collect()
}

fn attachment(uri: &str) -> NewAttachment {
    let name = base_name(uri).to_owned();
    NewAttachment { mime: mime::of_name(&name), name: Some(name), file: Ok(uri.to_owned()) }
}

fn unknown_fields(value: &Value) -> Option<String> {
    let fields = value.as_object()?.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str()));
    let unknown: Map<String, Value> =
        fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!unknown.is_empty()).then(|| Value::Object(unknown).to_string())
}
