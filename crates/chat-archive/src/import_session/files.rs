//! Files of messages: into the vault, and into the list of what is missing.

use std::io::Read;

use super::{ImportSession, MediaReader, MissingAttachment};
use crate::write::{self, Outcome};
use crate::{ArchiveError, AttachmentContent, ConversationId, MessageRecord, MissingReason};

/// At most this many missing files are listed in a report (each some 100 bytes: 1 MB); the
/// archive itself lists them all.
const MAX_LISTED_MISSING: usize = 10_000;

impl ImportSession<'_> {
    /// Brings the files that `known` lacks into the vault.
    /// Brings files into the vault that `known` lacks, or whose content is not there any more. True if any came in.
    pub(super) fn store_files(
        &mut self,
        record: &mut MessageRecord,
        files: &[Result<String, MissingReason>],
        known: Option<&MessageRecord>,
        media: &mut dyn MediaReader,
    ) -> Result<bool, ArchiveError> {
        let before = self.stored.len();
        for (attachment, file) in record.attachments.iter_mut().zip(files) {
            let held = known.and_then(|k| k.attachments.iter().find(|a| a.name == attachment.name));
            let held = held.map(|a| a.content).filter(|c| c.hash().is_some());
            if let Some(content) = held
                && self.is_there(&content)?
            {
                attachment.content = content;
                continue;
            }
            let found = match file {
                Ok(file) => match media.open_media(file) {
                    Ok(mut content) => self.store_file(&mut *content)?,
                    Err(reason) => AttachmentContent::Missing { reason },
                },
                Err(reason) => AttachmentContent::Missing { reason: *reason },
            };
            // What is known is not forgotten because this export lacks it as well.
            attachment.content = held.filter(|_| found.hash().is_none()).unwrap_or(found);
        }
        Ok(self.stored.len() > before)
    }

    /// Merges into a known message. `brought`: a file of it came into the vault, though it may have been known before.
    pub(super) fn merge_known(
        &mut self,
        conversation: i64,
        id: i64,
        record: &MessageRecord,
        brought: bool,
    ) -> Result<Outcome, ArchiveError> {
        match self.writer.merge(&self.tx, conversation, id, record)? {
            Outcome::Unchanged(id) if brought => {
                self.writer.mark_changed(&self.tx, conversation, id)?;
                Ok(Outcome::Updated(id))
            }
            outcome => Ok(outcome),
        }
    }

    fn is_there(&self, content: &AttachmentContent) -> Result<bool, ArchiveError> {
        let Some(hash) = content.hash() else { return Ok(false) };
        self.media.contains(&hash).map_err(ArchiveError::io("look for a media file"))
    }

    fn store_file(&mut self, content: &mut dyn Read) -> Result<AttachmentContent, ArchiveError> {
        let mut watched = ReadWatch { inner: content, failed: false };
        match self.media.put(&mut watched) {
            Ok(stored) => {
                if stored.created {
                    self.stored.push(stored.hash);
                    self.report.attachments_new += 1;
                }
                Ok(AttachmentContent::Present { hash: stored.hash, size: stored.size })
            }
            // The export's file is bad: say so and go on. The vault's own failure ends the import.
            Err(_) if watched.failed => Ok(AttachmentContent::Missing { reason: MissingReason::Unreadable }),
            Err(e) => Err(ArchiveError::io("store a media file")(e)),
        }
    }

    pub(super) fn list_still_missing(&mut self, conversation: i64, id: i64) -> Result<(), ArchiveError> {
        let record = write::message_row::load(&self.tx, id)?;
        self.list_missing(conversation, &record);
        Ok(())
    }

    pub(super) fn list_missing(&mut self, conversation: i64, record: &MessageRecord) {
        let title = self.open.get(&ConversationId(conversation)).map(|s| s.title.as_str()).unwrap_or_default();
        for attachment in &record.attachments {
            let AttachmentContent::Missing { reason } = attachment.content else { continue };
            self.report.attachments_missing += 1;
            if self.report.missing.len() < MAX_LISTED_MISSING {
                self.report.missing.push(MissingAttachment {
                    conversation: title.to_owned(),
                    time: record.time,
                    name: attachment.name.clone(),
                    reason,
                });
            }
        }
    }
}

/// Notices that reading failed, as opposed to writing.
struct ReadWatch<'a> {
    inner: &'a mut dyn Read,
    failed: bool,
}

impl Read for ReadWatch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let result = self.inner.read(buffer);
        self.failed |= result.as_ref().is_err_and(|e| e.kind() != std::io::ErrorKind::Interrupted);
        result
    }
}
