//! The archive as a restore fills it. Nothing there is overwritten or deleted.

use super::media_of::media_of;
use crate::chats::Between;
use crate::model::RestoreReport;
use backup_engine::{MediaHash as Hash, Sink, SourceError};
use chat_archive::{ApplyReport, Change, Cursor, Fact, Loading, MediaHash, MediaVault};
use std::collections::HashSet;
use std::io::Read;

/// Messages in one transaction: as many as are put in within about a second.
const LARGE: u64 = 100_000;
/// After a chat's end, so many are enough.
const ENOUGH: u64 = 20_000;

/// Puts records into the archive.
pub(super) struct RecordSink<'a> {
    loading: Loading<'a>,
    /// A message belongs to the conversation before it.
    conversation: Option<Change>,
    /// It was given since the last commit.
    opened: bool,
    /// The first chat is there to be read.
    first: bool,
    /// Only messages of this time.
    between: Between,
    /// Media that the messages named.
    named: HashSet<Hash>,
    report: RestoreReport,
    /// Where the archive's cursor is if nobody else writes; `None` once somebody did.
    cursor: Option<Cursor>,
}

/// What a restore did to the archive.
pub(super) struct Applied {
    pub report: RestoreReport,
    /// Media that the messages named.
    pub named: HashSet<Hash>,
    /// The archive was empty, and up to this cursor holds the restored changes and no others. What
    /// was imported meanwhile comes after it; where an import came in between, there is no such
    /// cursor.
    pub cursor: Option<u64>,
}

impl<'a> RecordSink<'a> {
    pub(super) fn new(loading: Loading<'a>, between: Between) -> Self {
        Self {
            loading,
            conversation: None,
            opened: false,
            first: false,
            between,
            named: HashSet::new(),
            report: RestoreReport::default(),
            cursor: Some(Cursor(0)),
        }
    }

    /// False for what is not of the time that was asked for. What is known of a chat as a whole,
    /// such as the exports that were read into it, does not hold for a part of it.
    fn is_wanted(&self, change: &Change) -> bool {
        match change {
            Change::Message(message) => self.between.has(message.time.ms),
            Change::Fact(record) => {
                !self.between.is_limited() || matches!(record.fact, Fact::Own(_) | Fact::OwnHere(_))
            }
            Change::Conversation(_) | Change::Everywhere => true,
        }
    }

    /// Everything is on the disk then.
    pub(super) fn finish(mut self) -> Result<Applied, SourceError> {
        self.commit()?;
        self.loading.finish()?;
        Ok(Applied { report: self.report, named: self.named, cursor: self.cursor.map(|c| c.0) })
    }

    fn commit(&mut self) -> Result<(), SourceError> {
        self.opened = false;
        let Some(applied) = self.loading.commit()? else { return Ok(()) };
        let ApplyReport {
            before,
            after,
            conversations_new,
            messages_new,
            messages_known,
            messages_updated,
        } = applied;
        self.cursor = self.cursor.filter(|c| *c == before).map(|_| after);
        self.report.conversations += conversations_new;
        self.report.messages += messages_new;
        self.report.kept += messages_known + messages_updated;
        self.first |= messages_new > 0;
        Ok(())
    }

    fn open(&mut self, opening: Change) -> Result<(), SourceError> {
        // Every segment repeats it.
        if !self.opened || self.conversation.as_ref() != Some(&opening) {
            self.loading.apply(&opening)?;
            self.opened = true;
            self.conversation = Some(opening);
        }
        Ok(())
    }
}

impl RecordSink<'_> {
    pub(super) fn take(&mut self, change: Change) -> Result<(), SourceError> {
        if matches!(change, Change::Conversation(_) | Change::Everywhere) {
            return self.open(change);
        }
        if !self.is_wanted(&change) {
            return Ok(());
        }
        self.named.extend(media_of(&change).map(|(hash, _)| hash));
        let Some(conversation) = &self.conversation else {
            return Err("a record before any conversation".into());
        };
        if !self.opened {
            self.loading.apply(conversation)?;
            self.opened = true;
        }
        self.loading.apply(&change)?;
        if self.loading.pending() >= LARGE { self.commit() } else { Ok(()) }
    }

    pub(super) fn stream_done(&mut self) -> Result<(), SourceError> {
        if !self.first || self.loading.pending() >= ENOUGH {
            self.commit()?;
        }
        // A stream whose opening is damaged must not go to the chat before it.
        self.conversation = None;
        self.opened = false;
        Ok(())
    }
}

/// Puts media into the vault; on the disk after [`MediaSink::finish`].
pub(super) struct MediaSink<'a> {
    pub vault: &'a dyn MediaVault,
    /// Files that were brought.
    pub brought: u64,
}

impl MediaSink<'_> {
    pub(super) fn finish(&self) -> Result<(), SourceError> {
        Ok(self.vault.sync()?)
    }
}

impl Sink for MediaSink<'_> {
    fn record(&mut self, _: &[u8], _: &[u8]) -> Result<(), SourceError> {
        Ok(())
    }

    fn has_media(&mut self, hash: &Hash) -> Result<bool, SourceError> {
        Ok(self.vault.contains(&MediaHash(*hash))?)
    }

    fn media(
        &mut self,
        hash: &Hash,
        _size: u64,
        content: &mut dyn Read,
    ) -> Result<(), SourceError> {
        let stored = self.vault.put_many(content)?;
        if stored.hash.0 != *hash {
            self.vault.delete(&stored.hash)?;
            return Err("a media file is not the one that the backup names".into());
        }
        self.brought += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::archive_source::ArchiveSource;
    use crate::backup::invented::{import, open};
    use crate::backup::parsed_ahead::restore_records;
    use backup_engine::{
        BackupOptions, MemoryStore, Repository, RestoreOptions, Store, Unobserved,
    };
    use rand_core::OsRng;
    use sealed_keys::{BackupKey, Header, RepositoryId};
    use std::sync::Arc;

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

        let mut restored = open(into.path());
        let snapshot = repository.latest().unwrap().unwrap();
        for round in 0..2 {
            let sink = RecordSink::new(restored.begin_loading().unwrap(), Between::default());
            let options =
                RestoreOptions { media: Some(HashSet::new()), ..RestoreOptions::default() };
            let restored = restore_records(&repository, (&snapshot, &options), sink, &Unobserved);
            let (report, applied) = restored.unwrap();
            assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
            let applied = applied.report;
            let (new, kept) = (applied.messages, applied.kept);
            assert!((150..299).contains(&(new + kept)), "{new} new, {kept} kept");
            assert_eq!(if round == 0 { kept } else { new }, 0);
        }
        assert_eq!(
            store.list("packs").unwrap().len(),
            2,
            "one with the chat, one of second copies"
        );
    }

    #[test]
    fn what_is_imported_during_a_restore_is_not_taken_for_restored() {
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut archive = open(from.path());
        import(&mut archive, "Mira", 0..3, 5);
        let changes: Vec<Change> =
            archive.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect();
        let mut restored = open(into.path());
        let mut sink = RecordSink::new(restored.begin_loading().unwrap(), Between::default());
        let give = |sink: &mut RecordSink<'_>| {
            changes.iter().for_each(|c| sink.take(c.clone()).unwrap());
            sink.stream_done().unwrap();
            sink.commit().unwrap();
            sink.cursor
        };
        let own = give(&mut sink);
        import(&mut open(into.path()), "Noah", 0..3, 5);
        assert!(own.is_some_and(|c| c < open(into.path()).latest_cursor().unwrap()));
        assert_eq!(give(&mut sink), None, "an import came between");
    }
}
