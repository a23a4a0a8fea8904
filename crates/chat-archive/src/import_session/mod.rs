//! An import: conversations and messages in, one transaction, repeats recognised.

mod files;
mod input;
pub mod matching;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::input::{
    ImportReport, MediaReader, MissingAttachment, NewAttachment, NewConversation, NewMessage, NoMedia,
};
use self::matching::{as_record, content_base, matches_by_name, matches_loosely, next_tie};
use crate::identity::RepeatCounter;
use crate::write::{self, Outcome, Writer};
use crate::{
    ArchiveError, ConversationId, ConversationRecord, MediaHash, MediaVault, MessageKey, MessageRecord, MissingReason,
};

/// A running import: one transaction. Dropping it undoes everything, media included.
pub struct ImportSession<'a> {
    tx: Transaction<'a>,
    writer: Writer,
    media: Arc<dyn MediaVault>,
    open: HashMap<ConversationId, OpenConversation>,
    report: ImportReport,
    /// Media this session brought into the vault, to take out again if it fails.
    stored: Vec<MediaHash>,
    committed: bool,
}

struct OpenConversation {
    title: String,
    is_new: bool,
    newest_ms: i64,
    repeats: RepeatCounter,
    /// Known messages that this export already matched, so that each is matched once.
    claimed: HashSet<i64>,
    last: Option<(i64, i64)>,
}

impl<'a> ImportSession<'a> {
    pub(crate) fn begin(connection: &'a mut Connection, media: Arc<dyn MediaVault>) -> Result<Self, ArchiveError> {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let writer = Writer::new(&tx)?;
        Ok(Self {
            tx,
            writer,
            media,
            open: HashMap::new(),
            report: ImportReport::default(),
            stored: Vec::new(),
            committed: false,
        })
    }

    /// Finds or creates a conversation to add messages to.
    pub fn add_conversation(&mut self, new: &NewConversation) -> Result<ConversationId, ArchiveError> {
        let record = ConversationRecord {
            source: new.source,
            key: new.key.clone(),
            title: new.title.clone(),
            // The title is compared when it is known how new this export is: see commit.
            title_as_of: i64::MIN,
            kind: new.kind,
            participants: Vec::new(),
        };
        let (id, is_new) = self.writer.conversation(&self.tx, &record)?;
        for person in &new.participants {
            self.writer.participant(&self.tx, id, person)?;
        }
        let id = ConversationId(id);
        if !self.open.contains_key(&id) {
            self.report.conversations += 1;
            self.report.conversations_new += u64::from(is_new);
            let state = OpenConversation {
                title: new.title.clone(),
                is_new,
                newest_ms: i64::MIN,
                repeats: RepeatCounter::default(),
                claimed: HashSet::new(),
                last: None,
            };
            self.open.insert(id, state);
        }
        Ok(id)
    }

    /// Adds one message, in the export's order. Files are read through `media`, and only those
    /// that the archive does not hold yet.
    pub fn add_message(
        &mut self,
        conversation: ConversationId,
        new: NewMessage,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        let sender = match &new.sender {
            Some(person) => Some(self.writer.participant(&self.tx, conversation.0, person)?),
            None => None,
        };
        let files: Vec<Result<String, MissingReason>> = new.attachments.iter().map(|a| a.file.clone()).collect();
        let mut record = as_record(new);
        let state = self.open.get_mut(&conversation).ok_or(ArchiveError::NotFound("open conversation"))?;
        state.newest_ms = state.newest_ms.max(record.time.ms);
        record.tie = next_tie(state.last, record.time.ms);

        let outcome = if record.source_id.is_some() {
            self.add_numbered(conversation.0, sender, record, &files, media)?
        } else if files.is_empty() {
            self.add_unnumbered_text(conversation, sender, record)?
        } else {
            self.add_unnumbered_media(conversation, sender, record, &files, media)?
        };
        match outcome {
            Outcome::New(_) => self.report.messages_new += 1,
            Outcome::Updated(_) => self.report.messages_updated += 1,
            Outcome::Unchanged(_) => self.report.duplicates_skipped += 1,
        }
        Ok(())
    }

    /// Makes the import durable.
    pub fn commit(mut self) -> Result<ImportReport, ArchiveError> {
        let open = std::mem::take(&mut self.open);
        for (id, state) in open {
            self.writer.retitle(&self.tx, id.0, &state.title, state.newest_ms)?;
        }
        self.writer.finish(&self.tx)?;
        self.tx.execute_batch("COMMIT")?;
        self.committed = true;
        Ok(std::mem::take(&mut self.report))
    }

    /// Undoes everything; the same as dropping the session.
    pub fn rollback(self) {}

    fn add_numbered(
        &mut self,
        conversation: i64,
        sender: Option<i64>,
        mut record: MessageRecord,
        files: &[Result<String, MissingReason>],
        media: &mut dyn MediaReader,
    ) -> Result<Outcome, ArchiveError> {
        let known = write::find(&self.tx, conversation, &record.key.0)?;
        let Some(id) = known else {
            self.store_files(&mut record, files, None, media)?;
            self.list_missing(conversation, &record);
            return self.insert(conversation, sender, &record);
        };
        let before = write::message_row::load(&self.tx, id)?;
        let brought = self.store_files(&mut record, files, Some(&before), media)?;
        let outcome = self.merge_known(conversation, id, &record, brought)?;
        self.list_still_missing(conversation, id)?;
        Ok(outcome)
    }

    fn add_unnumbered_text(
        &mut self,
        conversation: ConversationId,
        sender: Option<i64>,
        mut record: MessageRecord,
    ) -> Result<Outcome, ArchiveError> {
        let base = content_base(&record);
        let state = self.open.get_mut(&conversation).ok_or(ArchiveError::NotFound("open conversation"))?;
        record.key = MessageKey::of_content(&base, state.repeats.next_ordinal(base));
        if let Some(id) = self.writer.insert(&self.tx, conversation.0, sender, &record)? {
            self.remember_place(conversation, record.time.ms, record.tie);
            return Ok(Outcome::New(id));
        }
        let id = write::find(&self.tx, conversation.0, &record.key.0)?.ok_or(ArchiveError::NotFound("message"))?;
        let known = write::message_row::load(&self.tx, id)?;
        self.remember_place(conversation, record.time.ms, known.tie);
        self.writer.merge(&self.tx, conversation.0, id, &record)
    }

    fn add_unnumbered_media(
        &mut self,
        conversation: ConversationId,
        sender: Option<i64>,
        mut record: MessageRecord,
        files: &[Result<String, MissingReason>],
        media: &mut dyn MediaReader,
    ) -> Result<Outcome, ArchiveError> {
        let candidates = self.unclaimed_media(conversation, &record)?;
        let by_name = candidates.iter().find(|(_, known)| matches_by_name(known, &record));
        let brought = self.store_files(&mut record, files, by_name.map(|(_, known)| known), media)?;
        let matched = by_name.or_else(|| candidates.iter().find(|(_, known)| matches_loosely(known, &record)));
        if let Some((id, known)) = matched {
            self.claim(conversation, *id);
            self.remember_place(conversation, record.time.ms, known.tie);
            let outcome = self.merge_known(conversation.0, *id, &record, brought)?;
            self.list_still_missing(conversation.0, *id)?;
            return Ok(outcome);
        }
        let base = content_base(&record);
        self.list_missing(conversation.0, &record);
        // A key may be taken by a message whose file was filled in later: take the next one.
        loop {
            let state = self.open.get_mut(&conversation).ok_or(ArchiveError::NotFound("open conversation"))?;
            record.key = MessageKey::of_content(&base, state.repeats.next_ordinal(base));
            if let Some(id) = self.writer.insert(&self.tx, conversation.0, sender, &record)? {
                self.claim(conversation, id);
                self.remember_place(conversation, record.time.ms, record.tie);
                return Ok(Outcome::New(id));
            }
        }
    }

    fn insert(
        &mut self,
        conversation: i64,
        sender: Option<i64>,
        record: &MessageRecord,
    ) -> Result<Outcome, ArchiveError> {
        let id = self.writer.insert(&self.tx, conversation, sender, record)?;
        self.remember_place(ConversationId(conversation), record.time.ms, record.tie);
        Ok(Outcome::New(id.ok_or(ArchiveError::InvalidRecord("the key is taken"))?))
    }

    /// In a conversation that is new, everything known was added by this session.
    fn unclaimed_media(
        &self,
        conversation: ConversationId,
        record: &MessageRecord,
    ) -> Result<Vec<(i64, MessageRecord)>, ArchiveError> {
        let Some(state) = self.open.get(&conversation).filter(|s| !s.is_new) else { return Ok(Vec::new()) };
        let mut candidates = write::media_in_minute(&self.tx, conversation.0, record)?;
        candidates.retain(|(id, _)| !state.claimed.contains(id));
        Ok(candidates)
    }

    fn claim(&mut self, conversation: ConversationId, id: i64) {
        if let Some(state) = self.open.get_mut(&conversation).filter(|s| !s.is_new) {
            state.claimed.insert(id);
        }
    }

    fn remember_place(&mut self, conversation: ConversationId, ms: i64, tie: i64) {
        if let Some(state) = self.open.get_mut(&conversation) {
            state.last = Some((ms, tie));
        }
    }
}

impl Drop for ImportSession<'_> {
    fn drop(&mut self) {
        if !self.committed {
            for hash in self.stored.drain(..) {
                // Best effort: a file left behind takes space and harms nothing.
                let _ = self.media.delete(&hash);
            }
        }
    }
}
