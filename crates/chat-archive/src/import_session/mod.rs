//! An import: conversations and messages in, one transaction, repeats recognised.

mod ahead;
mod beside;
mod files;
mod group;
mod input;
pub(crate) mod matching;
mod numbered;
pub(crate) mod order;
mod recognise;
mod report;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use self::ahead::Ahead;
use self::group::Group;
pub use self::input::{
    MediaReader, NewAttachment, NewConversation, NewMessage, NoMedia, SampleMessage,
};
use self::matching::as_record;
use self::order::{Order, Spot};
pub use self::report::{ExportContents, ImportReport, MissingAttachment};
use crate::identity::RepeatCounter;
use crate::identity::thread_identity;
use crate::unite::{arrange_changed, propose};
use crate::write::{Growth, Outcome, Place, Writer, set_growth};
use crate::{
    ArchiveError, ConversationId, ConversationRecord, MediaHash, MediaVault, MessageKind,
    MessageRecord, MissingReason,
};

/// Where the files of a message are, one for each attachment.
type Files = Vec<Result<String, MissingReason>>;

/// A running import: one transaction. Dropping it undoes everything, media included.
pub struct ImportSession<'a> {
    tx: Transaction<'a>,
    writer: Writer,
    media: Arc<dyn MediaVault>,
    threads: HashMap<ConversationId, Thread>,
    /// Conversations of the export that is being read.
    of_this_export: HashSet<ConversationId>,
    report: ImportReport,
    /// Media this session brought into the vault, to take out again if it fails.
    stored: Vec<MediaHash>,
    committed: bool,
}

/// A conversation that an export is read into.
struct Thread {
    place: Place,
    identity: String,
    title: String,
    /// Nothing is in it but what this pass adds.
    is_new: bool,
    newest_ms: i64,
    repeats: RepeatCounter,
    /// Known messages that this pass already matched, so that each is matched once.
    claimed: HashSet<i64>,
    order: Order,
    group: Group,
    ahead: Ahead,
    /// How many equal leftovers this pass added.
    leftovers: HashMap<(String, [u8; 32]), u32>,
}

impl<'a> ImportSession<'a> {
    pub(crate) fn begin(
        connection: &'a mut Connection,
        media: Arc<dyn MediaVault>,
    ) -> Result<Self, ArchiveError> {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // A restore that was killed leaves it otherwise.
        set_growth(&tx, Growth::Usual)?;
        let writer = Writer::new(&tx)?;
        Ok(Self {
            tx,
            writer,
            media,
            threads: HashMap::new(),
            of_this_export: HashSet::new(),
            report: ImportReport::default(),
            stored: Vec::new(),
            committed: false,
        })
    }

    /// Finds or creates a conversation to add messages to, in the order of one export; call
    /// [`Self::finish_conversation`] after the last. The same conversation in a second export of
    /// one import is begun again.
    pub fn add_conversation(
        &mut self,
        new: &NewConversation,
    ) -> Result<ConversationId, ArchiveError> {
        let key = recognise::key_of_thread(&self.tx, new)?;
        let record = ConversationRecord {
            source: new.source,
            key: key.clone(),
            title: new.title.clone(),
            // The title is compared when it is known how new this export is: see commit.
            title_as_of: i64::MIN,
            kind: new.kind,
            participants: Vec::new(),
        };
        let (place, is_new) = self.writer.conversation(&self.tx, &record)?;
        for person in &new.participants {
            self.writer.participant(&self.tx, place.thread, person)?;
        }
        let id = ConversationId(place.thread);
        let before = self.threads.remove(&id);
        if before.is_none() {
            self.report.conversations += 1;
            self.report.conversations_new += u64::from(is_new);
        }
        let thread = Thread {
            place,
            identity: thread_identity(new.source, &key),
            title: new.title.clone(),
            is_new,
            newest_ms: before.map_or(i64::MIN, |t| t.newest_ms),
            repeats: RepeatCounter::default(),
            claimed: HashSet::new(),
            order: Order::default(),
            group: Group::default(),
            ahead: Ahead::default(),
            leftovers: HashMap::new(),
        };
        self.threads.insert(id, thread);
        self.of_this_export.insert(id);
        Ok(id)
    }

    /// Adds one message, in the export's order. Files are read through `media`, and only those
    /// that the archive does not hold yet.
    pub fn add_message(
        &mut self,
        id: ConversationId,
        new: NewMessage,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        let thread = self.thread(id)?.place.thread;
        let sender = match &new.sender {
            Some(person) => Some(self.writer.participant(&self.tx, thread, person)?),
            None => None,
        };
        let files: Files = new.attachments.iter().map(|a| a.file.clone()).collect();
        let mut record = as_record(new);
        match record.kind {
            MessageKind::System => self.report.system_lines += 1,
            MessageKind::Unknown => self.count_not_understood("message"),
            _ => {}
        }
        let thread = self.thread(id)?;
        thread.newest_ms = thread.newest_ms.max(record.time.ms);
        let outcome = if record.source_id.is_some() {
            self.add_numbered(id, sender, record, &files, media)?
        } else if thread.is_new {
            self.store_files(&mut record, &files, None, media)?;
            self.add_unnumbered(id, sender, record)?
        } else {
            return self.gather(id, sender, record, files, media);
        };
        self.count(&outcome);
        Ok(())
    }

    /// Ends the messages of a conversation, as far as this export has them.
    pub fn finish_conversation(
        &mut self,
        id: ConversationId,
        media: &mut dyn MediaReader,
    ) -> Result<(), ArchiveError> {
        self.pair_group(id, media)?;
        self.thread(id)?.is_new = false;
        Ok(())
    }

    /// Counts what the export holds, for the report.
    pub fn count_export(&mut self, contents: &ExportContents) {
        let all = &mut self.report.export;
        all.files += contents.files;
        all.chat_files += contents.chat_files;
        all.files_named += contents.files_named;
        all.files_unclaimed += contents.files_unclaimed;
        all.files_beside += contents.files_beside;
    }

    /// Makes the import durable.
    ///
    /// # Errors
    /// [`ArchiveError::InvalidRecord`] if a conversation whose files are still to be read was not
    /// finished.
    pub fn commit(mut self) -> Result<ImportReport, ArchiveError> {
        let ids: Vec<ConversationId> = self.threads.keys().copied().collect();
        for id in ids {
            if self.thread(id)?.group.waits_for_files() {
                return Err(ArchiveError::InvalidRecord("a conversation was not finished"));
            }
            self.pair_group(id, &mut NoMedia)?;
        }
        for thread in std::mem::take(&mut self.threads).into_values() {
            self.writer.retitle(&self.tx, thread.place.thread, &thread.title, thread.newest_ms)?;
        }
        self.unite_threads()?;
        self.writer.finish(&self.tx)?;
        self.tx.execute_batch("COMMIT")?;
        self.committed = true;
        Ok(std::mem::take(&mut self.report))
    }

    /// Shows what this import brought together with other threads of the same chats.
    fn unite_threads(&mut self) -> Result<(), ArchiveError> {
        let threads = self.writer.changed_threads();
        let now = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        propose(&self.tx, &mut self.writer, &threads, now)?;
        self.report.united = arrange_changed(&self.tx, &mut self.writer)?;
        Ok(())
    }

    /// Undoes everything; the same as dropping the session.
    pub fn rollback(self) {}

    fn thread(&mut self, id: ConversationId) -> Result<&mut Thread, ArchiveError> {
        self.threads.get_mut(&id).ok_or(ArchiveError::NotFound("open conversation"))
    }

    /// Gives a new message its place in the order.
    fn next_spot(
        &mut self,
        id: ConversationId,
        record: &mut MessageRecord,
    ) -> Result<(), ArchiveError> {
        let thread =
            self.threads.get_mut(&id).ok_or(ArchiveError::NotFound("open conversation"))?;
        let ms = record.time.ms;
        let (ord, tie) = match thread.is_new {
            true => thread.order.append(ms),
            false => thread.order.insert(&self.tx, &mut self.writer, thread.place, ms)?,
        };
        record.order = (ord != ms).then_some(ord);
        record.tie = tie;
        Ok(())
    }

    fn put_at_spot(&mut self, id: ConversationId, row: i64) -> Result<(), ArchiveError> {
        let thread = self.thread(id)?;
        if !thread.is_new {
            thread.order.put(row);
            thread.claimed.insert(row);
        }
        Ok(())
    }

    /// The next message of the export is this known one.
    fn known_at(&mut self, id: ConversationId, known: &MessageRecord) -> Result<(), ArchiveError> {
        self.known_at_spot(id, (known.sorting_ms(), known.tie))
    }

    fn known_at_spot(&mut self, id: ConversationId, spot: Spot) -> Result<(), ArchiveError> {
        let thread =
            self.threads.get_mut(&id).ok_or(ArchiveError::NotFound("open conversation"))?;
        thread.order.known(&self.tx, &mut self.writer, thread.place, spot)
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::New(_) => self.report.messages_new += 1,
            Outcome::Updated(_) => self.report.messages_updated += 1,
            Outcome::Unchanged(_) => self.report.duplicates_skipped += 1,
        }
    }

    /// Counts something that was not understood, and that a message keeps as it was.
    pub fn count_not_understood(&mut self, kind: &str) {
        *self.report.not_understood.entry(kind.to_owned()).or_default() += 1;
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
