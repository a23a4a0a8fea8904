//! Media files, in pieces.

use super::pace::Done;
use crate::error::BackupError;
use crate::format::{MediaEntry, MissingEntry, ObjectId, ObjectKind};
use crate::limits::{MAX_PIECES, MEDIA_PIECE};
use crate::objects::Index;
use crate::port::{MediaHash, MediaSource, Observer};
use crate::work::backup::MissingMedia;
use crate::work::write_packs::{PackWriter, Stopped};
use std::io::Read;
use std::sync::mpsc::Receiver;

/// What reading media came to.
#[derive(Default)]
pub(super) struct MediaFound {
    pub media: Vec<MediaEntry>,
    /// In no earlier snapshot's list of what is missing.
    pub newly_missing: Vec<MissingEntry>,
    /// These, and those that an earlier backup missed and that are missing still.
    pub missing: Vec<MissingMedia>,
    /// Those that an earlier backup missed and that are there again.
    pub found_again: u64,
    pub bytes_read: u64,
}

pub(super) struct MediaRun<'a, 'scope, 'env> {
    source: &'a dyn MediaSource,
    known: &'a Index,
    writer: &'a PackWriter<'scope, 'env>,
    observer: &'a dyn Observer,
    done: &'a Done,
    found: MediaFound,
}

impl<'a, 'scope, 'env> MediaRun<'a, 'scope, 'env> {
    pub(super) fn new(
        source: &'a dyn MediaSource,
        (known, writer): (&'a Index, &'a PackWriter<'scope, 'env>),
        (observer, done): (&'a dyn Observer, &'a Done),
    ) -> Self {
        Self { source, known, writer, observer, done, found: MediaFound::default() }
    }

    /// Reads files as they are named, and then again what an earlier backup could not read. What
    /// cannot be read is recorded: one bad file must not keep everything else out of the backup.
    pub(super) fn read(
        mut self,
        files: Receiver<(MediaHash, u64)>,
        again: Vec<MissingEntry>,
    ) -> Result<MediaFound, Stopped> {
        for (hash, size) in files {
            if let Err(why) = self.try_file(hash, size)? {
                self.found.newly_missing.push(MissingEntry::new(hash, size, &why));
                self.found.missing.push(MissingMedia { hash, why });
            }
        }
        for known in again {
            match self.try_file(known.hash, known.size)? {
                Ok(()) => self.found.found_again += 1,
                Err(why) => self.found.missing.push(MissingMedia { hash: known.hash, why }),
            }
        }
        Ok(self.found)
    }

    fn try_file(&mut self, hash: MediaHash, size: u64) -> Result<Result<(), String>, Stopped> {
        let opened = self.source.open(&hash).map_err(|e| e.to_string());
        let read = match opened.and_then(|content| content.ok_or_else(|| "it is gone".into())) {
            Ok(mut content) => self.read_pieces(content.as_mut(), size)?,
            Err(why) => Err(why),
        };
        Ok(read.map(|pieces| {
            self.done.add_media();
            self.found.media.push(MediaEntry { hash, size, pieces });
        }))
    }

    /// The pieces, or why the file cannot be used. Pieces of a file that turns out bad are in no
    /// catalog.
    fn read_pieces(
        &mut self,
        content: &mut dyn Read,
        size: u64,
    ) -> Result<Result<Vec<ObjectId>, String>, Stopped> {
        let wrong_size = || Ok(Err("it is not as long as it should be".into()));
        let mut pieces = Vec::new();
        let mut read = 0;
        loop {
            if self.observer.cancelled() || self.done.given_up() {
                return Err(BackupError::Cancelled.into());
            }
            let piece = match next_piece(content, size - read, self.writer.spare()) {
                Ok(piece) => piece,
                Err(error) => return Ok(Err(error.to_string())),
            };
            let len = piece.len() as u64;
            if len == 0 {
                break;
            }
            read += len;
            self.found.bytes_read += len;
            self.done.add_bytes(piece.len());
            if read > size || pieces.len() == MAX_PIECES {
                return wrong_size();
            }
            pieces.push(self.writer.add(ObjectKind::Media, piece, self.known)?.0);
            self.done.tell_of_media(self.observer);
        }
        if read == size { Ok(Ok(pieces)) } else { wrong_size() }
    }
}

/// Up to one piece; one byte more than `left` when the file is longer than it said.
fn next_piece(content: &mut dyn Read, left: u64, mut piece: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let len = MEDIA_PIECE.min(usize::try_from(left + 1).unwrap_or(usize::MAX));
    piece.reserve_exact(len);
    content.take(len as u64).read_to_end(&mut piece)?;
    Ok(piece)
}
