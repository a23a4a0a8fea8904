//! A snapshot comes back: records of all streams first, so that there is something to read, then
//! media.

mod fetch;
mod fresh_index;

use self::fetch::{Fetched, PieceReader};
use self::fresh_index::FreshIndex;
use crate::error::BackupError;
use crate::format::{Catalog, MediaEntry, ObjectKind, SegmentEntry, SegmentRecords};
use crate::objects::{Index, ObjectReader, WholePacks};
use crate::port::{Observer, Progress, RestorePoint, Sink, Stage};
use crate::repository::{Repository, Snapshot};
use crate::work::backup::MissingMedia;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

#[derive(Clone, Debug, Default)]
pub struct RestoreOptions {
    /// Only these streams, in this order; all when `None`, the one written last first.
    pub streams: Option<Vec<Vec<u8>>>,
    /// Only these media files; all when `None`, none when empty.
    pub media: Option<HashSet<crate::port::MediaHash>>,
    /// Where an earlier restore of the same snapshot with the same options was stopped.
    pub resume: Option<RestorePoint>,
}

#[derive(Debug)]
pub struct RestoreReport {
    pub sequence: u64,
    pub streams: u64,
    /// Without the openings that segments repeat.
    pub records: u64,
    pub media: u64,
    /// Media that the sink had already.
    pub media_kept: u64,
    /// Media that were missing when they were backed up, and that the sink has not either.
    pub missing: Vec<MissingMedia>,
    /// Plaintext bytes given to the sink.
    pub bytes: u64,
    /// What could not be restored, object by object. Everything else was.
    pub problems: Vec<BackupError>,
    pub seconds: f64,
}

impl Repository {
    /// Streams of a snapshot with their records and plaintext bytes, the one written last first.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub fn streams(&self, snapshot: &Snapshot) -> Result<Vec<(Vec<u8>, u64, u64)>, BackupError> {
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let (catalog, _) = ObjectReader::new(self.store.as_ref(), &self.keys, &index)
            .catalogs(&snapshot.manifest)?;
        let sum = |segments: Vec<SegmentEntry>, part: fn(&SegmentEntry) -> u32| {
            segments.iter().map(|s| u64::from(part(s))).sum::<u64>()
        };
        let streams = by_stream(&catalog, None).into_iter();
        Ok(streams
            .map(|(stream, s)| (stream, sum(s.clone(), |s| s.records), sum(s, |s| s.bytes)))
            .collect())
    }

    /// Gives a snapshot to `sink`. Only verified bytes reach it. What is damaged is listed and the
    /// rest restored.
    ///
    /// # Errors
    /// `Cancelled`, `Sink`; `Store` when the place cannot be listed or read.
    pub fn restore(
        &self,
        snapshot: &Snapshot,
        options: &RestoreOptions,
        sink: &mut dyn Sink,
        observer: &dyn Observer,
    ) -> Result<RestoreReport, BackupError> {
        let began = Instant::now();
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let index = FreshIndex::new(self, index);
        let (mut catalog, lost) = index.reader().catalogs(&snapshot.manifest)?;
        let missing = missing_here(&mut catalog, options, sink)?;
        let streams = by_stream(&catalog, options.streams.as_deref());
        let mut media = Vec::new();
        let mut media_kept = 0;
        for entry in wanted_media(&catalog, options) {
            if sink.has_media(&entry.hash).map_err(BackupError::Sink)? {
                media_kept += 1;
            } else {
                media.push(entry);
            }
        }
        let segments = streams.iter().flat_map(|(_, all)| all).map(|s| &s.id);
        let whole = index.whole_packs(segments.chain(media.iter().flat_map(|m| &m.pieces)));
        let mut run = Run::new(&index, whole, snapshot, observer);
        run.report.problems = lost;
        run.report.missing = missing;
        run.report.media_kept = media_kept;
        run.expect(&streams, &media);
        run.records(&streams, options.resume, sink)?;
        run.media(&media, sink)?;
        run.report.seconds = began.elapsed().as_secs_f64();
        Ok(run.report)
    }
}

/// Segments by stream, in order. Without a choice, the stream that was written last comes first.
pub(super) fn by_stream(
    catalog: &Catalog,
    chosen: Option<&[Vec<u8>]>,
) -> Vec<(Vec<u8>, Vec<SegmentEntry>)> {
    let mut streams: HashMap<&[u8], (usize, Vec<SegmentEntry>)> = HashMap::new();
    for (at, segment) in catalog.segments.iter().enumerate() {
        let (last, segments) = streams.entry(&segment.stream).or_default();
        *last = at;
        segments.push(segment.clone());
    }
    if let Some(chosen) = chosen {
        return chosen
            .iter()
            .filter_map(|s| Some((s.clone(), streams.remove(s.as_slice())?.1)))
            .collect();
    }
    let mut all: Vec<_> = streams.into_iter().collect();
    all.sort_by_key(|(_, (last, _))| std::cmp::Reverse(*last));
    all.into_iter().map(|(stream, (_, segments))| (stream.to_vec(), segments)).collect()
}

fn wanted_media<'a>(catalog: &'a Catalog, options: &RestoreOptions) -> Vec<&'a MediaEntry> {
    let mut given = HashSet::new();
    let wanted = |m: &&MediaEntry| {
        options.media.as_ref().is_none_or(|w| w.contains(&m.hash)) && given.insert(m.hash)
    };
    catalog.media.iter().filter(wanted).collect()
}

/// What nobody could give, neither then nor now.
fn missing_here(
    catalog: &mut Catalog,
    options: &RestoreOptions,
    sink: &mut dyn Sink,
) -> Result<Vec<MissingMedia>, BackupError> {
    catalog.settle_missing();
    let mut missing = Vec::new();
    for entry in &catalog.missing {
        let wanted = options.media.as_ref().is_none_or(|w| w.contains(&entry.hash));
        if wanted && !sink.has_media(&entry.hash).map_err(BackupError::Sink)? {
            missing.push(MissingMedia { hash: entry.hash, why: entry.why.clone() });
        }
    }
    Ok(missing)
}

struct Run<'a> {
    index: &'a FreshIndex<'a>,
    whole: Arc<WholePacks<'a>>,
    snapshot: &'a Snapshot,
    observer: &'a dyn Observer,
    report: RestoreReport,
    bytes_total: u64,
    media_total: u64,
}

impl<'a> Run<'a> {
    fn new(
        index: &'a FreshIndex<'a>,
        whole: Arc<WholePacks<'a>>,
        snapshot: &'a Snapshot,
        observer: &'a dyn Observer,
    ) -> Self {
        let report = RestoreReport {
            sequence: snapshot.sequence(),
            streams: 0,
            records: 0,
            media: 0,
            media_kept: 0,
            missing: Vec::new(),
            bytes: 0,
            problems: Vec::new(),
            seconds: 0.0,
        };
        Self { index, whole, snapshot, observer, report, bytes_total: 0, media_total: 0 }
    }

    fn expect(&mut self, streams: &[(Vec<u8>, Vec<SegmentEntry>)], media: &[&MediaEntry]) {
        let records: u64 = streams.iter().flat_map(|(_, s)| s).map(|s| u64::from(s.bytes)).sum();
        self.bytes_total = records + media.iter().map(|m| m.size).sum::<u64>();
        self.media_total = media.len() as u64;
    }

    fn records(
        &mut self,
        streams: &[(Vec<u8>, Vec<SegmentEntry>)],
        resume: Option<RestorePoint>,
        sink: &mut dyn Sink,
    ) -> Result<(), BackupError> {
        let resume = resume.filter(|p| p.snapshot == self.snapshot.hash).map_or(0, |p| p.segments);
        let numbered: Vec<(&[u8], &SegmentEntry, bool)> = streams
            .iter()
            .flat_map(|(stream, all)| {
                all.iter().enumerate().map(move |(i, s)| (stream.as_slice(), s, i + 1 == all.len()))
            })
            .collect();
        self.report.streams = streams.len() as u64;
        let skipped = usize::try_from(resume).unwrap_or(usize::MAX).min(numbered.len());
        let ids = numbered[skipped..].iter().map(|(_, s, _)| (ObjectKind::Segment, s.id)).collect();
        let (index, whole) = (self.index, self.whole.clone());
        std::thread::scope(|scope| {
            let mut fetched = Fetched::start(scope, index, &whole, ids);
            for (at, (stream, segment, last)) in numbered.iter().enumerate().skip(skipped) {
                if self.observer.cancelled() {
                    return Err(BackupError::Cancelled);
                }
                match fetched.next() {
                    Ok(plain) => {
                        self.give_records(stream, &plain, sink)?;
                        self.report.records += u64::from(segment.records);
                    }
                    Err(problem) => self.report.problems.push(problem),
                }
                let point = RestorePoint { snapshot: self.snapshot.hash, segments: at as u64 + 1 };
                sink.reached(point).map_err(BackupError::Sink)?;
                if *last {
                    sink.stream_done(stream).map_err(BackupError::Sink)?;
                }
                self.tell(Stage::Records);
            }
            Ok(())
        })
    }

    fn give_records(
        &mut self,
        stream: &[u8],
        plain: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), BackupError> {
        for record in SegmentRecords::new(plain) {
            match record {
                Ok(bytes) => {
                    sink.record(stream, bytes).map_err(BackupError::Sink)?;
                    self.report.bytes += bytes.len() as u64;
                }
                Err(why) => self.report.problems.push(BackupError::damaged("a segment", why.0)),
            }
        }
        Ok(())
    }

    fn media(&mut self, media: &[&MediaEntry], sink: &mut dyn Sink) -> Result<(), BackupError> {
        let ids =
            media.iter().flat_map(|m| m.pieces.iter().map(|id| (ObjectKind::Media, *id))).collect();
        let (index, whole) = (self.index, self.whole.clone());
        std::thread::scope(|scope| {
            let mut fetched = Fetched::start(scope, index, &whole, ids);
            for entry in media {
                if self.observer.cancelled() {
                    return Err(BackupError::Cancelled);
                }
                let mut content = PieceReader::new(&mut fetched, entry, self.observer);
                let taken = sink.media(&entry.hash, entry.size, &mut content);
                content.skip_rest();
                match (content.problem, taken) {
                    (Some(BackupError::Cancelled), _) => return Err(BackupError::Cancelled),
                    (Some(problem), _) => self.report.problems.push(problem),
                    (None, taken) => {
                        taken.map_err(BackupError::Sink)?;
                        self.report.media += 1;
                        self.report.bytes += entry.size;
                    }
                }
                self.tell(Stage::Media);
            }
            Ok(())
        })
    }

    fn tell(&self, stage: Stage) {
        self.observer.progress(Progress {
            stage,
            bytes: self.report.bytes,
            bytes_total: self.bytes_total,
            records: self.report.records,
            media: self.report.media,
            media_total: self.media_total,
        });
    }
}
