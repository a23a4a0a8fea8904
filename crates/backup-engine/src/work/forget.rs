//! Streams and media that are to be in the backup no longer: a next snapshot is without them.
//! Earlier snapshots have them until a prune removes these, and the prune then frees the room.

use super::write_packs::PackWriter;
use crate::error::BackupError;
use crate::format::{Catalog, ObjectId, ObjectKind, SegmentEntry, SegmentRecords, Totals};
use crate::objects::{Index, ObjectReader, passing};
use crate::port::{MediaHash, Observer};
use crate::repository::{Claim, Newest, Repository};
use std::collections::HashSet;

/// What is to be forgotten.
#[derive(Clone, Debug, Default)]
pub struct ForgetOptions {
    pub streams: HashSet<Vec<u8>>,
    pub media: HashSet<MediaHash>,
    /// As for [`crate::BackupOptions`].
    pub computer: String,
    pub now: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgetReport {
    /// Of the snapshot that is without it; of the newest one if there was nothing to forget.
    pub sequence: u64,
    pub records: u64,
    pub media: u64,
    /// Earlier snapshots, oldest first. What is forgotten may be in them.
    pub earlier: Vec<u64>,
}

impl Repository {
    /// Writes a snapshot that has all that the newest one has but `options.streams` and
    /// `options.media`.
    ///
    /// # Errors
    /// `Missing` or `Damaged` if the newest snapshot's catalogs cannot all be read: then nothing
    /// was forgotten, and a repair comes first. `DiskFull`, `Store`.
    pub fn forget(
        &self,
        options: &ForgetOptions,
        observer: &dyn Observer,
    ) -> Result<ForgetReport, BackupError> {
        self.complete_copies(&options.computer, observer)?;
        let presence = self.present(&options.computer)?;
        let Newest { snapshot, problems } = self.newest()?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        let Some(newest) = snapshot else { return Ok(ForgetReport::default()) };
        let known = Index::load(self.store.as_ref(), &self.keys)?;
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, &known);
        let (whole, damage) = reader.catalogs(&newest.manifest)?;
        if let Some(problem) = damage.into_iter().next() {
            return Err(problem);
        }
        let mut earlier: Vec<u64> = self.snapshots()?.iter().map(|s| s.sequence()).collect();
        let Parted { stays, goes } = part(whole, options);
        if goes.is_empty() {
            return Ok(ForgetReport { sequence: newest.sequence(), ..ForgetReport::default() });
        }
        let lost = totals_of(&goes, &mut reader)?;
        let (catalogs, written) = std::thread::scope(|scope| {
            let writer = PackWriter::start(scope, self, Claim::Presence(&presence));
            let add = |c: Catalog| {
                writer.add(ObjectKind::Catalog, c.to_bytes(), &known).map(|(id, _)| id)
            };
            let added: Result<Vec<ObjectId>, _> =
                stays.split().into_iter().filter(|c| !c.is_empty()).map(add).collect();
            // The writer's reason comes first.
            writer
                .finish()
                .and_then(|written| Ok((added.map_err(|_| BackupError::LockLost)?, written)))
        })?;
        let replaced: HashSet<ObjectId> = newest.manifest.catalogs.iter().copied().collect();
        self.store.refresh();
        let committed = self.commit(&known, &written, |base| {
            let mut manifest = base;
            // What another writer added in between stays.
            let added = manifest.catalogs.iter().filter(|id| !replaced.contains(*id));
            let now = catalogs.iter().chain(added).copied().collect();
            manifest = manifest.with_catalogs(now);
            manifest.totals = less(manifest.totals, lost);
            manifest.computer.clone_from(&options.computer);
            manifest.created = options.now;
            manifest
        })?;
        let sequence = committed.snapshot.sequence();
        earlier.retain(|earlier| *earlier < sequence);
        earlier.sort_unstable();
        Ok(ForgetReport { sequence, records: lost.records, media: lost.media, earlier })
    }
}

/// A snapshot's content, in two.
struct Parted {
    stays: Catalog,
    goes: Catalog,
}

fn part(whole: Catalog, options: &ForgetOptions) -> Parted {
    let mut goes = Catalog::default();
    let mut stays = Catalog::default();
    for segment in whole.segments {
        let to = if options.streams.contains(&segment.stream) { &mut goes } else { &mut stays };
        to.segments.push(segment);
    }
    for media in whole.media {
        let to = if options.media.contains(&media.hash) { &mut goes } else { &mut stays };
        to.media.push(media);
    }
    for missing in whole.missing {
        let to = if options.media.contains(&missing.hash) { &mut goes } else { &mut stays };
        to.missing.push(missing);
    }
    Parted { stays, goes }
}

fn totals_of(goes: &Catalog, reader: &mut ObjectReader<'_>) -> Result<Totals, BackupError> {
    let mut settled = goes.clone();
    settled.settle_missing();
    let mut totals = Totals {
        media: goes.media.len() as u64,
        media_bytes: goes.media.iter().map(|m| m.size).sum(),
        missing: settled.missing.len() as u64,
        ..Totals::default()
    };
    for segment in &goes.segments {
        totals.records += u64::from(segment.records);
        totals.record_bytes += record_bytes(segment, reader)?;
    }
    Ok(totals)
}

/// Without the opening that a segment begins with; with it, and the lengths, where the segment
/// cannot be read.
fn record_bytes(segment: &SegmentEntry, reader: &mut ObjectReader<'_>) -> Result<u64, BackupError> {
    let plain = match reader.read(ObjectKind::Segment, &segment.id) {
        Ok(plain) => plain,
        Err(problem) => {
            passing(problem)?;
            return Ok(u64::from(segment.bytes));
        }
    };
    let lengths: Vec<u64> =
        SegmentRecords::new(&plain).flatten().map(|record| record.len() as u64).collect();
    let opening = lengths.len().saturating_sub(segment.records as usize);
    Ok(lengths.iter().skip(opening).sum())
}

fn less(all: Totals, lost: Totals) -> Totals {
    Totals {
        records: all.records.saturating_sub(lost.records),
        record_bytes: all.record_bytes.saturating_sub(lost.record_bytes),
        media: all.media.saturating_sub(lost.media),
        media_bytes: all.media_bytes.saturating_sub(lost.media_bytes),
        missing: all.missing.saturating_sub(lost.missing),
    }
}
