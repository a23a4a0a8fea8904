//! How two accounts of the same message become one. Pure; merging twice changes nothing.

use crate::{
    Attachment, AttachmentContent, Details, MessageKind, MessageRecord, Precision, Reaction,
    Timestamp, Wording, Zone,
};

/// Takes into `known` whatever `other` knows more. Nothing known is lost: the newer edit's text
/// wins and earlier wordings are listed, a withdrawn message keeps its words, missing files are
/// filled in, reactions add up.
pub(crate) fn merge(known: &mut MessageRecord, other: &MessageRecord) {
    if known.kind != MessageKind::Unknown && other.kind != MessageKind::Unknown {
        merge_wordings(known, other);
    }
    merge_time(known, other);
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
    merge_details(&mut known.details, &other.details);
    merge_kind(known, other);
}

/// Whether `a` and `b` are the same file of one message. `b` without a name and without content
/// says only "there was a file".
pub(crate) fn same_attachment(a: &Attachment, b: &Attachment) -> bool {
    match (a.content.hash(), b.content.hash()) {
        (Some(x), Some(y)) => x == y,
        _ => match (&a.name, &b.name) {
            (Some(x), Some(y)) => x.eq_ignore_ascii_case(y),
            _ => a.content.hash().is_none() || b.content.hash().is_none(),
        },
    }
}

/// The newest wording is the text; all others are listed. In whichever order accounts come, the
/// result is the same.
fn merge_wordings(known: &mut MessageRecord, other: &MessageRecord) {
    let mut earlier = std::mem::take(&mut known.earlier);
    earlier.extend(other.earlier.iter().cloned());
    let loser = match () {
        () if other.text.is_empty() || other.text == known.text => None,
        () if known.text.is_empty() => {
            known.text.clone_from(&other.text);
            None
        }
        // The messenger says the same in another language.
        () if known.kind == MessageKind::System => None,
        () if newness(other) > newness(known) => {
            let text = std::mem::replace(&mut known.text, other.text.clone());
            Some(Wording { text, at: known.edited_at })
        }
        () => Some(Wording { text: other.text.clone(), at: other.edited_at }),
    };
    earlier.extend(loser);
    known.earlier = earlier;
    tidy_wordings(known);
}

/// Of two wordings, neither of which says when it was made, the edited one is the newer.
fn newness(message: &MessageRecord) -> (Option<i64>, bool, usize, &str) {
    (message.edited_at, message.edited, message.text.len(), &message.text)
}

/// Each wording once, with its time if any account knows it; the text itself is none of them.
fn tidy_wordings(message: &mut MessageRecord) {
    let mut earlier = std::mem::take(&mut message.earlier);
    earlier.retain(|w| w.text != message.text && !w.text.is_empty());
    earlier.sort_by(|a, b| (&a.text, b.at).cmp(&(&b.text, a.at)));
    earlier.dedup_by(|later, first| later.text == first.text);
    earlier.sort_by(|a, b| (a.at, &a.text).cmp(&(b.at, &b.text)));
    message.earlier = earlier;
}

fn merge_details(known: &mut Details, other: &Details) {
    known.sort = known.sort.or(other.sort);
    fill(&mut known.via, &other.via);
    fill(&mut known.signature, &other.signature);
    fill(&mut known.topic, &other.topic);
    fill(&mut known.reply_chat, &other.reply_chat);
}

/// A later version understood what an earlier one could not.
fn merge_kind(known: &mut MessageRecord, other: &MessageRecord) {
    match (known.kind, other.kind) {
        (MessageKind::Unknown, kind) if kind != MessageKind::Unknown => {
            known.kind = kind;
            known.text.clone_from(&other.text);
            known.details.raw = None;
        }
        (MessageKind::Text, _) if !known.attachments.is_empty() => known.kind = MessageKind::Media,
        _ => {}
    }
}

/// A more precise time moves no message past its neighbours; a known zone, which all of them get,
/// does.
fn merge_time(known: &mut MessageRecord, other: &MessageRecord) {
    if !knows_better(&other.time, &known.time) {
        return;
    }
    let order = known.sorting_ms();
    let same_zone = known.time.zone == other.time.zone;
    known.time = other.time;
    known.order =
        if same_zone { Some(order).filter(|order| *order != known.time.ms) } else { other.order };
}

/// Whether `a` says more of the same moment.
pub(crate) fn knows_better(a: &Timestamp, b: &Timestamp) -> bool {
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
    if let (AttachmentContent::Missing { .. }, AttachmentContent::Present { .. }) =
        (same.content, other.content)
    {
        same.content = other.content;
        if other.name.is_some() {
            same.name.clone_from(&other.name);
        }
    }
    fill(&mut same.name, &other.name);
    fill(&mut same.mime, &other.mime);
}
