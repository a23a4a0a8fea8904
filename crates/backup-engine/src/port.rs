//! What the engine asks of its caller: a source of changes, a sink for what is restored, and
//! somebody to watch.

use std::io::Read;

/// The caller's own content hash of a media file, 32 bytes. The engine never computes it.
pub type MediaHash = [u8; 32];

pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// One database of records on one computer. Its cursor means nothing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub [u8; 16]);

/// One thing that is new or changed.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// The record that makes the stream's others understandable. The engine begins every segment of
    /// the stream with it, so that damage to one segment does not take the meaning from the rest: a
    /// sink is given it many times. It comes before the stream's other records and does not count
    /// as one of them; above [`crate::limits::MAX_OPENING`] bytes it is a record like others.
    Stream { stream: &'a [u8], opening: &'a [u8] },
    /// A record of a stream; at most [`crate::limits::MAX_RECORD`] bytes, the stream's name at most
    /// 255. Records of a stream come back in the order in which they were given, over all backups.
    Record { stream: &'a [u8], bytes: &'a [u8] },
    /// A media file of `size` bytes.
    Media { hash: MediaHash, size: u64 },
}

/// What is to be expected, for progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    pub records: u64,
    /// Record and media bytes together.
    pub bytes: u64,
}

/// Where the records come from: an append-only feed of changes, numbered by a cursor that only
/// grows.
pub trait Source {
    fn id(&self) -> SourceId;

    /// Cursor of the newest change. Equal to the last backup's: there is nothing to do.
    fn head(&self) -> Result<u64, SourceError>;

    /// What the changes after `since` amount to, if that is cheap to say.
    fn estimate(&self, since: u64) -> Result<Option<Estimate>, SourceError> {
        let _ = since;
        Ok(None)
    }

    /// Gives each change with `since < cursor <= until`, in the same order each time. Passes on a
    /// visitor's error.
    fn changes(
        &self,
        since: u64,
        until: u64,
        visit: &mut dyn FnMut(Change<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;

    /// The media that the changes name. They are read on another thread, while the changes are
    /// still being given.
    fn media(&self) -> &dyn MediaSource;
}

/// Where media come from.
pub trait MediaSource: Sync {
    /// Opens a media file, or `None` when it is gone. An error, here or while it is read, is about
    /// this file alone: it is listed as missing and the backup goes on.
    fn open(&self, hash: &MediaHash) -> Result<Option<Box<dyn Read + '_>>, SourceError>;
}

/// Where a restore can go on after it was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestorePoint {
    /// Of the snapshot file; a point of another snapshot is ignored.
    pub snapshot: [u8; 32],
    /// Segments whose records the sink has taken, in the order of the restore.
    pub segments: u64,
}

/// Takes what is restored: all records first, then media.
pub trait Sink {
    fn record(&mut self, stream: &[u8], bytes: &[u8]) -> Result<(), SourceError>;

    /// The records of one more segment were given. A sink that keeps `point` durably, together with
    /// the records, can resume from it.
    fn reached(&mut self, point: RestorePoint) -> Result<(), SourceError> {
        let _ = point;
        Ok(())
    }

    /// All records of a stream were given: it can be shown.
    fn stream_done(&mut self, stream: &[u8]) -> Result<(), SourceError> {
        let _ = stream;
        Ok(())
    }

    /// True for media that need not be brought again.
    fn has_media(&mut self, hash: &MediaHash) -> Result<bool, SourceError>;

    /// Takes one media file. An error of `content` means that it is damaged: drop what was read and
    /// pass it on.
    fn media(
        &mut self,
        hash: &MediaHash,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), SourceError>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Records,
    Media,
    /// Closing packs and committing the snapshot.
    Finishing,
    Checking,
    Pruning,
    Copying,
    /// For another writer to end.
    Waiting,
}

/// One step of long work. `total` is 0 while it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub bytes: u64,
    pub bytes_total: u64,
    pub records: u64,
    pub media: u64,
    pub media_total: u64,
}

impl Progress {
    /// Nothing done yet, and nothing known of how much there is.
    pub(crate) fn at(stage: Stage) -> Self {
        Self { stage, bytes: 0, bytes_total: 0, records: 0, media: 0, media_total: 0 }
    }
}

/// Watches long work and can stop it. Called often, from the threads that work: must be cheap.
pub trait Observer: Sync {
    fn progress(&self, progress: Progress) {
        let _ = progress;
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Watches nothing, never stops.
pub struct Unobserved;

impl Observer for Unobserved {}
