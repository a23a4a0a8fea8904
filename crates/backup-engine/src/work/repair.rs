//! What is lost is admitted, so that the next backup brings it again.
//!
//! A backup trusts the index and the newest snapshot: what they name is not written again. After damage that trust is
//! wrong. A repair reads every pack, moves readable objects out of damaged ones, writes an index of what is really
//! there and a snapshot that names only that, with every source's cursor put back to 0. No pack and no snapshot is
//! deleted.

use super::write_packs::PackWriter;
use crate::error::BackupError;
use crate::format::{Catalog, IndexedPack, ObjectId, ObjectKind, Pack, PackId, Totals, pack_opener};
use crate::limits::MAX_PACK;
use crate::objects::{Index, ObjectReader, open_object, replace_index_files};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Lock, Repository, Snapshot};
use crate::store::StoreError;
use std::collections::HashSet;

#[derive(Debug, Default)]
pub struct RepairReport {
    pub packs: u64,
    /// Damaged or missing packs that the index names no longer. Damaged ones are left in place until a prune.
    pub packs_dropped: u64,
    /// Readable objects of damaged packs, now in new packs.
    pub objects_saved: u64,
    /// Parts of the newest snapshot that are not in the new one.
    pub catalogs_lost: u64,
    pub segments_lost: u64,
    pub media_lost: u64,
    pub bytes_read: u64,
    /// The new snapshot; `None` when nothing that the newest one names was lost.
    pub sequence: Option<u64>,
    /// What was found wrong.
    pub problems: Vec<BackupError>,
}

impl Repository {
    /// Makes the backup whole again without what was lost; the next backup of each computer then reads everything
    /// once more and writes what is lacking. Restoring records twice must therefore be harmless.
    ///
    /// Errors: `Locked`, `Cancelled`, `DiskFull`, `Store` (a pack that cannot be read at the moment is not taken for
    /// lost), and when the newest snapshot itself is unreadable. Before the last step everything is as it was.
    pub fn repair(&self, computer: &str, now: u64, observer: &dyn Observer) -> Result<RepairReport, BackupError> {
        let lock = Lock::acquire(self.store.clone(), computer)?;
        let head = self.latest()?;
        let mut report = RepairReport::default();
        let known = self.index_or_none(&mut report)?;
        let surveyed = self.survey(&known, &lock, &mut report, observer)?;
        let mut whole = Index::default();
        surveyed.whole.into_iter().for_each(|pack| whole.insert(pack));
        let left = head.as_ref().map(|h| self.what_is_left(h, &whole, &surveyed.saved, &mut report)).transpose()?;
        let lost = report.catalogs_lost + report.segments_lost + report.media_lost > 0;
        let left = left.filter(|_| lost);
        let (catalogs, written) = std::thread::scope(|scope| {
            let mut writer = PackWriter::start(scope, self, &lock);
            let added = self.write(&surveyed.damaged, left.as_ref(), &whole, &mut writer, &mut report);
            writer.finish().and_then(|written| added.map(|catalogs| (catalogs, written)))
        })?;
        lock.still_held()?;
        let packs: Vec<_> = whole.packs.into_iter().chain(written.packs).collect();
        let old: Vec<String> = self.store.list("index")?.into_iter().map(|f| f.name).collect();
        replace_index_files(self.store.as_ref(), &self.keys, &packs, &old)?;
        if let (Some(head), Some(left)) = (head, left) {
            report.sequence = Some(self.commit_left(&head, &left, catalogs, (computer, now))?);
        }
        Ok(report)
    }

    /// An unreadable index is as good as none: packs have directories of their own.
    fn index_or_none(&self, report: &mut RepairReport) -> Result<Index, BackupError> {
        match Index::load(self.store.as_ref(), &self.keys) {
            Err(
                problem @ (BackupError::Damaged { .. } | BackupError::Missing { .. } | BackupError::WrongKey { .. }),
            ) => {
                report.problems.push(problem);
                Ok(Index::default())
            }
            loaded => loaded,
        }
    }

    fn survey(
        &self,
        known: &Index,
        lock: &Lock,
        report: &mut RepairReport,
        observer: &dyn Observer,
    ) -> Result<Survey, BackupError> {
        let mut survey = Survey::default();
        let listed = self.store.list("packs")?;
        let bytes_total = listed.iter().map(|f| f.len).sum();
        let there: HashSet<PackId> = listed.iter().filter_map(|f| PackId::from_name(&f.name)).collect();
        for pack in known.packs.iter().filter(|p| !there.contains(&p.id)) {
            report.packs_dropped += 1;
            report.problems.push(BackupError::Missing { object: pack.id.path() });
        }
        for id in there {
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            lock.renew()?;
            report.packs += 1;
            let indexed = known.packs.iter().find(|p| p.id == id);
            match self.look_at(id, indexed, report)? {
                Found::Whole(pack) => survey.whole.push(pack),
                Found::Damaged(readable) => {
                    report.packs_dropped += 1;
                    survey.saved.extend(readable.entries.iter().map(|e| e.id));
                    survey.damaged.push(readable);
                }
            }
            let (stage, bytes) = (Stage::Checking, report.bytes_read);
            observer.progress(Progress { stage, bytes, bytes_total, records: 0, media: 0, media_total: 0 });
        }
        Ok(survey)
    }

    /// Reads a whole pack. Of a damaged one, the objects that open are listed by what its directory says, or else the
    /// index.
    fn look_at(
        &self,
        id: PackId,
        indexed: Option<&IndexedPack>,
        report: &mut RepairReport,
    ) -> Result<Found, BackupError> {
        let bytes = match self.store.get(&id.path(), MAX_PACK) {
            Ok(bytes) => bytes,
            Err(error @ (StoreError::NotFound(_) | StoreError::TooLarge(_))) => {
                report.problems.push(error.into());
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        report.bytes_read += bytes.len() as u64;
        let opened = Pack::parse(&bytes)
            .map_err(|e| BackupError::damaged(id.path(), e.0))
            .and_then(|pack| pack.open(&self.keys, id));
        let (listed, mut sound) = match opened {
            Ok((_, pack)) => (pack, true),
            Err(problem) => {
                report.problems.push(problem);
                let nothing = || IndexedPack { id, len: 0, entries: Vec::new() };
                (indexed.cloned().unwrap_or_else(nothing), false)
            }
        };
        let opener = pack_opener(&self.keys, id);
        let mut readable = IndexedPack { id, len: listed.len, entries: Vec::new() };
        for (place, entry) in listed.entries.iter().enumerate() {
            let sealed = bytes.get(entry.offset as usize..).and_then(|rest| rest.get(..entry.len as usize));
            let opened = sealed
                .ok_or_else(|| BackupError::damaged(id.path(), "it was cut short"))
                .and_then(|s| open_object(&self.keys, &opener, id, place as u32, entry, s.to_vec()));
            match opened {
                Ok(_) => readable.entries.push(*entry),
                Err(problem) => {
                    sound = false;
                    report.problems.push(problem);
                }
            }
        }
        Ok(if sound { Found::Whole(listed) } else { Found::Damaged(Salvage::of(listed, readable)) })
    }

    /// Of the newest snapshot, what can still be read. Where one of its catalogs is lost, older snapshots may have
    /// named the same things.
    fn what_is_left(
        &self,
        head: &Snapshot,
        whole: &Index,
        saved: &HashSet<ObjectId>,
        report: &mut RepairReport,
    ) -> Result<Catalog, BackupError> {
        let readable = |id: &ObjectId| whole.contains(id) || saved.contains(id);
        // Catalogs in damaged packs are read where they are: moving them comes later.
        let known = self.index_or_none(&mut RepairReport::default())?;
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, whole);
        let mut damaged = ObjectReader::new(self.store.as_ref(), &self.keys, &known);
        let mut left = Catalog::default();
        let mut read = HashSet::new();
        for id in &head.manifest.catalogs {
            match reader.catalog(id).or_else(|_| damaged.catalog(id)) {
                Ok(catalog) => left.append(catalog),
                Err(problem) => {
                    report.catalogs_lost += 1;
                    report.problems.push(problem);
                }
            }
            read.insert(*id);
        }
        if report.catalogs_lost > 0 {
            let mut older = Vec::new();
            // As far back as the chain holds.
            let _ = self.walk_back(|snapshot| {
                older.extend(snapshot.manifest.catalogs.into_iter().rev().filter(|id| read.insert(*id)));
                true
            });
            let older = older.iter().rev().filter_map(|id| reader.catalog(id).or_else(|_| damaged.catalog(id)).ok());
            let mut first = older.fold(Catalog::default(), |mut all, one| {
                all.append(one);
                all
            });
            let named: HashSet<_> = left.segments.iter().map(|s| s.id).collect();
            let mut twice = HashSet::new();
            first.segments.retain(|s| !named.contains(&s.id) && twice.insert(s.id));
            first.append(left);
            left = first;
        }
        let before = (left.segments.len(), left.media.len());
        let mut once = HashSet::new();
        left.media.retain(|m| m.pieces.iter().all(readable));
        left.segments.retain(|s| readable(&s.id));
        report.segments_lost = (before.0 - left.segments.len()) as u64;
        report.media_lost = (before.1 - left.media.len()) as u64;
        left.media.retain(|m| once.insert(m.hash));
        Ok(left)
    }

    fn write(
        &self,
        damaged: &[Salvage],
        left: Option<&Catalog>,
        whole: &Index,
        writer: &mut PackWriter<'_, '_>,
        report: &mut RepairReport,
    ) -> Result<Vec<ObjectId>, BackupError> {
        // Seen only if the writer has no reason of its own.
        let stopped = |_| BackupError::LockLost;
        for pack in damaged {
            let mut from = Index::default();
            from.insert(pack.listed.clone());
            let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, &from);
            for entry in &pack.entries {
                let plain = reader.read(entry.kind, &entry.id)?;
                report.objects_saved += u64::from(writer.add(entry.kind, plain, whole).map_err(stopped)?.1);
            }
        }
        let parts = left.cloned().map(Catalog::split).unwrap_or_default().into_iter().filter(|c| !c.is_empty());
        parts.map(|c| Ok(writer.add(ObjectKind::Catalog, c.to_bytes(), whole).map_err(stopped)?.0)).collect()
    }

    fn commit_left(
        &self,
        head: &Snapshot,
        left: &Catalog,
        catalogs: Vec<ObjectId>,
        (computer, now): (&str, u64),
    ) -> Result<u64, BackupError> {
        let mut manifest = head.manifest.next(head.hash, computer, now);
        manifest.repaired = Some(manifest.sequence);
        manifest.catalogs = catalogs;
        manifest.sources.values_mut().for_each(|cursor| *cursor = 0);
        manifest.totals = totals(left);
        let committed = self.commit(manifest)?.ok_or(BackupError::LockLost)?;
        Ok(committed.sequence())
    }
}

#[derive(Default)]
struct Survey {
    whole: Vec<IndexedPack>,
    damaged: Vec<Salvage>,
    /// Objects that can be moved out of damaged packs.
    saved: HashSet<ObjectId>,
}

enum Found {
    Whole(IndexedPack),
    Damaged(Salvage),
}

/// A damaged pack as it was, and those of its objects that open.
struct Salvage {
    listed: IndexedPack,
    entries: Vec<crate::format::DirectoryEntry>,
}

impl Salvage {
    fn of(listed: IndexedPack, readable: IndexedPack) -> Self {
        Self { listed, entries: readable.entries }
    }
}

fn totals(catalog: &Catalog) -> Totals {
    let records: u64 = catalog.segments.iter().map(|s| u64::from(s.records)).sum();
    let bytes: u64 = catalog.segments.iter().map(|s| u64::from(s.bytes)).sum();
    Totals {
        records,
        // Each has its length before it.
        record_bytes: bytes.saturating_sub(4 * records),
        media: catalog.media.len() as u64,
        media_bytes: catalog.media.iter().map(|m| m.size).sum(),
    }
}
