//! The archive as the backup engine sees it: streams of records, and media.
//!
//! A stream is a conversation; a record is one change of the archive as JSON, so that a decrypted backup can be read
//! without Keepsake (spec/backup-format.md).

use crate::model::RestoreReport;
use backup_engine::{MediaHash as Hash, SourceError, SourceId};
use chat_archive::{Archive, ArchiveError, Change, ConversationRecord, Cursor, MediaHash, MediaVault};
use std::io::Read;

/// Messages handed to the archive in one transaction.
const BATCH: usize = 5_000;

/// Reads everything that changed.
pub(crate) struct ArchiveSource {
    pub archive: Archive,
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
        _until: u64,
        visit: &mut dyn FnMut(backup_engine::Change<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut stream = Vec::new();
        let mut bytes = Vec::new();
        for change in self.archive.changes_since(Cursor(since))? {
            let change = change?;
            if let Change::Conversation(conversation) = &change {
                stream = stream_name(conversation);
            }
            bytes.clear();
            serde_json::to_writer(&mut bytes, &change)?;
            visit(backup_engine::Change::Record { stream: &stream, bytes: &bytes })?;
            for (hash, size) in media_of(&change) {
                visit(backup_engine::Change::Media { hash: hash.0, size })?;
            }
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

fn media_of(change: &Change) -> Vec<(MediaHash, u64)> {
    let Change::Message(message) = change else { return vec![] };
    let present = |a: &chat_archive::Attachment| match a.content {
        chat_archive::AttachmentContent::Present { hash, size } => Some((hash, size)),
        chat_archive::AttachmentContent::Missing { .. } => None,
    };
    message.attachments.iter().filter_map(present).collect()
}

/// Puts what comes back into the archive. Nothing there is overwritten or deleted.
pub(crate) struct ArchiveSink<'a> {
    archive: &'a mut Archive,
    media: &'a dyn MediaVault,
    /// Opens every batch: a message belongs to the conversation before it.
    conversation: Option<Change>,
    batch: Vec<Change>,
    report: RestoreReport,
}

impl<'a> ArchiveSink<'a> {
    pub fn new(archive: &'a mut Archive, media: &'a dyn MediaVault, report: RestoreReport) -> Self {
        Self { archive, media, conversation: None, batch: vec![], report }
    }

    pub fn finish(self) -> RestoreReport {
        self.report
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let changes = std::mem::take(&mut self.batch);
        let applied = self.archive.apply_changes(changes.into_iter().map(Ok::<_, ArchiveError>))?;
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
        if matches!(change, Change::Conversation(_)) {
            self.conversation = Some(change.clone());
        }
        self.batch.push(change);
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn stream_done(&mut self, _stream: &[u8]) -> Result<(), SourceError> {
        self.flush()?;
        self.batch.clear();
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
