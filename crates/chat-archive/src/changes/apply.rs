//! Puts another archive's changes into this one.

use std::collections::HashSet;

use rusqlite::{Connection, TransactionBehavior};
use serde::Serialize;

use super::record::{Change, ConversationRecord, Cursor, MessageRecord};
use crate::facts::{self, Fact, FactRecord};
use crate::import_session::matching::matches_loosely;
use crate::write::{self, Outcome, Place, Writer};
use crate::{Archive, ArchiveError, MessageKind, unite};

/// What [`Archive::apply_changes`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ApplyReport {
    /// Conversations not known before.
    pub conversations_new: u64,
    /// Messages not known before.
    pub messages_new: u64,
    /// Known messages that gained something.
    pub messages_updated: u64,
    /// Known messages with nothing new.
    pub messages_known: u64,
    /// The archive's cursor before this and after it: everything in between is what was applied
    /// here. Where the next report's `before` is another than this one's `after`, somebody else
    /// wrote in between.
    pub before: Cursor,
    pub after: Cursor,
}

impl Archive {
    /// Puts a change stream into this archive: restore into an empty one, merge into another.
    /// One transaction; all or nothing. Never deletes, never replaces newer by older; applying
    /// twice changes nothing. Media content travels separately, by hash.
    ///
    /// # Errors
    /// The stream's own error, or [`ArchiveError::InvalidRecord`] for a message before any
    /// conversation.
    pub fn apply_changes<E>(
        &mut self,
        changes: impl IntoIterator<Item = Result<Change, E>>,
    ) -> Result<ApplyReport, E>
    where
        E: From<ArchiveError>,
    {
        let tx = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(ArchiveError::from)?;
        let mut applying = Applying::new(&tx, HashSet::new())?;
        for change in changes {
            applying.apply(&tx, &change?)?;
        }
        let (report, _) = applying.finish(&tx)?;
        tx.commit().map_err(ArchiveError::from)?;
        Ok(report)
    }
}

/// Changes within one transaction.
pub(super) struct Applying {
    writer: Writer,
    opening: Opening,
    /// Threads that were made here: their messages are new as a rule.
    made_here: HashSet<i64>,
    /// Unnumbered media messages already matched in the current thread.
    claimed: HashSet<i64>,
    links_changed: bool,
    report: ApplyReport,
}

/// What the next records belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Nothing,
    Thread(Place),
    Everywhere,
}

impl Applying {
    /// `tx` must be in a write transaction.
    pub(super) fn new(tx: &Connection, made_here: HashSet<i64>) -> Result<Self, ArchiveError> {
        let writer = Writer::new(tx)?;
        let report = ApplyReport { before: writer.cursor(), ..ApplyReport::default() };
        let opening = Opening::Nothing;
        Ok(Self {
            writer,
            opening,
            made_here,
            claimed: HashSet::new(),
            links_changed: false,
            report,
        })
    }

    /// Messages so far.
    pub(super) fn messages(&self) -> u64 {
        self.report.messages_new + self.report.messages_updated + self.report.messages_known
    }

    /// Writes what was gathered; the caller commits. Returns the threads that were made, too.
    pub(super) fn finish(
        mut self,
        tx: &Connection,
    ) -> Result<(ApplyReport, HashSet<i64>), ArchiveError> {
        if self.links_changed {
            unite::regroup(tx, &mut self.writer)?;
        }
        unite::arrange_changed(tx, &mut self.writer)?;
        self.writer.finish(tx)?;
        self.report.after = self.writer.cursor();
        Ok((self.report, self.made_here))
    }

    pub(super) fn apply(&mut self, tx: &Connection, change: &Change) -> Result<(), ArchiveError> {
        match change {
            Change::Conversation(record) => self.open(tx, record),
            Change::Everywhere => {
                self.opening = Opening::Everywhere;
                Ok(())
            }
            Change::Fact(record) => self.fact(tx, record),
            Change::Message(record) => {
                let Opening::Thread(place) = self.opening else {
                    return Err(ArchiveError::InvalidRecord("a message before any conversation"));
                };
                match self.message(tx, place, record)? {
                    Outcome::New(_) => self.report.messages_new += 1,
                    Outcome::Updated(_) => self.report.messages_updated += 1,
                    Outcome::Unchanged(_) => self.report.messages_known += 1,
                }
                Ok(())
            }
        }
    }

    fn open(&mut self, tx: &Connection, record: &ConversationRecord) -> Result<(), ArchiveError> {
        let (place, is_new) = self.writer.conversation(tx, record)?;
        for person in &record.participants {
            self.writer.participant(tx, place.thread, person)?;
        }
        self.report.conversations_new += u64::from(is_new);
        if is_new {
            self.made_here.insert(place.thread);
        }
        // The same conversation again, as every segment of a backup has it, opens nothing new.
        if self.opening != Opening::Thread(place) {
            self.claimed.clear();
        }
        self.opening = Opening::Thread(place);
        Ok(())
    }

    fn fact(&mut self, tx: &Connection, record: &FactRecord) -> Result<(), ArchiveError> {
        let thread = match self.opening {
            Opening::Nothing => {
                return Err(ArchiveError::InvalidRecord("a fact before any opening"));
            }
            Opening::Thread(place) => Some(place.thread),
            Opening::Everywhere => None,
        };
        let changed = facts::put(tx, &mut self.writer, thread, record)?;
        self.links_changed |= changed && matches!(record.fact, Fact::Link(_));
        Ok(())
    }

    fn message(
        &mut self,
        tx: &Connection,
        place: Place,
        record: &MessageRecord,
    ) -> Result<Outcome, ArchiveError> {
        if self.made_here.contains(&place.thread) && !is_unnumbered_media(record) {
            // No look-up: inserting finds the few that are there.
            if let Some(id) = self.insert(tx, place, record)? {
                return Ok(Outcome::New(id));
            }
        }
        let known = match write::find(tx, place.thread, &record.key.0)? {
            Some(id) => Some(id),
            None => self.same_under_another_key(tx, place.thread, record)?,
        };
        if let Some(id) = known {
            self.claimed.insert(id);
            return self.writer.merge(tx, place, id, record);
        }
        let id = self.insert(tx, place, record)?;
        let id = id.ok_or(ArchiveError::InvalidRecord("the key is taken"))?;
        if is_unnumbered_media(record) {
            self.claimed.insert(id);
        }
        Ok(Outcome::New(id))
    }

    fn insert(
        &mut self,
        tx: &Connection,
        place: Place,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        let sender = self.writer.sender_id(tx, place.thread, record)?;
        self.writer.insert(tx, place, sender, record)
    }

    /// One archive may know a photo as "media omitted", the other by name.
    fn same_under_another_key(
        &self,
        tx: &Connection,
        thread: i64,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        if !is_unnumbered_media(record) {
            return Ok(None);
        }
        let candidates = write::unnumbered_in_minute(tx, thread, record.time.ms)?;
        let same = candidates.into_iter().find(|(id, known)| {
            !self.claimed.contains(id)
                && known.sender == record.sender
                && matches_loosely(known, record)
        });
        Ok(same.map(|(id, _)| id))
    }
}

fn is_unnumbered_media(record: &MessageRecord) -> bool {
    record.source_id.is_none() && record.kind == MessageKind::Media
}
