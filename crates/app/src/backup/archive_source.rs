//! The archive as the backup engine sees it: streams of records, and media.
//!
//! A stream is a conversation; a record is one change of the archive as JSON, so that a decrypted backup can be read
//! without Keepsake (spec/backup-format.md).

use crate::model::RestoreReport;
use backup_engine::{MediaHash as Hash, SourceError, SourceId};
use chat_archive::{Archive, ArchiveError, Change, ConversationRecord, Cursor, MediaHash, MediaVault};
use std::cell::Cell;
use std::io::Read;

/// Messages handed to the archive in one transaction.
const BATCH: usize = 5_000;

/// Reads everything that changed.
pub(crate) struct ArchiveSource {
    pub archive: Archive,
    /// Messages given so far.
    pub messages: Cell<u64>,
}

impl ArchiveSource {
    pub fn new(archive: Archive) -> Self {
        Self { archive, messages: Cell::new(0) }
    }
}

impl backup_engine::Source for ArchiveSource {
    fn id(&self) -> SourceId {
        // An archive that cannot even be asked for its id fails at the next question as well.
        SourceId(self.archive.id().unwrap_or_default())
    }

    fn head(&self) -> Result<u64, SourceError> {
        Ok(self.archive.latest_cursor()?.0)
    }

    fn changes(
        &self,
        since: u64,
        until: u64,
        visit: &mut dyn FnMut(backup_engine::Change<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut stream = Vec::new();
        let mut bytes = Vec::new();
        for change in self.archive.changes_since(Cursor(since))?.up_to(Cursor(until)) {
            let change = change?;
            bytes.clear();
            serde_json::to_writer(&mut bytes, &change)?;
            match &change {
                Change::Conversation(conversation) => stream = stream_name(conversation),
                Change::Everywhere => stream = b"everywhere".to_vec(),
                Change::Message(_) | Change::Fact(_) => {
                    self.messages.set(self.messages.get() + u64::from(matches!(change, Change::Message(_))));
                    visit(backup_engine::Change::Record { stream: &stream, bytes: &bytes })?;
                    continue;
                }
            }
            visit(backup_engine::Change::Stream { stream: &stream, opening: &bytes })?;
        }
        // All of them: a file that an earlier backup could not read may be there again. The engine knows which it has.
        for (hash, size) in self.archive.present_media()? {
            visit(backup_engine::Change::Media { hash: hash.0, size })?;
        }
        Ok(())
    }

    fn open_media(&self, hash: &Hash) -> Result<Option<Box<dyn Read + '_>>, SourceError> {
        match self.archive.open_media(&MediaHash(*hash)) {
            Ok(content) => Ok(Some(content)),
            Err(ArchiveError::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Names a conversation without saying whose it is: SHA-256 of its messenger and its key there.
fn stream_name(conversation: &ConversationRecord) -> Vec<u8> {
    let identity = [conversation.source.as_str().as_bytes(), &[0], conversation.key.as_bytes()].concat();
    hex::encode(sealed_keys::digest(&identity)).into_bytes()
}

/// Puts what comes back into the archive. Nothing there is overwritten or deleted.
pub(crate) struct ArchiveSink<'a> {
    archive: &'a mut Archive,
    media: &'a dyn MediaVault,
    /// Opens every batch: a message belongs to the conversation before it.
    conversation: Option<Change>,
    batch: Vec<Change>,
    report: RestoreReport,
    /// Where the archive's cursor is if nobody else writes; `None` once somebody did.
    cursor: Option<Cursor>,
}

/// What a restore did to the archive.
pub(crate) struct Applied {
    pub report: RestoreReport,
    /// The archive was empty, and up to this cursor holds the restored changes and no others. What was imported
    /// meanwhile comes after it; where an import came in between, there is no such cursor.
    pub cursor: Option<u64>,
}

impl<'a> ArchiveSink<'a> {
    pub fn new(archive: &'a mut Archive, media: &'a dyn MediaVault, report: RestoreReport) -> Self {
        Self { archive, media, conversation: None, batch: vec![], report, cursor: Some(Cursor(0)) }
    }

    pub fn finish(self) -> Applied {
        Applied { report: self.report, cursor: self.cursor.map(|c| c.0) }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let changes = std::mem::take(&mut self.batch);
        let applied = self.archive.apply_changes(changes.into_iter().map(Ok::<_, ArchiveError>))?;
        self.cursor = self.cursor.filter(|c| *c == applied.before).map(|_| applied.after);
        self.report.conversations += applied.conversations_new;
        self.report.messages += applied.messages_new;
        self.report.kept += applied.messages_known;
        self.batch.extend(self.conversation.clone());
        Ok(())
    }
}

impl backup_engine::Sink for ArchiveSink<'_> {
    fn record(&mut self, _stream: &[u8], bytes: &[u8]) -> Result<(), SourceError> {
        let change: Change = serde_json::from_slice(bytes)?;
        if matches!(change, Change::Conversation(_) | Change::Everywhere) {
            // Every segment repeats it.
            if self.conversation.as_ref() == Some(&change) && !self.batch.is_empty() {
                return Ok(());
            }
            self.conversation = Some(change.clone());
        }
        self.batch.push(change);
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn stream_done(&mut self, _stream: &[u8]) -> Result<(), SourceError> {
        self.flush()?;
        self.batch.clear();
        self.conversation = None;
        Ok(())
    }

    fn has_media(&mut self, hash: &Hash) -> Result<bool, SourceError> {
        Ok(self.media.contains(&MediaHash(*hash))?)
    }

    fn media(&mut self, hash: &Hash, _size: u64, content: &mut dyn Read) -> Result<(), SourceError> {
        let stored = self.media.put(content)?;
        if stored.hash.0 != *hash {
            self.media.delete(&stored.hash)?;
            return Err("a media file is not the one that the backup names".into());
        }
        self.report.media += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backup_engine::{BackupOptions, MemoryStore, Repository, Store, Unobserved};
    use chat_archive::{
        ArchiveKey, ConversationKind, MemoryVault, NewConversation, NewMessage, NoMedia, Precision,
        Source as Messenger, Timestamp, Zone,
    };
    use rand_core::{OsRng, RngCore};
    use sealed_keys::{BackupKey, Header, RepositoryId};
    use std::path::Path;
    use std::sync::Arc;

    fn open(dir: &Path) -> Archive {
        Archive::open(dir, &ArchiveKey::new([7; 32]), Arc::new(MemoryVault::default())).unwrap()
    }

    fn import(archive: &mut Archive, chat: &str, minutes: std::ops::Range<i64>, words: usize) {
        let mut session = archive.begin_import().unwrap();
        let new = NewConversation {
            source: Messenger::WhatsApp,
            key: chat.into(),
            title: chat.into(),
            kind: ConversationKind::Direct,
            participants: vec![],
            sample: vec![],
        };
        let id = session.add_conversation(&new).unwrap();
        for minute in minutes {
            let mut noise = vec![0; words];
            OsRng.fill_bytes(&mut noise);
            let message = NewMessage {
                time: Timestamp { ms: minute * 60_000, precision: Precision::Minute, zone: Zone::Local },
                text: hex::encode(noise),
                ..NewMessage::default()
            };
            session.add_message(id, message, &mut NoMedia).unwrap();
        }
        session.commit().unwrap();
    }

    fn nothing() -> RestoreReport {
        RestoreReport {
            snapshot: String::new(),
            conversations: 0,
            messages: 0,
            media: 0,
            kept: 0,
            seconds: 0.0,
            problems: vec![],
        }
    }

    #[test]
    fn a_long_chat_survives_the_loss_of_its_first_segment() {
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut archive = open(from.path());
        import(&mut archive, "Mira", 0..300, 5_000);
        let (key, store) = (BackupKey::generate(&mut OsRng), Arc::new(MemoryStore::default()));
        let header = Header::create(RepositoryId::generate(&mut OsRng), 1, &key);
        let repository = Repository::create(store.clone(), header, &key).unwrap();
        let source = ArchiveSource::new(archive);
        repository.backup(&source, &BackupOptions::new("laptop", 1), &Unobserved).unwrap();
        let mut blobs = store.snapshot();
        let packs = blobs.iter_mut().filter(|(path, _)| path.starts_with("packs/"));
        let pack = packs.max_by_key(|(_, bytes)| bytes.len()).unwrap().1;
        pack[1_000] ^= 1;
        store.reset(blobs);

        let (mut restored, vault) = (open(into.path()), MemoryVault::default());
        let snapshot = repository.latest().unwrap().unwrap();
        for round in 0..2 {
            let mut sink = ArchiveSink::new(&mut restored, &vault, nothing());
            let report = repository.restore(&snapshot, &Default::default(), &mut sink, &Unobserved).unwrap();
            assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
            let applied = sink.finish().report;
            let (new, kept) = (applied.messages, applied.kept);
            assert!((150..299).contains(&(new + kept)), "{new} new, {kept} kept");
            assert_eq!(if round == 0 { kept } else { new }, 0);
        }
        assert_eq!(store.list("packs").unwrap().len(), 2, "one with the chat, one of second copies");
    }

    #[test]
    fn a_backup_holds_exactly_what_came_before_its_cursor() {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = open(dir.path());
        import(&mut archive, "Mira", 0..3, 5);
        let source = ArchiveSource::new(archive);
        let until = backup_engine::Source::head(&source).unwrap();
        import(&mut open(dir.path()), "Mira", 3..9, 5);
        let count = |since, until| {
            let mut records = 0;
            let visit = &mut |change: backup_engine::Change<'_>| {
                records += u32::from(matches!(change, backup_engine::Change::Record { .. }));
                Ok(())
            };
            backup_engine::Source::changes(&source, since, until, visit).unwrap();
            records
        };
        assert_eq!((count(0, until), count(until, u64::MAX)), (3, 6));
    }

    #[test]
    fn what_is_imported_during_a_restore_is_not_taken_for_restored() {
        use backup_engine::Sink;
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut archive = open(from.path());
        import(&mut archive, "Mira", 0..3, 5);
        let changes: Vec<Change> = archive.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect();
        let (mut restored, vault) = (open(into.path()), MemoryVault::default());
        let mut sink = ArchiveSink::new(&mut restored, &vault, nothing());
        let give = |sink: &mut ArchiveSink<'_>| {
            changes.iter().for_each(|c| sink.record(b"s", &serde_json::to_vec(c).unwrap()).unwrap());
            sink.stream_done(b"s").unwrap();
            sink.cursor
        };
        let own = give(&mut sink);
        import(&mut open(into.path()), "Noah", 0..3, 5);
        assert!(own.is_some_and(|c| c < open(into.path()).latest_cursor().unwrap()));
        assert_eq!(give(&mut sink), None, "an import came between");
    }
}
