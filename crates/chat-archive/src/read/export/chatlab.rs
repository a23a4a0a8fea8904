//! ChatLab's interchange format, version 0.0.2, a line per message.

use std::io::{self, Write};

use serde_json::json;

use super::FileNames;
use crate::{ConversationKind, ConversationSummary, MessageKind, MessageView, Participant, Sort};

/// The line that says what follows, and one for each person.
pub(super) fn head(summary: &ConversationSummary, out: &mut dyn Write) -> io::Result<()> {
    let is_group = summary.kind == ConversationKind::Group;
    let owner = summary.participants.iter().find(|p| p.own == Some(true)).map(|p| &p.key);
    // The format asks for the time of writing; the archive has no clock, the newest message has
    // one.
    let as_of = summary.last.as_ref().map_or(0, |last| last.time.ms.div_euclid(1_000));
    let head = json!({
        "_type": "header",
        "chatlab": { "version": "0.0.2", "exportedAt": as_of, "generator": "Keepsake" },
        "meta": {
            "name": summary.title, "platform": summary.source, "type": if is_group { "group" } else { "private" },
            "groupId": is_group.then_some(&summary.key), "ownerId": owner,
        },
    });
    writeln!(out, "{}", without_null(head))?;
    for person in &summary.participants {
        let line =
            json!({ "_type": "member", "platformId": person.key, "accountName": name(person) });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// A message.
pub(super) fn message(
    message: &MessageView,
    names: FileNames<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let record = &message.record;
    let file = record.attachments.first();
    let mime = file.and_then(|a| a.mime.as_deref()).unwrap_or_default();
    let kind = match (record.kind, record.details.sort) {
        (MessageKind::System, _) => 80,
        _ if record.unsent => 81,
        (MessageKind::Unknown, _) => 99,
        (_, Some(Sort::Location)) => 8,
        (_, Some(Sort::Call)) => 23,
        (_, Some(Sort::Contact)) => 27,
        (MessageKind::Media, _) if mime.starts_with("image/") => 1,
        (MessageKind::Media, _) if mime.starts_with("audio/") => 2,
        (MessageKind::Media, _) if mime.starts_with("video/") => 3,
        (MessageKind::Media, _) => 4,
        _ if record.forwarded_from.is_some() => 26,
        _ if record.reply_to.is_some() => 25,
        _ => 0,
    };
    let paths = record.attachments.iter().filter_map(names);
    let words = Some(record.text.clone()).filter(|words| !words.is_empty());
    let content: Vec<String> = paths.chain(words).collect();
    let sender = message.sender.as_ref();
    let line = json!({
        "_type": "message",
        "platformMessageId": record.source_id,
        "sender": sender.map_or("system", |person| person.key.as_str()),
        "accountName": sender.map_or("system", name),
        "timestamp": record.time.ms.div_euclid(1_000),
        "type": kind,
        "replyToMessageId": record.reply_to,
    });
    let mut line = without_null(line);
    line["content"] =
        if content.is_empty() { serde_json::Value::Null } else { content.join("\n").into() };
    writeln!(out, "{line}")
}

fn name(person: &Participant) -> &str {
    if person.name.is_empty() { &person.key } else { &person.name }
}

/// The format leaves out what is not known.
fn without_null(mut value: serde_json::Value) -> serde_json::Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, field| !field.is_null());
        for field in fields.values_mut() {
            *field = without_null(field.take());
        }
    }
    value
}
