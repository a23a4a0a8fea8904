//! Which known message a message of an export is. Pure.

use super::NewMessage;
use crate::identity::ContentBase;
use crate::merge::same_attachment;
use crate::{Attachment, AttachmentContent, MessageKey, MessageKind, MessageRecord, MissingReason};

/// The record of a message, its files not looked at yet.
pub fn as_record(new: NewMessage) -> MessageRecord {
    let kind = match (new.kind, new.attachments.is_empty()) {
        (MessageKind::System, _) => MessageKind::System,
        (_, false) => MessageKind::Media,
        (_, true) => MessageKind::Text,
    };
    let attachments = new.attachments.into_iter().map(|a| Attachment {
        name: a.name,
        mime: a.mime,
        content: AttachmentContent::Missing { reason: a.file.err().unwrap_or(MissingReason::FileNotFound) },
    });
    MessageRecord {
        key: new.source_id.as_deref().map_or(MessageKey([0; 20]), MessageKey::of_source_id),
        source_id: new.source_id,
        sender: new.sender.map(|p| p.key),
        time: new.time,
        tie: 0,
        kind,
        text: new.text,
        reply_to: new.reply_to,
        forwarded_from: new.forwarded_from,
        edited: new.edited,
        edited_at: new.edited_at,
        unsent: new.unsent,
        reactions: new.reactions,
        attachments: attachments.collect(),
    }
}

/// What tells an unnumbered message from others.
pub fn content_base(record: &MessageRecord) -> ContentBase {
    let sender = record.sender.as_deref().unwrap_or_default();
    let first_name = record.attachments.first().map(|a| a.name.as_deref().unwrap_or_default());
    match first_name {
        Some(name) => ContentBase::new(sender, &record.time, "media", &name.to_lowercase()),
        None if record.unsent => ContentBase::new(sender, &record.time, "unsent", ""),
        None => ContentBase::new(sender, &record.time, record.kind.as_str(), &record.text),
    }
}

/// A file of the same name.
pub fn matches_by_name(known: &MessageRecord, other: &MessageRecord) -> bool {
    other.attachments.iter().any(|b| b.name.is_some() && known.attachments.iter().any(|a| a.name == b.name))
}

/// The same content under another name, or one of the two does not say which file it was.
pub fn matches_loosely(known: &MessageRecord, other: &MessageRecord) -> bool {
    let same = other.attachments.iter().any(|b| known.attachments.iter().any(|a| same_attachment(a, b)));
    let same_hash = other
        .attachments
        .iter()
        .any(|b| b.content.hash().is_some() && known.attachments.iter().any(|a| a.content.hash() == b.content.hash()));
    same_hash || (same && known.text == other.text)
}

/// The place of the next message among those of its time.
pub fn next_tie(last: Option<(i64, i64)>, ms: i64) -> i64 {
    match last {
        Some((last_ms, tie)) if last_ms == ms => tie.saturating_add(1),
        _ => 0,
    }
}
