//! Objects ahead of the sink, and media files out of their pieces.

use super::fresh_index::FreshIndex;
use crate::error::BackupError;
use crate::format::{MediaEntry, ObjectId, ObjectKind};
use crate::objects::WholePacks;
use crate::port::Observer;
use crate::store::Distance;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

/// Threads that fetch and open objects ahead of the sink. From a place that takes its time to
/// answer more of them wait for it.
const FETCHERS: usize = 2;
const FETCHERS_FROM_AWAY: usize = 4;

/// Objects that wait for the sink in each thread: 4 * 4 * 2 MiB.
const AHEAD: usize = 4;

/// Objects in the order in which they were asked for, opened by several threads side by side.
pub(super) struct Fetched {
    lanes: Vec<Receiver<Result<Vec<u8>, BackupError>>>,
    turn: usize,
}

impl Fetched {
    pub(super) fn start<'scope, 'env: 'scope>(
        scope: &'scope Scope<'scope, 'env>,
        index: &'env FreshIndex<'env>,
        whole: &Arc<WholePacks<'env>>,
        ids: Vec<(ObjectKind, ObjectId)>,
    ) -> Self {
        let ids = Arc::new(ids);
        let lanes = match index.distance() {
            Distance::Here => FETCHERS,
            Distance::Away => FETCHERS_FROM_AWAY,
        };
        let lane = |number: usize| {
            let (send, receive) = sync_channel(AHEAD);
            let (ids, whole) = (ids.clone(), whole.clone());
            scope.spawn(move || {
                let mut reader = index.reader().through(whole);
                for (kind, id) in ids.iter().skip(number).step_by(lanes) {
                    // Nobody takes it when the restore ended early.
                    if send.send(reader.read(*kind, id)).is_err() {
                        return;
                    }
                }
            });
            receive
        };
        Self { lanes: (0..lanes).map(lane).collect(), turn: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Vec<u8>, BackupError> {
        let lane = &self.lanes[self.turn % self.lanes.len()];
        self.turn += 1;
        lane.recv().expect("each object that is asked for is answered once")
    }
}

/// One media file, piece by piece.
pub(super) struct PieceReader<'a> {
    fetched: &'a mut Fetched,
    pieces_left: usize,
    bytes_left: u64,
    piece: Vec<u8>,
    at: usize,
    observer: &'a dyn Observer,
    name: String,
    pub problem: Option<BackupError>,
}

impl<'a> PieceReader<'a> {
    pub(super) fn new(
        fetched: &'a mut Fetched,
        entry: &MediaEntry,
        observer: &'a dyn Observer,
    ) -> Self {
        let name = format!("media {}", hex::encode(entry.hash));
        let (pieces_left, bytes_left) = (entry.pieces.len(), entry.size);
        Self {
            fetched,
            pieces_left,
            bytes_left,
            piece: Vec::new(),
            at: 0,
            observer,
            name,
            problem: None,
        }
    }

    fn next_piece(&mut self) -> Result<(), BackupError> {
        if self.observer.cancelled() {
            return Err(BackupError::Cancelled);
        }
        self.pieces_left -= 1;
        self.piece = self.fetched.next()?;
        self.at = 0;
        let len = self.piece.len() as u64;
        let wrong = len > self.bytes_left || (self.pieces_left == 0 && len < self.bytes_left);
        self.bytes_left = self.bytes_left.saturating_sub(len);
        if wrong {
            Err(BackupError::damaged(&self.name, "its pieces are not as long as it"))
        } else {
            Ok(())
        }
    }

    /// What the sink did not read must still be taken, for the next file's sake.
    pub(super) fn skip_rest(&mut self) {
        while self.pieces_left > 0 {
            self.pieces_left -= 1;
            if let (Err(problem), None) = (self.fetched.next(), &self.problem) {
                self.problem = Some(problem);
            }
        }
    }
}

impl Read for PieceReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let failed = || io::Error::new(io::ErrorKind::InvalidData, "the media file is damaged");
        if self.problem.is_some() {
            return Err(failed());
        }
        while self.at == self.piece.len() {
            if self.pieces_left == 0 {
                return Ok(0);
            }
            if let Err(problem) = self.next_piece() {
                self.problem = Some(problem);
                return Err(failed());
            }
        }
        let n = out.len().min(self.piece.len() - self.at);
        out[..n].copy_from_slice(&self.piece[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
