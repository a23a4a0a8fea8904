//! Records are read and parsed on one thread, and put into the archive on another.

use super::archive_sink::{Applied, RecordSink};
use backup_engine::{
    BackupError, MediaHash as Hash, Observer, Repository, RestoreOptions, RestoreReport, Sink,
    Snapshot, SourceError,
};
use chat_archive::Change;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Records that are handed over at once, and how often they may wait: 8 * 512 of usually less than
/// 500 bytes are 2 MB.
const BATCH: usize = 512;
const WAITING: usize = 8;

enum Step {
    Take(Vec<Change>),
    StreamDone,
}

/// Puts the records of a snapshot into the archive.
///
/// # Errors
/// As [`Repository::restore`]. What came before it was cancelled stays.
pub(super) fn restore_records(
    repository: &Repository,
    (snapshot, options): (&Snapshot, &RestoreOptions),
    mut into: RecordSink<'_>,
    observer: &dyn Observer,
) -> Result<(RestoreReport, Applied), BackupError> {
    let (to, from) = sync_channel(WAITING);
    let (read, taken) = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut parsing = Parsing { to, batch: Vec::with_capacity(BATCH) };
            let read = repository.restore(snapshot, options, &mut parsing, observer);
            // Nobody takes it where taking has failed.
            let _ = parsing.hand_over();
            read
        });
        let taken = take_all(from, &mut into);
        (reading.join(), taken)
    });
    // The reader only stops because of this one.
    taken.map_err(BackupError::Sink)?;
    let read = read.map_err(|_| BackupError::Sink("reading records stopped".into()))?;
    match read {
        Ok(report) => Ok((report, into.finish().map_err(BackupError::Sink)?)),
        Err(BackupError::Cancelled) => {
            into.finish().map_err(BackupError::Sink).and(Err(BackupError::Cancelled))
        }
        Err(error) => Err(error),
    }
}

fn take_all(steps: Receiver<Step>, into: &mut RecordSink<'_>) -> Result<(), SourceError> {
    for step in steps {
        match step {
            Step::Take(changes) => changes.into_iter().try_for_each(|change| into.take(change))?,
            Step::StreamDone => into.stream_done()?,
        }
    }
    Ok(())
}

struct Parsing {
    to: SyncSender<Step>,
    batch: Vec<Change>,
}

impl Parsing {
    fn hand_over(&mut self) -> Result<(), SourceError> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.send(Step::Take(batch))
    }

    fn send(&self, step: Step) -> Result<(), SourceError> {
        self.to.send(step).map_err(|_| "nobody takes records any more".into())
    }
}

impl Sink for Parsing {
    fn record(&mut self, _stream: &[u8], bytes: &[u8]) -> Result<(), SourceError> {
        self.batch.push(Change::read(bytes)?);
        if self.batch.len() >= BATCH { self.hand_over() } else { Ok(()) }
    }

    fn stream_done(&mut self, _stream: &[u8]) -> Result<(), SourceError> {
        self.hand_over()?;
        self.send(Step::StreamDone)
    }

    fn has_media(&mut self, _: &Hash) -> Result<bool, SourceError> {
        Ok(true)
    }

    fn media(&mut self, _: &Hash, _: u64, _: &mut dyn Read) -> Result<(), SourceError> {
        Ok(())
    }
}
