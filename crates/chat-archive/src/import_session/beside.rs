//! What an export holds beside messages: parts that nobody understood, files that no message
//! names, and the export itself.

use std::io::Read;

use super::ImportSession;
use crate::facts::{self, ExportRead, Fact, FactRecord, Leftover, Raw, UnclaimedFile};
use crate::{ArchiveError, AttachmentContent, ConversationId};

/// Longer leftovers go into the media vault: 64 KiB, more than any message has words.
const MAX_INLINE: usize = 64 << 10;

impl ImportSession<'_> {
    /// Stores a part of the export that was not understood, as it is. `kind` says in words what
    /// sort of thing it is.
    pub fn add_leftover(
        &mut self,
        id: ConversationId,
        kind: &str,
        bytes: &[u8],
    ) -> Result<(), ArchiveError> {
        let raw = match std::str::from_utf8(bytes) {
            _ if bytes.len() > MAX_INLINE => {
                let stored = self.store_content(&mut &*bytes)?;
                Raw::File { hash: stored.0, size: stored.1 }
            }
            Ok(text) => Raw::Text(text.to_owned()),
            Err(_) => Raw::Hex(hex::encode(bytes)),
        };
        self.count_not_understood(kind);
        let thread = self.thread(id)?;
        let ordinal =
            thread.leftovers.entry((kind.to_owned(), *blake3::hash(bytes).as_bytes())).or_default();
        let key = facts::leftover_key(&thread.identity, kind, &raw, *ordinal);
        let leftover = Leftover { kind: kind.to_owned(), raw, ordinal: *ordinal };
        *ordinal += 1;
        self.put_fact(id, FactRecord { key, as_of: 0, fact: Fact::Leftover(leftover) })
    }

    /// Stores a file that no message names. If the archive misses a file of this name in the
    /// conversation, it has it now.
    ///
    /// # Errors
    /// [`ArchiveError::Io`] if it cannot be stored; a file that cannot be read is counted as not
    /// understood.
    pub fn add_unclaimed_file(
        &mut self,
        id: ConversationId,
        name: &str,
        mime: Option<&str>,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        let AttachmentContent::Present { hash, size } = self.store_file(content)? else {
            self.count_not_understood("file that cannot be read");
            return Ok(());
        };
        if self.fill_missing(id, name, hash, size)? {
            return Ok(());
        }
        self.report.unclaimed_files += 1;
        let key = facts::unclaimed_key(&self.thread(id)?.identity, name, &hash);
        let file =
            UnclaimedFile { name: name.to_owned(), mime: mime.map(str::to_owned), hash, size };
        self.put_fact(id, FactRecord { key, as_of: 0, fact: Fact::UnclaimedFile(file) })
    }

    /// Ends an export: all conversations that were begun since the one before were read from these
    /// files. `now` is Unix ms.
    pub fn end_export(&mut self, read: &[ExportRead], now: i64) -> Result<(), ArchiveError> {
        for id in std::mem::take(&mut self.of_this_export) {
            for export in read {
                self.add_export(id, export, now)?;
            }
        }
        Ok(())
    }

    /// Remembers which export was read into a conversation. `now` is Unix ms.
    pub fn add_export(
        &mut self,
        id: ConversationId,
        export: &ExportRead,
        now: i64,
    ) -> Result<(), ArchiveError> {
        let key = facts::export_key(&self.thread(id)?.identity, &export.sha256);
        let known = facts::select(&self.tx, "key = ?1", [key.0])?;
        if !known.is_empty() {
            return Ok(());
        }
        self.put_fact(id, FactRecord { key, as_of: now, fact: Fact::Export(export.clone()) })
    }

    fn put_fact(&mut self, id: ConversationId, record: FactRecord) -> Result<(), ArchiveError> {
        let thread = self.thread(id)?.place.thread;
        facts::put(&self.tx, &mut self.writer, Some(thread), &record)?;
        Ok(())
    }
}
