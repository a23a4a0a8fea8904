//! Files of messages: into the vault, and into the list of what is missing.

use std::io::Read;

use rusqlite::params;

use super::{Files, ImportSession, MediaReader, MissingAttachment};
use crate::write::{self, Outcome, Place};
use crate::{
    ArchiveError, AttachmentContent, ConversationId, MediaHash, MessageRecord, MissingReason, facts,
};

/// At most this many missing files are listed in a report (each some 100 bytes: 1 MB); the
/// archive itself lists them all.
const MAX_LISTED_MISSING: usize = 10_000;

impl ImportSession<'_> {
    /// Brings files into the vault that `known` lacks, or whose content is not there any more.
    /// True if any came in.
    pub(super) fn store_files(
        &mut self,
        record: &mut MessageRecord,
        files: &Files,
        known: Option<&MessageRecord>,
        media: &mut dyn MediaReader,
    ) -> Result<bool, ArchiveError> {
        let before = self.stored.len();
        for (attachment, file) in record.attachments.iter_mut().zip(files) {
            let known =
                known.and_then(|k| k.attachments.iter().find(|a| a.name == attachment.name));
            let known = known.map(|a| a.content).filter(|c| c.hash().is_some());
            if let Some(content) = known
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
            attachment.content = known.filter(|_| found.hash().is_none()).unwrap_or(found);
        }
        Ok(self.stored.len() > before)
    }

    /// Files of a new message that came with an earlier export, which did not name them.
    pub(super) fn claim_unclaimed(
        &mut self,
        thread: i64,
        record: &mut MessageRecord,
    ) -> Result<(), ArchiveError> {
        for attachment in &mut record.attachments {
            if attachment.content.hash().is_some() {
                continue;
            }
            let Some(name) = &attachment.name else { continue };
            if let Some(file) = facts::unclaimed_by_name(&self.tx, thread, name)? {
                attachment.content =
                    AttachmentContent::Present { hash: file.hash, size: file.size };
            }
        }
        Ok(())
    }

    /// Merges into a known message. `brought`: a file of it came into the vault, though it may have
    /// been known before.
    pub(super) fn merge_known(
        &mut self,
        place: Place,
        id: i64,
        record: &MessageRecord,
        brought: bool,
    ) -> Result<Outcome, ArchiveError> {
        match self.writer.merge(&self.tx, place, id, record)? {
            Outcome::Unchanged(id) if brought => {
                self.writer.mark_changed(&self.tx, place.thread, id)?;
                Ok(Outcome::Updated(id))
            }
            outcome => Ok(outcome),
        }
    }

    /// Gives a stored file to the message of a conversation that misses one of this name.
    pub(super) fn fill_missing(
        &mut self,
        id: ConversationId,
        name: &str,
        hash: MediaHash,
        size: u64,
    ) -> Result<bool, ArchiveError> {
        let place = self.thread(id)?.place;
        let mut statement = self.tx.prepare_cached(
            "SELECT m.id FROM attachments a JOIN messages m ON m.id = a.message_id
             WHERE m.thread_id = ?1 AND a.name = ?2 AND a.missing IS NOT NULL",
        )?;
        let rows: Vec<i64> = statement
            .query_map(params![place.thread, name], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        drop(statement);
        for row in &rows {
            let known = write::message_row::load(&self.tx, *row)?;
            let mut filled = known.clone();
            for attachment in &mut filled.attachments {
                if attachment.name.as_deref() == Some(name) && attachment.content.hash().is_none() {
                    attachment.content = AttachmentContent::Present { hash, size };
                    self.report.attachments_appeared += 1;
                }
            }
            self.writer.replace(&self.tx, place, *row, &known, &filled)?;
        }
        Ok(!rows.is_empty())
    }

    fn is_there(&self, content: &AttachmentContent) -> Result<bool, ArchiveError> {
        let Some(hash) = content.hash() else { return Ok(false) };
        self.media.contains(&hash).map_err(ArchiveError::io("look for a media file"))
    }

    pub(super) fn store_file(
        &mut self,
        content: &mut dyn Read,
    ) -> Result<AttachmentContent, ArchiveError> {
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
            Err(_) if watched.failed => {
                Ok(AttachmentContent::Missing { reason: MissingReason::Unreadable })
            }
            Err(e) => Err(ArchiveError::io("store a media file")(e)),
        }
    }

    /// Stores what is no file of the export.
    pub(super) fn store_content(
        &mut self,
        content: &mut dyn Read,
    ) -> Result<(MediaHash, u64), ArchiveError> {
        let stored =
            self.media.put(content).map_err(ArchiveError::io("store a part of the export"))?;
        if stored.created {
            self.stored.push(stored.hash);
        }
        Ok((stored.hash, stored.size))
    }

    pub(super) fn list_still_missing(
        &mut self,
        id: ConversationId,
        row: i64,
    ) -> Result<(), ArchiveError> {
        let record = write::message_row::load(&self.tx, row)?;
        self.list_missing(id, &record);
        Ok(())
    }

    pub(super) fn list_missing(&mut self, id: ConversationId, record: &MessageRecord) {
        let title = self.threads.get(&id).map(|s| s.title.as_str()).unwrap_or_default();
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
