//! The archive as a backup reads it: streams of records, and media.
//!
//! A stream is a conversation; a record is one change of the archive as JSON, so that a decrypted
//! backup can be read without Keepsake (spec/backup-format.md).

use super::media_of::media_of;
use backup_engine::{MediaHash as Hash, MediaSource, SourceError, SourceId};
use chat_archive::{Archive, Change, ConversationRecord, Cursor, MediaHash, MediaVault, Source};
use std::cell::Cell;
use std::collections::HashSet;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

/// Reads everything that changed.
pub(crate) struct ArchiveSource {
    pub archive: Archive,
    media: VaultSource,
    /// Messages given so far.
    pub messages: Cell<u64>,
}

/// Reads media.
struct VaultSource(Arc<dyn MediaVault>);

impl ArchiveSource {
    pub(super) fn new(archive: Archive) -> Self {
        let media = VaultSource(archive.media_vault());
        Self { archive, media, messages: Cell::new(0) }
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
        let mut given = HashSet::new();
        let mut stream = Vec::new();
        let mut bytes = Vec::new();
        for change in self.archive.changes_since(Cursor(since))?.up_to(Cursor(until)) {
            let mut change = change?;
            // Those of changed messages alone: what an earlier backup could not read, the engine
            // knows and asks for again.
            for (hash, size) in media_of(&change).filter(|(hash, _)| given.insert(*hash)) {
                visit(backup_engine::Change::Media { hash, size })?;
            }
            bytes.clear();
            change.write(&mut bytes)?;
            match &change {
                Change::Conversation(conversation) => stream = stream_name(conversation),
                Change::Everywhere => stream = b"everywhere".to_vec(),
                Change::Message(_) | Change::Fact(_) => {
                    self.messages
                        .set(self.messages.get() + u64::from(matches!(change, Change::Message(_))));
                    visit(backup_engine::Change::Record { stream: &stream, bytes: &bytes })?;
                    continue;
                }
            }
            visit(backup_engine::Change::Stream { stream: &stream, opening: &bytes })?;
        }
        Ok(())
    }

    fn media(&self) -> &dyn MediaSource {
        &self.media
    }
}

impl MediaSource for VaultSource {
    fn open(&self, hash: &Hash) -> Result<Option<Box<dyn Read + '_>>, SourceError> {
        match self.0.open(&MediaHash(*hash)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn stream_name(conversation: &ConversationRecord) -> Vec<u8> {
    stream_name_of(conversation.source, &conversation.key).into_bytes()
}

/// Names a thread without saying whose it is: SHA-256 of its messenger and its key there.
pub(super) fn stream_name_of(source: Source, key: &str) -> String {
    hex::encode(sealed_keys::digest(&[source.as_str().as_bytes(), &[0], key.as_bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::invented::{import, open};

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
}
