//! What is new goes in: changes since the last cursor, and media that no snapshot has.

use super::write_packs::{PackWriter, WriterStopped, Written};
use crate::error::BackupError;
use crate::format::{Catalog, Manifest, MediaEntry, ObjectId, ObjectKind, SegmentEntry, push_record};
use crate::limits::{
    CATALOGS_BEFORE_MERGE, INDEX_FILES_BEFORE_MERGE, MAX_PIECES, MAX_RECORD, MAX_STREAM_ID, MEDIA_PIECE, SEGMENT_TARGET,
};
use crate::objects::{Index, ObjectReader, replace_index_files};
use crate::port::{Change, MediaHash, Observer, Progress, Source, SourceError, Stage};
use crate::repository::{Lock, Repository, Snapshot};
use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::time::Instant;

/// Records of streams that are gathered at once. Above it the largest is closed early.
const MAX_GATHERED: usize = 16 * 1024 * 1024;

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

#[derive(Clone, Debug, PartialEq)]
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
    /// Named by the source, but not there, or of another size than it said. They are in no snapshot.
    pub missing_media: Vec<MediaHash>,
    pub seconds: f64,
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
            return Ok(unchanged(&latest, began));
        }
        let lock = Lock::acquire(self.store.clone(), &options.computer)?;
        let head = self.latest()?;
        let known = Index::load(self.store.as_ref(), &self.keys)?;
        let mut run = Run::new(self, head.as_ref(), &known, observer)?;
        // A cursor that went back is another database under the same id: everything counts as new.
        let since = Some(cursor(head.as_ref(), source, options)).filter(|c| *c <= until).unwrap_or(0);
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
    stored.or(head.and(options.already_stored)).unwrap_or(0)
}

fn unchanged(latest: &Snapshot, began: Instant) -> BackupReport {
    BackupReport {
        sequence: latest.sequence(),
        snapshot: latest.id(),
        unchanged: true,
        seconds: began.elapsed().as_secs_f64(),
        ..empty_report()
    }
}

fn empty_report() -> BackupReport {
    BackupReport {
        sequence: 0,
        snapshot: String::new(),
        unchanged: false,
        records: 0,
        segments: 0,
        media: 0,
        packs: 0,
        bytes_read: 0,
        bytes_written: 0,
        missing_media: Vec::new(),
        seconds: 0.0,
    }
}

/// Records of one stream that are not in a segment yet.
#[derive(Default)]
struct Gathered {
    plain: Vec<u8>,
    records: u32,
}

struct Run<'a> {
    known: &'a Index,
    observer: &'a dyn Observer,
    /// Media that a snapshot has already.
    stored_media: HashSet<MediaHash>,
    /// Catalogs of the last snapshot, and their content when they are to be merged.
    merge: Option<(Vec<ObjectId>, Catalog)>,
    gathered: BTreeMap<Vec<u8>, Gathered>,
    gathered_bytes: usize,
    catalog: Catalog,
    report: BackupReport,
    record_bytes: u64,
    media_bytes: u64,
    bytes_total: u64,
    media_total: u64,
}

/// Why reading stopped early.
enum Stop {
    Error(BackupError),
    /// The writer knows why.
    Writer,
}

impl From<BackupError> for Stop {
    fn from(error: BackupError) -> Self {
        Self::Error(error)
    }
}

impl From<WriterStopped> for Stop {
    fn from(_: WriterStopped) -> Self {
        Self::Writer
    }
}

impl<'a> Run<'a> {
    fn new(
        repository: &Repository,
        head: Option<&Snapshot>,
        known: &'a Index,
        observer: &'a dyn Observer,
    ) -> Result<Self, BackupError> {
        let mut reader = ObjectReader::new(repository.store.as_ref(), &repository.keys, known);
        let whole = head.map(|h| reader.catalogs(&h.manifest)).transpose()?.unwrap_or_default();
        let stored_media = whole.media.iter().map(|m| m.hash).collect();
        let many = head.filter(|h| h.manifest.catalogs.len() >= CATALOGS_BEFORE_MERGE);
        Ok(Self {
            known,
            observer,
            stored_media,
            merge: many.map(|h| (h.manifest.catalogs.clone(), whole)),
            gathered: BTreeMap::new(),
            gathered_bytes: 0,
            catalog: Catalog::default(),
            report: empty_report(),
            record_bytes: 0,
            media_bytes: 0,
            bytes_total: 0,
            media_total: 0,
        })
    }

    fn expect(&mut self, estimate: Option<crate::port::Estimate>) {
        self.bytes_total = estimate.map_or(0, |e| e.bytes);
    }

    /// Returns the catalogs that name everything new.
    fn work(
        &mut self,
        source: &dyn Source,
        (since, until): (u64, u64),
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<Vec<ObjectId>, BackupError> {
        let worked = self.read_records(source, (since, until), writer).and_then(|media| {
            self.media_total = media.len() as u64;
            for hash in media {
                self.read_media(source, hash, writer)?;
            }
            self.write_catalogs(writer)
        });
        match worked {
            Ok(catalogs) => Ok(catalogs),
            Err(Stop::Error(error)) => Err(error),
            // Never seen: whoever finishes the writer meets its own error first.
            Err(Stop::Writer) => Err(BackupError::LockLost),
        }
    }

    fn read_records(
        &mut self,
        source: &dyn Source,
        (since, until): (u64, u64),
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<Vec<(MediaHash, u64)>, Stop> {
        let mut media = Vec::new();
        let mut stopped = None;
        let read = source.changes(since, until, &mut |change| {
            let taken = match change {
                Change::Record { stream, bytes } => self.take_record(stream, bytes, writer),
                Change::Media { hash, size } => {
                    if self.stored_media.insert(hash) {
                        media.push((hash, size));
                    }
                    Ok(())
                }
            };
            taken.map_err(|stop| {
                stopped = Some(stop);
                SourceError::from("stopped")
            })
        });
        if let Some(stop) = stopped {
            return Err(stop);
        }
        read.map_err(BackupError::Source)?;
        for stream in self.gathered.keys().cloned().collect::<Vec<_>>() {
            self.close_segment(&stream, writer)?;
        }
        Ok(media)
    }

    fn take_record(&mut self, stream: &[u8], bytes: &[u8], writer: &mut PackWriter<'_, '_>) -> Result<(), Stop> {
        if bytes.len() > MAX_RECORD {
            return Err(BackupError::RecordTooLarge { len: bytes.len(), limit: MAX_RECORD }.into());
        }
        if stream.len() > MAX_STREAM_ID {
            return Err(BackupError::Source("a stream's name is longer than 255 bytes".into()).into());
        }
        if self.observer.cancelled() {
            return Err(BackupError::Cancelled.into());
        }
        let full = self.gathered.get(stream).is_some_and(|g| g.plain.len() + bytes.len() + 4 > SEGMENT_TARGET);
        if full {
            self.close_segment(stream, writer)?;
        }
        if !self.gathered.contains_key(stream) {
            self.gathered.insert(stream.to_vec(), Gathered::default());
        }
        let gathered = self.gathered.get_mut(stream).expect("just made");
        push_record(&mut gathered.plain, bytes);
        gathered.records += 1;
        self.gathered_bytes += bytes.len() + 4;
        self.report.records += 1;
        self.report.bytes_read += bytes.len() as u64;
        self.record_bytes += bytes.len() as u64;
        if self.gathered_bytes > MAX_GATHERED {
            self.close_largest(writer)?;
        }
        // Often enough to look alive, seldom enough to cost nothing.
        if self.report.records.is_multiple_of(4096) {
            self.tell(Stage::Records);
        }
        Ok(())
    }

    fn close_largest(&mut self, writer: &mut PackWriter<'_, '_>) -> Result<(), Stop> {
        let largest = self.gathered.iter().max_by_key(|(_, g)| g.plain.len()).map(|(stream, _)| stream.clone());
        largest.map_or(Ok(()), |stream| self.close_segment(&stream, writer))
    }

    fn close_segment(&mut self, stream: &[u8], writer: &mut PackWriter<'_, '_>) -> Result<(), Stop> {
        let Some((stream, gathered)) = self.gathered.remove_entry(stream) else { return Ok(()) };
        let bytes = gathered.plain.len();
        self.gathered_bytes -= bytes;
        let (id, _) = writer.add(ObjectKind::Segment, gathered.plain, self.known)?;
        self.report.segments += 1;
        self.catalog.segments.push(SegmentEntry { stream, id, records: gathered.records, bytes: bytes as u32 });
        Ok(())
    }

    fn read_media(
        &mut self,
        source: &dyn Source,
        (hash, size): (MediaHash, u64),
        writer: &mut PackWriter<'_, '_>,
    ) -> Result<(), Stop> {
        let opened = source.open_media(&hash).map_err(BackupError::Source)?;
        let Some(mut content) = opened else {
            self.report.missing_media.push(hash);
            return Ok(());
        };
        let mut pieces = Vec::new();
        let mut read = 0;
        loop {
            if self.observer.cancelled() {
                return Err(BackupError::Cancelled.into());
            }
            let piece = next_piece(content.as_mut(), size - read)?;
            let len = piece.len() as u64;
            if len == 0 {
                break;
            }
            read += len;
            self.report.bytes_read += len;
            if read > size || pieces.len() == MAX_PIECES {
                break;
            }
            pieces.push(writer.add(ObjectKind::Media, piece, self.known)?.0);
            self.tell(Stage::Media);
        }
        if read == size && pieces.len() <= MAX_PIECES {
            self.report.media += 1;
            self.media_bytes += size;
            self.catalog.media.push(MediaEntry { hash, size, pieces });
        } else {
            self.report.missing_media.push(hash);
        }
        Ok(())
    }

    fn write_catalogs(&mut self, writer: &mut PackWriter<'_, '_>) -> Result<Vec<ObjectId>, Stop> {
        self.tell(Stage::Finishing);
        let mut whole = std::mem::take(&mut self.catalog);
        if let Some((_, earlier)) = &mut self.merge {
            let mut merged = std::mem::take(earlier);
            merged.append(whole);
            whole = merged;
        }
        if whole.is_empty() {
            return Ok(Vec::new());
        }
        let parts = whole.split().into_iter();
        parts.map(|c| Ok(writer.add(ObjectKind::Catalog, c.to_bytes(), self.known)?.0)).collect()
    }

    /// The catalogs of a snapshot after `base`: what was merged is left out, what is new comes last.
    fn with_merged(&self, base: &[ObjectId], new: &[ObjectId]) -> Vec<ObjectId> {
        let merged: HashSet<_> = self.merge.iter().flat_map(|(ids, _)| ids).collect();
        let stay = base.iter().filter(|id| !merged.contains(id));
        if merged.is_empty() {
            return stay.chain(new).copied().collect();
        }
        // What another writer added in between comes after what was merged.
        new.iter().chain(stay).copied().collect()
    }

    fn tell(&self, stage: Stage) {
        self.observer.progress(Progress {
            stage,
            bytes: self.report.bytes_read,
            bytes_total: self.bytes_total,
            records: self.report.records,
            media: self.report.media,
            media_total: self.media_total,
        });
    }
}

/// Up to one piece; one byte more than `left` when the file is longer than it said.
fn next_piece(content: &mut dyn Read, left: u64) -> Result<Vec<u8>, BackupError> {
    let len = MEDIA_PIECE.min(usize::try_from(left + 1).unwrap_or(usize::MAX));
    let mut piece = Vec::with_capacity(len);
    content.take(len as u64).read_to_end(&mut piece).map_err(|e| BackupError::Source(Box::new(e)))?;
    Ok(piece)
}
