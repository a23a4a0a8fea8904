//! What is new goes in: changes since the last cursor, and media that no snapshot has.

mod read_source;

use self::read_source::Run;
use super::write_packs::{PackWriter, Written};
use crate::error::BackupError;
use crate::format::Manifest;
use crate::limits::INDEX_FILES_BEFORE_MERGE;
use crate::objects::{Index, replace_index_files};
use crate::port::{MediaHash, Observer, Source};
use crate::repository::{Lock, Repository, Snapshot};
use std::time::Instant;

/// Snapshots of other writers that a commit may run into before it gives up.
const COMMIT_ATTEMPTS: usize = 8;

#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// Shown in the list of snapshots; encrypted.
    pub computer: String,
    /// Unix seconds.
    pub now: u64,
    /// For a source that this backup has never had: changes up to this cursor came from the backup itself (by a
    /// restore) and need not go in again.
    pub already_stored: Option<u64>,
}

impl BackupOptions {
    pub fn new(computer: &str, now: u64) -> Self {
        Self { computer: computer.into(), now, already_stored: None }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackupReport {
    /// Of the snapshot that now holds everything.
    pub sequence: u64,
    pub snapshot: String,
    /// Nothing was new, and no snapshot was made.
    pub unchanged: bool,
    /// New records, segments, media files and packs.
    pub records: u64,
    pub segments: u64,
    pub media: u64,
    pub packs: u64,
    /// Read from the source, and written to the store.
    pub bytes_read: u64,
    pub bytes_written: u64,
    /// Named by the source, but gone, damaged, unreadable or of another size than it said. This backup did not add
    /// them; everything else is in.
    pub missing_media: Vec<MissingMedia>,
    /// The source's changes up to here are in the snapshot, and no later ones.
    pub cursor: u64,
    pub seconds: f64,
}

/// A media file that could not be backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingMedia {
    pub hash: MediaHash,
    pub why: String,
}

impl Repository {
    /// Brings everything new into a new snapshot.
    ///
    /// Errors: `Cancelled`, `Locked`, `DiskFull`, `Source`, `Damaged` … leave all earlier snapshots as they were.
    /// What was written before is found by the next run and not written again.
    pub fn backup(
        &self,
        source: &dyn Source,
        options: &BackupOptions,
        observer: &dyn Observer,
    ) -> Result<BackupReport, BackupError> {
        let began = Instant::now();
        let until = source.head().map_err(BackupError::Source)?;
        if let Some(latest) = self.latest()?
            && latest.cursor(&source.id()) == Some(until)
        {
            return Ok(unchanged(&latest, until, began));
        }
        let lock = Lock::acquire(self.store.clone(), &options.computer)?;
        let head = self.latest()?;
        let known = Index::load(self.store.as_ref(), &self.keys)?;
        // A cursor that went back is another database under the same id: everything counts as new.
        let since = Some(cursor(head.as_ref(), source, options)).filter(|c| *c <= until).unwrap_or(0);
        let mut run = Run::new(self, head.as_ref(), &known, observer)?;
        if since == 0 && head.as_ref().is_some_and(|h| h.manifest.repaired.is_some()) {
            run.skip_named_segments();
        }
        run.expect(source.estimate(since).map_err(BackupError::Source)?);
        let worked = std::thread::scope(|scope| {
            let mut writer = PackWriter::start(scope, self, &lock);
            let worked = run.work(source, (since, until), &mut writer);
            let written = writer.finish();
            // The writer's reason comes first: it is why the work stopped.
            written.and_then(|w| worked.map(|catalogs| (catalogs, w)))
        });
        let (catalogs, written) = worked?;
        lock.still_held()?;
        let snapshot = self.commit_after(head, |base| {
            let mut manifest = base;
            manifest.catalogs = run.with_merged(&manifest.catalogs, &catalogs);
            manifest.sources.insert(hex::encode(source.id().0), until);
            manifest.totals.records += run.report.records;
            manifest.totals.record_bytes += run.record_bytes;
            manifest.totals.media += run.report.media;
            manifest.totals.media_bytes += run.media_bytes;
            (manifest.computer, manifest.created) = (options.computer.clone(), options.now);
            manifest
        })?;
        let mut report = run.report;
        self.merge_index(&lock, &known, &written)?;
        report.cursor = until;
        (report.sequence, report.snapshot) = (snapshot.sequence(), snapshot.id());
        (report.packs, report.bytes_written) = (written.packs.len() as u64, written.bytes);
        report.seconds = began.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Keeps the number of index files small. The snapshot is committed already.
    fn merge_index(&self, lock: &Lock, known: &Index, written: &Written) -> Result<(), BackupError> {
        if known.files.len() < INDEX_FILES_BEFORE_MERGE {
            return Ok(());
        }
        lock.still_held()?;
        let packs: Vec<_> = known.packs.iter().chain(&written.packs).cloned().collect();
        let old = known.files.iter().chain(&written.index_files);
        replace_index_files(self.store.as_ref(), &self.keys, &packs, old)
    }

    /// Commits `build`'s manifest after the newest snapshot, again if another writer was faster.
    pub(crate) fn commit_after(
        &self,
        mut head: Option<Snapshot>,
        build: impl Fn(Manifest) -> Manifest,
    ) -> Result<Snapshot, BackupError> {
        for _ in 0..COMMIT_ATTEMPTS {
            let base = match &head {
                Some(head) => head.manifest.next(head.hash, "", 0),
                None => Manifest::first("", 0),
            };
            if let Some(snapshot) = self.commit(build(base))? {
                return Ok(snapshot);
            }
            head = self.latest()?;
        }
        Err(BackupError::LockLost)
    }
}

fn cursor(head: Option<&Snapshot>, source: &dyn Source, options: &BackupOptions) -> u64 {
    let stored = head.and_then(|h| h.cursor(&source.id()));
    // Since a repair, the backup need not have what was once restored from it.
    let whole = head.filter(|h| h.manifest.repaired.is_none());
    stored.or(whole.and(options.already_stored)).unwrap_or(0)
}

fn unchanged(latest: &Snapshot, cursor: u64, began: Instant) -> BackupReport {
    BackupReport {
        sequence: latest.sequence(),
        snapshot: latest.id(),
        unchanged: true,
        seconds: began.elapsed().as_secs_f64(),
        cursor,
        ..BackupReport::default()
    }
}
