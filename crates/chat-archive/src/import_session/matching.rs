//! Which known message a message of an export is. Pure.

use super::NewMessage;
use crate::identity::ContentBase;
use crate::merge::same_attachment;
use crate::{Attachment, AttachmentContent, MessageKey, MessageKind, MessageRecord, MissingReason};

/// The record of a message, its files not looked at yet.
pub(crate) fn as_record(new: NewMessage) -> MessageRecord {
    let kind = match (new.kind, new.attachments.is_empty()) {
        (MessageKind::Text, false) => MessageKind::Media,
        (MessageKind::Media, true) => MessageKind::Text,
        (kind, _) => kind,
    };
    let attachments = new.attachments.into_iter().map(|a| Attachment {
        name: a.name,
        mime: a.mime,
        content: AttachmentContent::Missing {
            reason: a.file.err().unwrap_or(MissingReason::FileNotFound),
        },
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
pub(crate) fn content_base(record: &MessageRecord) -> ContentBase {
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
pub(crate) fn pair(known: &[MessageRecord], new: &[MessageRecord]) -> Vec<Option<usize>> {
    let mut pairing =
        Pairing { known, new, pairs: vec![None; new.len()], taken: vec![false; known.len()] };
    for alike in [is_equal, matches_by_name, matches_loosely] {
        pairing.in_order(alike);
    }
    pairing.by_wording();
    // What is left of a person reads otherwise in one of the two, and stands in the same order.
    pairing.in_order(|known, new| is_other_wording(known, new) || is_taken_back(known, new));
    pairing.pairs
}

struct Pairing<'a> {
    known: &'a [MessageRecord],
    new: &'a [MessageRecord],
    pairs: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairing<'_> {
    fn in_order(&mut self, alike: fn(&MessageRecord, &MessageRecord) -> bool) {
        for (n, message) in self.new.iter().enumerate() {
            let fits = |k: &usize| {
                !self.taken[*k]
                    && self.known[*k].sender == message.sender
                    && alike(&self.known[*k], message)
            };
            if self.pairs[n].is_none()
                && let Some(k) = (0..self.known.len()).find(fits)
            {
                self.taken[k] = true;
                self.pairs[n] = Some(k);
            }
        }
    }

    /// An edit leaves most of the words as they were: the most alike first.
    fn by_wording(&mut self) {
        let mut alike: Vec<(usize, usize, usize)> = Vec::new();
        for (n, new) in self.new.iter().enumerate().filter(|(n, _)| self.pairs[*n].is_none()) {
            for (k, known) in self.known.iter().enumerate().filter(|(k, _)| !self.taken[*k]) {
                if known.sender == new.sender && is_other_wording(known, new) {
                    alike.extend(share_of_words(&known.text, &new.text).map(|share| (share, n, k)));
                }
            }
        }
        alike.sort_by_key(|(share, n, k)| (std::cmp::Reverse(*share), *n, *k));
        for (_, n, k) in alike {
            if self.pairs[n].is_none() && !self.taken[k] {
                self.taken[k] = true;
                self.pairs[n] = Some(k);
            }
        }
    }
}

/// Letters that are compared of two wordings.
const COMPARED: usize = 256;

/// What two wordings have in common at their beginnings and ends, in hundredths of the shorter one;
/// `None` if it is less than half.
fn share_of_words(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(COMPARED).collect(), b.chars().take(COMPARED).collect());
    let shorter = a.len().min(b.len());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let share = ((start + end).min(shorter) * 100).checked_div(shorter)?;
    (share >= 50).then_some(share)
}

/// The same words or the same files. What sort of message it is does not count: a later version
/// may understand more of the same export.
fn is_equal(known: &MessageRecord, new: &MessageRecord) -> bool {
    match (known.attachments.is_empty(), new.attachments.is_empty()) {
        (true, true) => known.unsent == new.unsent && (new.unsent || known.text == new.text),
        (false, false) => {
            known.attachments.iter().all(|a| a.name.is_some()) && names(known).eq(names(new))
        }
        _ => false,
    }
}

fn names(message: &MessageRecord) -> impl Iterator<Item = Option<String>> {
    message.attachments.iter().map(|a| a.name.as_deref().map(str::to_lowercase))
}

/// A file of the same name.
pub(crate) fn matches_by_name(known: &MessageRecord, other: &MessageRecord) -> bool {
    other
        .attachments
        .iter()
        .any(|b| b.name.is_some() && known.attachments.iter().any(|a| a.name == b.name))
}

/// The same content under another name, or one of the two does not say which file it was.
pub(crate) fn matches_loosely(known: &MessageRecord, other: &MessageRecord) -> bool {
    let same =
        other.attachments.iter().any(|b| known.attachments.iter().any(|a| same_attachment(a, b)));
    matches_by_content(known, other) || (same && known.text == other.text)
}

/// A file of the same content.
pub(crate) fn matches_by_content(known: &MessageRecord, other: &MessageRecord) -> bool {
    other.attachments.iter().any(|b| {
        b.content.hash().is_some()
            && known.attachments.iter().any(|a| a.content.hash() == b.content.hash())
    })
}

/// Edited between the two exports.
fn is_other_wording(known: &MessageRecord, new: &MessageRecord) -> bool {
    let is_text = |m: &MessageRecord| m.kind == MessageKind::Text && !m.unsent;
    is_text(known) && is_text(new) && (known.edited || new.edited)
}

/// Taken back between the two exports.
fn is_taken_back(known: &MessageRecord, new: &MessageRecord) -> bool {
    known.unsent != new.unsent
        && known.kind != MessageKind::System
        && new.kind != MessageKind::System
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Participant;

    fn said(text: &str, edited: bool, unsent: bool) -> MessageRecord {
        let sender = Some(Participant::new("ada", "Ada"));
        as_record(NewMessage { sender, text: text.into(), edited, unsent, ..NewMessage::default() })
    }

    #[test]
    fn an_edit_is_found_by_its_words_and_what_was_taken_back_by_its_place() {
        let late = [said("", false, true), said("at nine, at the pier", true, false)];
        let early = [said("bring the oars", false, false), said("at nine", false, false)];
        assert_eq!(pair(&late, &early), [Some(0), Some(1)]);
        assert_eq!(pair(&early, &late), [Some(0), Some(1)]);
        assert_eq!(pair(&late, &early[1..]), [Some(1)]);
    }

    #[test]
    fn an_edit_that_left_nothing_is_found_by_its_place() {
        let late = [said("never mind", true, false), said("", false, true)];
        let early = [said("where is it?", false, false), said("found it", false, false)];
        assert_eq!(pair(&late, &early), [Some(0), Some(1)]);
    }
}
