//! Reads a source: records are gathered into segments, media cut into pieces.

mod media;
mod pace;

use self::media::{MediaFound, MediaRun};
use self::pace::Done;
use super::BackupReport;
use crate::error::BackupError;
use crate::format::{Catalog, MissingEntry, ObjectId, ObjectKind, SegmentEntry, push_record};
use crate::limits::{
    CATALOGS_BEFORE_MERGE, MAX_OPENING, MAX_PLAIN, MAX_RECORD, MAX_STREAM_ID, SEGMENT_TARGET,
};
use crate::objects::Index;
use crate::port::{Change, MediaHash, Observer, Source, SourceError, Stage};
use crate::repository::Snapshot;
use crate::work::write_packs::{PackWriter, Stopped};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::mpsc::{Sender, channel};

/// Records of streams that are gathered at once. Above it the largest is closed early.
const MAX_GATHERED: usize = 16 * 1024 * 1024;

/// Records of one stream that are not in a segment yet.
#[derive(Default)]
struct Gathered {
    /// The stream's opening, and its records.
    plain: Vec<u8>,
    /// Without the opening.
    records: u32,
    /// Of the records alone.
    record_bytes: u64,
}

pub(super) struct Run<'a> {
    known: &'a Index,
    observer: &'a dyn Observer,
    done: Done,
    /// Media that a snapshot has already, or that come in another way.
    stored_media: HashSet<MediaHash>,
    /// Media that the last snapshot says were missing.
    missing: Vec<MissingEntry>,
    /// Segments of the last snapshot.
    stored_segments: HashSet<(Vec<u8>, ObjectId)>,
    /// What of them is read again is not named again.
    skip_stored: bool,
    /// Catalogs of the last snapshot, and their content when they are to be merged.
    merge: Option<(Vec<ObjectId>, Catalog)>,
    gathered: BTreeMap<Vec<u8>, Gathered>,
    gathered_bytes: usize,
    catalog: Catalog,
    /// What every segment of a stream begins with.
    openings: HashMap<Vec<u8>, Vec<u8>>,
    pub report: BackupReport,
    pub record_bytes: u64,
    pub media_bytes: u64,
    /// Files that were missing in the last snapshot and are in this one.
    pub found_again: u64,
    missing_now: u64,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        head: Option<&Snapshot>,
        (whole, damage): (Catalog, Vec<BackupError>),
        known: &'a Index,
        observer: &'a dyn Observer,
    ) -> Self {
        // What was lost since is not stored, and comes again if the source gives it again.
        let there = |id: &ObjectId| known.contains(id);
        let stored_media =
            whole.media.iter().filter(|m| m.pieces.iter().all(there)).map(|m| m.hash);
        // What was missing is tried again at the end.
        let stored_media = stored_media.chain(whole.missing.iter().map(|m| m.hash)).collect();
        let stored_segments = whole.segments.iter().filter(|s| there(&s.id));
        let stored_segments = stored_segments.map(|s| (s.stream.clone(), s.id)).collect();
        // A catalog that cannot be read is not merged away: a repair says what was lost with it.
        let many = head
            .filter(|h| damage.is_empty() && h.manifest.catalogs.len() >= CATALOGS_BEFORE_MERGE);
        Self {
            known,
            observer,
            done: Done::default(),
            stored_media,
            missing: whole.missing.clone(),
            stored_segments,
            skip_stored: false,
            merge: many.map(|h| (h.manifest.catalogs.clone(), whole)),
            gathered: BTreeMap::new(),
            gathered_bytes: 0,
            catalog: Catalog::default(),
            openings: HashMap::new(),
            report: BackupReport { damage, ..BackupReport::default() },
            record_bytes: 0,
            media_bytes: 0,
            found_again: 0,
            missing_now: 0,
        }
    }

    /// For a source that is read again because some of it was lost: what survived is in the
    /// snapshot already.
    pub(super) fn skip_named_segments(&mut self) {
        self.skip_stored = true;
    }

    pub(super) fn expect(&mut self, estimate: Option<crate::port::Estimate>) {
        self.done.bytes_total = estimate.map_or(0, |e| e.bytes);
    }

    /// Returns the catalogs that name everything new. Records and media are read side by side.
    pub(super) fn work(
        &mut self,
        source: &dyn Source,
        (since, until): (u64, u64),
        writer: &PackWriter<'_, '_>,
    ) -> Result<Vec<ObjectId>, BackupError> {
        let (files, waiting) = channel();
        let done = self.done.clone();
        let beside = MediaRun::new(source.media(), (self.known, writer), (self.observer, &done));
        let again = std::mem::take(&mut self.missing);
        let (records, media) = std::thread::scope(|scope| {
            let media = scope.spawn(|| beside.read(waiting, again));
            let records = self.read_records(source, (since, until), &files, writer);
            done.records_ended(records.is_err());
            drop(files);
            (records, media.join().expect("the reader of media does not panic"))
        });
        let worked = records.and(media).and_then(|media| {
            self.take_media(media);
            self.write_catalogs(writer)
        });
        match worked {
            Ok(catalogs) => Ok(catalogs),
            Err(Stopped::Error(error)) => Err(error),
            // Never seen: whoever finishes the writer meets its own error first.
            Err(Stopped::Writer) => Err(BackupError::LockLost),
        }
    }

    fn take_media(&mut self, found: MediaFound) {
        self.report.media = found.media.len() as u64;
        self.report.bytes_read += found.bytes_read;
        self.report.missing_media = found.missing;
        self.media_bytes = found.media.iter().map(|m| m.size).sum();
        self.found_again = found.found_again;
        self.catalog.media = found.media;
        self.catalog.missing = found.newly_missing;
    }

    fn read_records(
        &mut self,
        source: &dyn Source,
        (since, until): (u64, u64),
        files: &Sender<(MediaHash, u64)>,
        writer: &PackWriter<'_, '_>,
    ) -> Result<(), Stopped> {
        let mut stopped = None;
        let read = source.changes(since, until, &mut |change| {
            let taken = match change {
                Change::Stream { stream, opening } => self.open_stream(stream, opening, writer),
                Change::Record { stream, bytes } => self.take_record(stream, bytes, writer),
                Change::Media { hash, size } => {
                    if self.stored_media.insert(hash) {
                        self.done.expect_media();
                        // Nobody takes it when reading media has ended early, for a reason that
                        // ends this as well.
                        let _ = files.send((hash, size));
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
        Ok(())
    }

    /// From now on every segment of the stream begins with `opening`; the next one even if nothing
    /// follows.
    fn open_stream(
        &mut self,
        stream: &[u8],
        opening: &[u8],
        writer: &PackWriter<'_, '_>,
    ) -> Result<(), Stopped> {
        self.close_segment(stream, writer)?;
        if opening.len() > MAX_OPENING {
            self.openings.remove(stream);
            return self.take_record(stream, opening, writer);
        }
        self.check(stream, opening)?;
        self.openings.insert(stream.to_vec(), opening.to_vec());
        self.begin_segment(stream, 0);
        Ok(())
    }

    fn take_record(
        &mut self,
        stream: &[u8],
        bytes: &[u8],
        writer: &PackWriter<'_, '_>,
    ) -> Result<(), Stopped> {
        self.check(stream, bytes)?;
        let full = |g: &Gathered| g.records > 0 && g.plain.len() + bytes.len() + 4 > SEGMENT_TARGET;
        let over = |g: &Gathered| g.plain.len() + bytes.len() + 4 > MAX_PLAIN;
        if self.gathered.get(stream).is_some_and(|g| full(g) || over(g)) {
            self.close_segment(stream, writer)?;
        }
        if !self.gathered.contains_key(stream) {
            self.begin_segment(stream, bytes.len());
        }
        let gathered = self.push(stream, bytes);
        gathered.records += 1;
        gathered.record_bytes += bytes.len() as u64;
        self.report.records += 1;
        self.record_bytes += bytes.len() as u64;
        self.done.add_record();
        if self.gathered_bytes > MAX_GATHERED {
            self.close_largest(writer)?;
        }
        // Often enough to look alive, seldom enough to cost nothing.
        if self.report.records.is_multiple_of(4096) {
            self.done.tell(self.observer, Stage::Records);
        }
        Ok(())
    }

    fn check(&self, stream: &[u8], bytes: &[u8]) -> Result<(), Stopped> {
        if bytes.len() > MAX_RECORD {
            return Err(BackupError::RecordTooLarge { len: bytes.len(), limit: MAX_RECORD }.into());
        }
        if stream.len() > MAX_STREAM_ID {
            return Err(
                BackupError::Source("a stream's name is longer than 255 bytes".into()).into()
            );
        }
        if self.observer.cancelled() {
            return Err(BackupError::Cancelled.into());
        }
        Ok(())
    }

    /// With the stream's opening, unless a first record of `room` bytes would then not fit into an
    /// object.
    fn begin_segment(&mut self, stream: &[u8], room: usize) {
        self.gathered.insert(stream.to_vec(), Gathered::default());
        let opening =
            self.openings.get(stream).filter(|o| o.len() + room + 8 <= MAX_PLAIN).cloned();
        if let Some(opening) = opening {
            self.push(stream, &opening);
        }
    }

    fn push(&mut self, stream: &[u8], bytes: &[u8]) -> &mut Gathered {
        let gathered = self.gathered.get_mut(stream).expect("begun before");
        push_record(&mut gathered.plain, bytes);
        self.gathered_bytes += bytes.len() + 4;
        self.report.bytes_read += bytes.len() as u64;
        self.done.add_bytes(bytes.len());
        gathered
    }

    fn close_largest(&mut self, writer: &PackWriter<'_, '_>) -> Result<(), Stopped> {
        let largest = self
            .gathered
            .iter()
            .max_by_key(|(_, g)| g.plain.len())
            .map(|(stream, _)| stream.clone());
        largest.map_or(Ok(()), |stream| self.close_segment(&stream, writer))
    }

    fn close_segment(&mut self, stream: &[u8], writer: &PackWriter<'_, '_>) -> Result<(), Stopped> {
        let Some((stream, gathered)) = self.gathered.remove_entry(stream) else { return Ok(()) };
        let bytes = gathered.plain.len();
        self.gathered_bytes -= bytes;
        let (id, _) = writer.add(ObjectKind::Segment, gathered.plain, self.known)?;
        let segment = (stream, id);
        if self.skip_stored && self.stored_segments.contains(&segment) {
            self.report.records -= u64::from(gathered.records);
            self.record_bytes -= gathered.record_bytes;
            return Ok(());
        }
        let (stream, id) = segment;
        self.report.segments += 1;
        self.catalog.segments.push(SegmentEntry {
            stream,
            id,
            records: gathered.records,
            bytes: bytes as u32,
        });
        Ok(())
    }

    fn write_catalogs(&mut self, writer: &PackWriter<'_, '_>) -> Result<Vec<ObjectId>, Stopped> {
        self.done.tell(self.observer, Stage::Finishing);
        let mut whole = std::mem::take(&mut self.catalog);
        self.missing_now = whole.missing.len() as u64;
        if let Some((_, earlier)) = &mut self.merge {
            let mut merged = std::mem::take(earlier);
            merged.append(whole);
            merged.settle_missing();
            whole = merged;
        }
        if whole.is_empty() {
            return Ok(Vec::new());
        }
        let parts = whole.split().into_iter();
        parts.map(|c| Ok(writer.add(ObjectKind::Catalog, c.to_bytes(), self.known)?.0)).collect()
    }

    /// Media files that this run was the first to miss, and that no earlier one could read.
    pub(super) fn newly_missing(&self) -> u64 {
        self.missing_now
    }

    /// The catalogs of a snapshot after `base`: what was merged is left out, what is new comes
    /// last.
    pub(super) fn with_merged(&self, base: &[ObjectId], new: &[ObjectId]) -> Vec<ObjectId> {
        let merged: HashSet<_> = self.merge.iter().flat_map(|(ids, _)| ids).collect();
        let stay = base.iter().filter(|id| !merged.contains(id));
        if merged.is_empty() {
            return stay.chain(new).copied().collect();
        }
        // What another writer added in between comes after what was merged.
        new.iter().chain(stay).copied().collect()
    }
}
