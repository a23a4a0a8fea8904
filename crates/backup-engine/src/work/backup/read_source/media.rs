//! Media files, in pieces.

use super::Run;
use crate::error::BackupError;
use crate::format::{MediaEntry, MissingEntry, ObjectId, ObjectKind};
use crate::limits::{MAX_PIECES, MEDIA_PIECE};
use crate::port::{MediaHash, Source, Stage};
use crate::work::backup::MissingMedia;
use crate::work::write_packs::{PackWriter, Stopped};
use std::io::Read;

impl Run<'_> {
    /// What cannot be read is recorded: one bad file must not keep everything else out of the backup.
    pub(super) fn read_media(
        &mut self,
        source: &dyn Source,
        (hash, size): (MediaHash, u64),
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<(), Stopped> {
        if let Err(why) = self.try_media(source, (hash, size), writer)? {
            self.catalog.missing.push(MissingEntry::new(hash, size, &why));
            self.report.missing_media.push(MissingMedia { hash, why });
        }
        Ok(())
    }

    /// A file that an earlier backup could not read may be there again.
    pub(super) fn read_missing(
        &mut self,
        source: &dyn Source,
        known: MissingEntry,
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<(), Stopped> {
        match self.try_media(source, (known.hash, known.size), writer)? {
            Ok(()) => self.found_again += 1,
            Err(why) => self.report.missing_media.push(MissingMedia { hash: known.hash, why }),
        }
        Ok(())
    }

    fn try_media(
        &mut self,
        source: &dyn Source,
        (hash, size): (MediaHash, u64),
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<Result<(), String>, Stopped> {
        let opened = source.open_media(&hash).map_err(|e| e.to_string());
        let read = match opened.and_then(|content| content.ok_or_else(|| "it is gone".into())) {
            Ok(mut content) => self.read_pieces(content.as_mut(), size, writer)?,
            Err(why) => Err(why),
        };
        Ok(read.map(|pieces| {
            self.report.media += 1;
            self.media_bytes += size;
            self.catalog.media.push(MediaEntry { hash, size, pieces });
        }))
    }

    /// The pieces, or why the file cannot be used. Pieces of a file that turns out bad are in no catalog.
    fn read_pieces(
        &mut self,
        content: &mut dyn Read,
        size: u64,
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<Result<Vec<ObjectId>, String>, Stopped> {
        let wrong_size = || Ok(Err("it is not as long as it should be".into()));
        let mut pieces = Vec::new();
        let mut read = 0;
        loop {
            if self.observer.cancelled() {
                return Err(BackupError::Cancelled.into());
            }
            let piece = match next_piece(content, size - read) {
                Ok(piece) => piece,
                Err(error) => return Ok(Err(error.to_string())),
            };
            let len = piece.len() as u64;
            if len == 0 {
                break;
            }
            read += len;
            self.report.bytes_read += len;
            if read > size || pieces.len() == MAX_PIECES {
                return wrong_size();
            }
            pieces.push(writer.add(ObjectKind::Media, piece, self.known)?.0);
            self.tell(Stage::Media);
        }
        if read == size { Ok(Ok(pieces)) } else { wrong_size() }
    }
}

/// Up to one piece; one byte more than `left` when the file is longer than it said.
fn next_piece(content: &mut dyn Read, left: u64) -> std::io::Result<Vec<u8>> {
    let len = MEDIA_PIECE.min(usize::try_from(left + 1).unwrap_or(usize::MAX));
    let mut piece = Vec::with_capacity(len);
    content.take(len as u64).read_to_end(&mut piece)?;
    Ok(piece)
}
