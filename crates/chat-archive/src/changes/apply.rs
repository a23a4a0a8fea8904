use std::collections::HashSet;

use rusqlite::{Connection, TransactionBehavior};
use serde::Serialize;

use super::record::{Change, Cursor, MessageRecord};
use crate::import_session::matching::matches_loosely;
use crate::write::{self, Outcome, Writer};
use crate::{Archive, ArchiveError, MessageKind};

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
    /// The archive's cursor before this and after it: everything in between is what was applied here. Where the
    /// next report's `before` is another than this one's `after`, somebody else wrote in between.
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
    pub fn apply_changes<E>(&mut self, changes: impl IntoIterator<Item = Result<Change, E>>) -> Result<ApplyReport, E>
    where
        E: From<ArchiveError>,
    {
        let tx =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(ArchiveError::from)?;
        let writer = Writer::new(&tx)?;
        let report = ApplyReport { before: writer.cursor(), ..ApplyReport::default() };
        let mut applying = Applying { writer, conversation: None, claimed: HashSet::new(), report };
        for change in changes {
            applying.apply(&tx, &change?)?;
        }
        applying.writer.finish(&tx)?;
        applying.report.after = applying.writer.cursor();
        tx.commit().map_err(ArchiveError::from)?;
        Ok(applying.report)
    }
}

struct Applying {
    writer: Writer,
    conversation: Option<i64>,
    /// Unnumbered media messages already matched in the current conversation.
    claimed: HashSet<i64>,
    report: ApplyReport,
}

impl Applying {
    fn apply(&mut self, tx: &Connection, change: &Change) -> Result<(), ArchiveError> {
        match change {
            Change::Conversation(record) => {
                let (id, is_new) = self.writer.conversation(tx, record)?;
                for person in &record.participants {
                    self.writer.participant(tx, id, person)?;
                }
                self.report.conversations_new += u64::from(is_new);
                // The same conversation again, as every segment of a backup has it, opens nothing new.
                if self.conversation.replace(id) != Some(id) {
                    self.claimed.clear();
                }
                Ok(())
            }
            Change::Message(record) => {
                let conversation =
                    self.conversation.ok_or(ArchiveError::InvalidRecord("a message before any conversation"))?;
                match self.message(tx, conversation, record)? {
                    Outcome::New(_) => self.report.messages_new += 1,
                    Outcome::Updated(_) => self.report.messages_updated += 1,
                    Outcome::Unchanged(_) => self.report.messages_known += 1,
                }
                Ok(())
            }
        }
    }

    fn message(&mut self, tx: &Connection, conversation: i64, record: &MessageRecord) -> Result<Outcome, ArchiveError> {
        let known = match write::find(tx, conversation, &record.key.0)? {
            Some(id) => Some(id),
            None => self.same_file_under_another_key(tx, conversation, record)?,
        };
        if let Some(id) = known {
            self.claimed.insert(id);
            return self.writer.merge(tx, conversation, id, record);
        }
        let sender = self.writer.sender_id(tx, conversation, record)?;
        let id = self.writer.insert(tx, conversation, sender, record)?;
        let id = id.ok_or(ArchiveError::InvalidRecord("the key is taken"))?;
        if is_unnumbered_media(record) {
            self.claimed.insert(id);
        }
        Ok(Outcome::New(id))
    }

    /// One archive may know a photo as "media omitted", the other by name.
    fn same_file_under_another_key(
        &self,
        tx: &Connection,
        conversation: i64,
        record: &MessageRecord,
    ) -> Result<Option<i64>, ArchiveError> {
        if !is_unnumbered_media(record) {
            return Ok(None);
        }
        let candidates = write::media_in_minute(tx, conversation, record)?;
        let same =
            candidates.into_iter().find(|(id, known)| !self.claimed.contains(id) && matches_loosely(known, record));
        Ok(same.map(|(id, _)| id))
    }
}

fn is_unnumbered_media(record: &MessageRecord) -> bool {
    record.source_id.is_none() && record.kind == MessageKind::Media
}
