//! A message in words, for pages on paper.

use super::media_sum::MediaSum;
use crate::chats::attachment::missing_reason;
use chat_archive::{
    Attachment, AttachmentContent, MediaHash, MessageKind, MessageView, Precision, Timestamp,
    readable,
};
use std::collections::HashMap;

/// `17 · 2024-03-09 17:05 · Ada`, and for a transcript the id.
pub(crate) fn heading(place: u64, message: &MessageView, with_id: bool) -> String {
    let time = readable(&message.record.time);
    let who = match &message.sender {
        Some(person) if person.name.is_empty() => isolated(&person.key),
        Some(person) => isolated(&person.name),
        None => "(the messenger)".into(),
    };
    let id = match &message.record.source_id {
        _ if !with_id => String::new(),
        Some(id) => format!(" · id {}", isolated(id)),
        None => format!(" · key {:?}", message.record.key),
    };
    // A mark from left to right (UAX #9): whatever the name, the number comes first.
    format!("\u{200e}{place} · {time} · {who}{id}")
}

/// In one line, between isolates (UAX #9): it cannot turn around what stands beside it.
pub(crate) fn isolated(name: &str) -> String {
    format!(
        "\u{2068}{}\u{2069}",
        name.replace(['\n', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], " ")
    )
}

/// What was written, if anything.
pub(crate) fn body(message: &MessageView) -> Option<&str> {
    Some(message.record.text.as_str()).filter(|words| !words.is_empty())
}

/// What is told beside the words.
pub(crate) fn beside(message: &MessageView) -> Vec<String> {
    let record = &message.record;
    let mut lines = Vec::new();
    if let Some(from) = &record.forwarded_from {
        lines.push(if from.is_empty() {
            "Forwarded".into()
        } else {
            format!("Forwarded from {from}")
        });
    }
    lines.extend(record.details.via.iter().map(|via| format!("Written by way of {via}")));
    lines.extend(record.details.signature.iter().map(|who| format!("Signed {who}")));
    lines.extend(record.details.topic.iter().map(|topic| format!("In the topic {topic}")));
    lines.extend(
        record.details.reply_chat.iter().map(|chat| format!("In answer to a message in {chat}")),
    );
    if record.unsent {
        lines.push("Deleted by its sender".into());
    }
    if record.edited {
        lines.push(edited(record.edited_at, record.time));
    }
    lines.extend(record.earlier.iter().map(|wording| format!("Earlier wording: {}", wording.text)));
    let reactions = record.reactions.iter().map(|r| match &r.actor {
        Some(actor) => format!("{} {actor}", r.emoji),
        None => format!("{} × {}", r.emoji, r.count),
    });
    let reactions: Vec<String> = reactions.collect();
    if !reactions.is_empty() {
        lines.push(format!("Reactions: {}", reactions.join(", ")));
    }
    if record.kind == MessageKind::Unknown {
        lines
            .push("Of a kind that was not understood; its raw form stands in messages.json".into());
    }
    lines
}

fn edited(at: Option<i64>, sent: Timestamp) -> String {
    match at {
        Some(ms) => {
            format!("Edited {}", readable(&Timestamp { ms, precision: Precision::Second, ..sent }))
        }
        None => "Edited".into(),
    }
}

/// A line for each file.
pub(crate) fn about_files(
    message: &MessageView,
    media: Option<&HashMap<MediaHash, MediaSum>>,
) -> Vec<String> {
    message.record.attachments.iter().map(|file| about_file(file, media)).collect()
}

fn about_file(file: &Attachment, media: Option<&HashMap<MediaHash, MediaSum>>) -> String {
    let name = file.name.as_deref().unwrap_or("without a name");
    let mime = file.mime.as_deref().map(|mime| format!(", {mime}")).unwrap_or_default();
    match file.content {
        AttachmentContent::Missing { reason } => {
            format!("File {name}{mime}, missing: {}", missing_reason(reason))
        }
        AttachmentContent::Present { hash, size } => {
            let sum = media.and_then(|media| media.get(&hash));
            let sum = sum
                .map(|sum| format!(", {}\nSHA-256 {}", sum.path, sum.sha256))
                .unwrap_or_default();
            format!("File {name}{mime}, {size} bytes{sum}")
        }
    }
}
