//! How two accounts of the same message become one. Pure; merging twice changes nothing.

use crate::{Attachment, AttachmentContent, MessageKind, MessageRecord, Precision, Reaction, Timestamp, Zone};

/// Takes into `known` whatever `other` knows more. Nothing known is lost: the newer edit's text
/// wins, a withdrawn message keeps its words, missing files are filled in, reactions add up.
pub fn merge(known: &mut MessageRecord, other: &MessageRecord) {
    merge_text(known, other);
    if knows_better(&other.time, &known.time) {
        known.time = other.time;
    }
    known.edited |= other.edited;
    known.edited_at = known.edited_at.max(other.edited_at);
    known.unsent |= other.unsent;
    fill(&mut known.sender, &other.sender);
    fill(&mut known.source_id, &other.source_id);
    fill(&mut known.reply_to, &other.reply_to);
    fill(&mut known.forwarded_from, &other.forwarded_from);
    for reaction in &other.reactions {
        merge_reaction(&mut known.reactions, reaction);
    }
    for attachment in &other.attachments {
        merge_attachment(&mut known.attachments, attachment);
    }
    if known.kind == MessageKind::Text && !known.attachments.is_empty() {
        known.kind = MessageKind::Media;
    }
}

/// Whether `a` and `b` are the same file of one message. `b` without a name and without content
/// says only "there was a file".
pub fn same_attachment(a: &Attachment, b: &Attachment) -> bool {
    match (a.content.hash(), b.content.hash()) {
        (Some(x), Some(y)) => x == y,
        _ => match (&a.name, &b.name) {
            (Some(x), Some(y)) => x.eq_ignore_ascii_case(y),
            _ => a.content.hash().is_none() || b.content.hash().is_none(),
        },
    }
}

fn merge_text(known: &mut MessageRecord, other: &MessageRecord) {
    let newer = other.edited_at > known.edited_at && !other.text.is_empty();
    if newer || known.text.is_empty() {
        known.text.clone_from(&other.text);
    }
}

fn knows_better(a: &Timestamp, b: &Timestamp) -> bool {
    let rank = |t: &Timestamp| {
        let precision = match t.precision {
            Precision::Minute => 0,
            Precision::Second => 1,
            Precision::Millisecond => 2,
        };
        (t.zone == Zone::Utc, precision)
    };
    rank(a) > rank(b)
}

fn fill(known: &mut Option<String>, other: &Option<String>) {
    if known.is_none() {
        known.clone_from(other);
    }
}

fn merge_reaction(known: &mut Vec<Reaction>, other: &Reaction) {
    let same = known.iter_mut().find(|k| k.emoji == other.emoji && k.actor == other.actor);
    match same {
        Some(k) => k.count = k.count.max(other.count),
        None => known.push(other.clone()),
    }
}

fn merge_attachment(known: &mut Vec<Attachment>, other: &Attachment) {
    let Some(same) = known.iter_mut().find(|k| same_attachment(k, other)) else {
        known.push(other.clone());
        return;
    };
    if let (AttachmentContent::Missing { .. }, AttachmentContent::Present { .. }) = (same.content, other.content) {
        same.content = other.content;
        if other.name.is_some() {
            same.name.clone_from(&other.name);
        }
    }
    fill(&mut same.name, &other.name);
    fill(&mut same.mime, &other.mime);
}
