//! What is new goes in: changes since the last cursor, and media that no snapshot has.

mod read_source;
mod rescue;

use self::read_source::Run;
use super::commit::Committed;
use super::state::State;
use super::write_packs::{PackWriter, Written};
use crate::error::BackupError;
use crate::format::ObjectId;
use crate::limits::INDEX_FILES_BEFORE_MERGE;
use crate::objects::{Index, ObjectReader, replace_index_files};
use crate::port::{MediaHash, Observer, Source};
use crate::repository::{Claim, Newest, Repository, Snapshot};
use std::time::Instant;

#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// Shown in the list of snapshots; encrypted.
    pub computer: String,
    /// Unix seconds.
    pub now: u64,
    /// For a source that this backup has never had: changes up to this cursor came from the backup
    /// itself (by a restore) and need not go in again.
    pub already_stored: Option<u64>,
}

impl BackupOptions {
    pub fn new(computer: &str, now: u64) -> Self {
        Self { computer: computer.into(), now, already_stored: None }
    }
}

#[derive(Debug, Default)]
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
    /// Named by the source now or before, but gone, damaged, unreadable or of another size than it
    /// said: in no snapshot. Everything else is in.
    pub missing_media: Vec<MissingMedia>,
    /// The source's changes up to here are in the snapshot, and no later ones.
    pub cursor: u64,
    /// What of the backup itself was found lost or damaged. What is new is in all the same;
    /// `repair` mends the rest.
    pub damage: Vec<BackupError>,
    pub seconds: f64,
}

/// A media file that could not be backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingMedia {
    pub hash: MediaHash,
    pub why: String,
}

impl Repository {
    /// Brings everything new into a new snapshot. Where nothing is new, looks whether everything is
    /// still there.
    ///
    /// What an earlier run wrote before it was stopped is found and not written again.
    ///
    /// # Errors
    /// `Cancelled`, `Locked`, `DiskFull`, `Source` … leave all earlier snapshots as they were.
    /// Damage is in [`BackupReport::damage`].
    pub fn backup(
        &self,
        source: &dyn Source,
        options: &BackupOptions,
        observer: &dyn Observer,
    ) -> Result<BackupReport, BackupError> {
        let began = Instant::now();
        let until = source.head().map_err(BackupError::Source)?;
        self.tidy()?;
        if let Some(report) = self.unchanged(source, until, options, observer)? {
            return Ok(BackupReport { seconds: began.elapsed().as_secs_f64(), ..report });
        }
        self.complete_copies(&options.computer, observer)?;
        let presence = self.present(&options.computer)?;
        let State { head, whole, mut known, younger, damage } = self.state()?;
        // A cursor that went back is another database under the same id: everything counts as new.
        let since =
            Some(cursor(head.as_ref(), source, options)).filter(|c| *c <= until).unwrap_or(0);
        let mut run = Run::new(head.as_ref(), (whole, damage), &known, observer);
        run.report.damage.extend(younger);
        if since == 0 && head.as_ref().is_some_and(|h| h.manifest.repaired.is_some()) {
            run.skip_named_segments();
        }
        run.expect(source.estimate(since).map_err(BackupError::Source)?);
        let worked = std::thread::scope(|scope| {
            let writer = PackWriter::start(scope, self, Claim::Presence(&presence));
            let worked = run.work(source, (since, until), &writer);
            let written = writer.finish();
            // The writer's reason comes first: it is why the work stopped.
            written.and_then(|w| worked.map(|catalogs| (catalogs, w)))
        });
        let (catalogs, written) = worked?;
        if catalogs.is_empty() && head.as_ref().and_then(|h| h.cursor(&source.id())) == Some(until)
        {
            // Only files were tried again that are still missing.
            let latest = head.as_ref().map(|h| (h.sequence(), h.id())).unwrap_or_default();
            let mut report = BackupReport { unchanged: true, cursor: until, ..run.report };
            (report.sequence, report.snapshot) = latest;
            report.seconds = began.elapsed().as_secs_f64();
            return Ok(report);
        }
        let written = self.with_rescued(&catalogs, &known, written, Claim::Presence(&presence))?;
        let committed =
            self.commit_run(&run, (&known, &written), &catalogs, (source, until, options))?;
        let mut report = run.report;
        self.merge_index(&known, &written, &committed)?;
        report.cursor = until;
        report.sequence = committed.snapshot.sequence();
        report.snapshot = committed.snapshot.id();
        report.packs = (written.packs.len() + committed.closing.packs.len()) as u64;
        report.bytes_written = written.bytes() + committed.closing.bytes();
        report.damage.extend(known.take_problems());
        report.seconds = began.elapsed().as_secs_f64();
        Ok(report)
    }

    /// A report if the newest snapshot has everything of the source, with what the list of packs
    /// shows to be lost.
    fn unchanged(
        &self,
        source: &dyn Source,
        until: u64,
        options: &BackupOptions,
        observer: &dyn Observer,
    ) -> Result<Option<BackupReport>, BackupError> {
        let Newest { snapshot, problems } = self.newest()?;
        let Some(latest) = snapshot.filter(|s| s.cursor(&source.id()) == Some(until)) else {
            return Ok(None);
        };
        let missing = self.still_missing(source, &latest)?;
        let Some(missing_media) = missing else { return Ok(None) };
        if self.header().is_current_format() && !self.copies_are_complete()? {
            self.complete_copies(&options.computer, observer)?;
        }
        let mut damage = problems;
        damage.extend(Index::load(self.store.as_ref(), &self.keys)?.take_problems());
        Ok(Some(BackupReport {
            sequence: latest.sequence(),
            snapshot: latest.id(),
            unchanged: true,
            cursor: until,
            missing_media,
            damage,
            ..BackupReport::default()
        }))
    }

    /// Media that the snapshot says are missing; `None` if the source has one of them again.
    fn still_missing(
        &self,
        source: &dyn Source,
        snapshot: &Snapshot,
    ) -> Result<Option<Vec<MissingMedia>>, BackupError> {
        if snapshot.manifest.totals.missing == 0 {
            return Ok(Some(Vec::new()));
        }
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, &index);
        let (mut whole, _) = reader.catalogs(&snapshot.manifest)?;
        whole.settle_missing();
        let mut missing = Vec::new();
        for entry in whole.missing {
            if let Ok(Some(_)) = source.media().open(&entry.hash) {
                return Ok(None);
            }
            missing.push(MissingMedia { hash: entry.hash, why: entry.why });
        }
        Ok(Some(missing))
    }

    fn commit_run(
        &self,
        run: &Run<'_>,
        (known, written): (&Index, &Written),
        catalogs: &[ObjectId],
        (source, until, options): (&dyn Source, u64, &BackupOptions),
    ) -> Result<Committed, BackupError> {
        self.commit(known, written, |base| {
            let mut manifest = base;
            let now = run.with_merged(&manifest.catalogs, catalogs);
            manifest = manifest.with_catalogs(now);
            manifest.sources.insert(hex::encode(source.id().0), until);
            manifest.totals.records += run.report.records;
            manifest.totals.record_bytes += run.record_bytes;
            manifest.totals.media += run.report.media;
            manifest.totals.media_bytes += run.media_bytes;
            manifest.totals.missing += run.newly_missing();
            manifest.totals.missing = manifest.totals.missing.saturating_sub(run.found_again);
            manifest.computer.clone_from(&options.computer);
            manifest.created = options.now;
            manifest
        })
    }

    /// Keeps the number of index files small. The snapshot is committed already.
    fn merge_index(
        &self,
        known: &Index,
        written: &Written,
        committed: &Committed,
    ) -> Result<(), BackupError> {
        if known.files.len() < INDEX_FILES_BEFORE_MERGE || known.is_damaged() {
            return Ok(());
        }
        let packs: Vec<_> = known
            .packs
            .iter()
            .chain(&written.packs)
            .chain(&committed.closing.packs)
            .cloned()
            .collect();
        let old = known.files.iter().chain(&committed.index_files);
        replace_index_files(self.store.as_ref(), &self.keys, &packs, old)
    }
}

fn cursor(head: Option<&Snapshot>, source: &dyn Source, options: &BackupOptions) -> u64 {
    let stored = head.and_then(|h| h.cursor(&source.id()));
    // Since a repair, the backup need not have what was once restored from it.
    let whole = head.filter(|h| h.manifest.repaired.is_none());
    stored.or(whole.and(options.already_stored)).unwrap_or(0)
}
