//! Which known message a message of an export is. Pure.

use super::NewMessage;
use crate::identity::ContentBase;
use crate::merge::same_attachment;
use crate::{Attachment, AttachmentContent, MessageKey, MessageKind, MessageRecord, MissingReason};

/// The record of a message, its files not looked at yet.
pub fn as_record(new: NewMessage) -> MessageRecord {
    let kind = match (new.kind, new.attachments.is_empty()) {
        (MessageKind::Text, false) => MessageKind::Media,
        (MessageKind::Media, true) => MessageKind::Text,
        (kind, _) => kind,
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
        order: None,
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
        earlier: new.earlier,
        details: new.details,
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

/// Pairs the messages of one minute in an export with the known ones of that minute: for each new
/// one, the number of the known one that it is. The surest likeness first; each is paired once.
pub fn pair(known: &[MessageRecord], new: &[MessageRecord]) -> Vec<Option<usize>> {
    let likenesses: [fn(&MessageRecord, &MessageRecord) -> bool; 5] =
        [is_equal, matches_by_name, matches_loosely, is_other_wording, is_taken_back];
    let mut pairs = vec![None; new.len()];
    let mut taken = vec![false; known.len()];
    for alike in likenesses {
        for (n, message) in new.iter().enumerate().filter(|(n, _)| pairs[*n].is_none()).collect::<Vec<_>>() {
            let found = (0..known.len())
                .find(|k| !taken[*k] && known[*k].sender == message.sender && alike(&known[*k], message));
            if let Some(k) = found {
                taken[k] = true;
                pairs[n] = Some(k);
            }
        }
    }
    pairs
}

/// The same words or the same files. What sort of message it is does not count: a later version
/// may understand more of the same export.
fn is_equal(known: &MessageRecord, new: &MessageRecord) -> bool {
    match (known.attachments.is_empty(), new.attachments.is_empty()) {
        (true, true) => known.unsent == new.unsent && (new.unsent || known.text == new.text),
        (false, false) => known.attachments.iter().all(|a| a.name.is_some()) && names(known).eq(names(new)),
        _ => false,
    }
}

fn names(message: &MessageRecord) -> impl Iterator<Item = Option<String>> {
    message.attachments.iter().map(|a| a.name.as_deref().map(str::to_lowercase))
}

/// A file of the same name.
pub fn matches_by_name(known: &MessageRecord, other: &MessageRecord) -> bool {
    other.attachments.iter().any(|b| b.name.is_some() && known.attachments.iter().any(|a| a.name == b.name))
}

/// The same content under another name, or one of the two does not say which file it was.
pub fn matches_loosely(known: &MessageRecord, other: &MessageRecord) -> bool {
    let same = other.attachments.iter().any(|b| known.attachments.iter().any(|a| same_attachment(a, b)));
    matches_by_content(known, other) || (same && known.text == other.text)
}

/// A file of the same content.
pub fn matches_by_content(known: &MessageRecord, other: &MessageRecord) -> bool {
    other
        .attachments
        .iter()
        .any(|b| b.content.hash().is_some() && known.attachments.iter().any(|a| a.content.hash() == b.content.hash()))
}

/// Edited between the two exports.
fn is_other_wording(known: &MessageRecord, new: &MessageRecord) -> bool {
    let is_text = |m: &MessageRecord| m.kind == MessageKind::Text && !m.unsent;
    is_text(known) && is_text(new) && (known.edited || new.edited)
}

/// Taken back between the two exports.
fn is_taken_back(known: &MessageRecord, new: &MessageRecord) -> bool {
    known.unsent != new.unsent && known.kind != MessageKind::System && new.kind != MessageKind::System
}
