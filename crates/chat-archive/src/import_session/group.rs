//! Messages that their source does not number, in a conversation that is partly known: gathered
//! minute by minute, and paired with what is known of that minute.

use super::matching::{content_base, matches_by_content, pair};
use super::{Files, ImportSession, MediaReader};
use crate::identity::MINUTE_MS;
use crate::write::{self, Outcome};
use crate::{ArchiveError, ConversationId, MessageKey, MessageRecord};

/// Messages of a minute that are paired at once. A person sends a few, a bot a hundred.
const MAX_GROUP: usize = 2_000;

/// Messages of one minute that were read and not yet paired.
#[derive(Default)]
pub(super) struct Group {
    minute: i64,
    pub(super) messages: Vec<Pending>,
}

/// A message that waits for its group.
pub(super) struct Pending {
    pub(super) record: MessageRecord,
    pub(super) sender: Option<i64>,
    files: Files,
}

impl Group {
    /// Whether a message belongs to this group, or begins the next.
    fn takes(&self, ms: i64) -> bool {
        self.messages.is_empty() || (self.minute == minute(ms) && self.messages.len() < MAX_GROUP)
    }

    /// Whether a message in it has a file that was not opened yet.
    pub(super) fn waits_for_files(&self) -> bool {
        self.messages.iter().any(|message| message.files.iter().any(Result::is_ok))
    }

    fn push(&mut self, message: Pending) {
        self.minute = minute(message.record.time.ms);
        self.messages.push(message);
    }
}

fn minute(ms: i64) -> i64 {
    ms.div_euclid(MINUTE_MS)
}

impl ImportSession<'_> {
    /// Gathers a message, after the group before it is done.
    pub(super) fn gather(
        &mut self,
        id: ConversationId,
        sender: Option<i64>,
        record: MessageRecord,
        files: Files,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        if !self.thread(id)?.group.takes(record.time.ms) {
            self.pair_group(id, media)?;
        }
        self.thread(id)?.group.push(Pending { record, sender, files });
        Ok(())
    }

    /// Pairs the gathered messages with known ones and adds what is left.
    pub(super) fn pair_group(
        &mut self,
        id: ConversationId,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        let group = std::mem::take(&mut self.thread(id)?.group);
        let Some(first) = group.messages.first() else { return Ok(()) };
        if self.is_all_known(id, &group)? {
            return Ok(());
        }
        let thread = self.thread(id)?.place.thread;
        let mut known = write::unnumbered_in_minute(&self.tx, thread, first.record.time.ms)?;
        known.retain(|(row, _)| !self.threads[&id].claimed.contains(row));
        let known_records: Vec<MessageRecord> =
            known.iter().map(|(_, record)| record.clone()).collect();
        let records: Vec<MessageRecord> = group.messages.iter().map(|p| p.record.clone()).collect();
        let pairs = pair(&known_records, &records);
        let mut free: Vec<usize> =
            (0..known.len()).filter(|k| !pairs.contains(&Some(*k))).collect();
        for (message, pair) in group.messages.into_iter().zip(pairs) {
            match pair {
                Some(k) => self.add_known(id, &known[k], message, media)?,
                None => self.add_unpaired(id, &known, &mut free, message, media)?,
            }
        }
        Ok(())
    }

    fn add_known(
        &mut self,
        id: ConversationId,
        (row, known): &(i64, MessageRecord),
        mut message: Pending,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        let brought = self.store_files(&mut message.record, &message.files, Some(known), media)?;
        // Counted, so that a further equal one gets the next number.
        let base = content_base(&message.record);
        let thread = self.thread(id)?;
        thread.repeats.next_ordinal(base);
        thread.claimed.insert(*row);
        self.known_at(id, known)?;
        let place = self.thread(id)?.place;
        let outcome = self.merge_known(place, *row, &message.record, brought)?;
        self.list_still_missing(id, *row)?;
        self.count(&outcome);
        Ok(())
    }

    /// A photo under another name is known by its content, and else the message is new.
    fn add_unpaired(
        &mut self,
        id: ConversationId,
        known: &[(i64, MessageRecord)],
        free: &mut Vec<usize>,
        mut message: Pending,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        self.store_files(&mut message.record, &message.files, None, media)?;
        let same = |k: &usize| {
            known[*k].1.sender == message.record.sender
                && matches_by_content(&known[*k].1, &message.record)
        };
        if let Some(at) = free.iter().position(same) {
            let k = free.remove(at);
            return self.add_known(id, &known[k], message, &mut super::NoMedia);
        }
        let outcome = self.add_unnumbered(id, message.sender, message.record)?;
        self.count(&outcome);
        Ok(())
    }

    /// Adds a message under the first key that is free.
    pub(super) fn add_unnumbered(
        &mut self,
        id: ConversationId,
        sender: Option<i64>,
        mut record: MessageRecord,
    ) -> Result<Outcome, ArchiveError> {
        let thread = self.thread(id)?.place.thread;
        self.claim_unclaimed(thread, &mut record)?;
        self.list_missing(id, &record);
        self.next_spot(id, &mut record)?;
        let base = content_base(&record);
        loop {
            let thread = self.thread(id)?;
            record.key = MessageKey::of_content(&base, thread.repeats.next_ordinal(base));
            let place = thread.place;
            if let Some(row) = self.writer.insert(&self.tx, place, sender, &record)? {
                self.put_at_spot(id, row)?;
                return Ok(Outcome::New(row));
            }
        }
    }
}
