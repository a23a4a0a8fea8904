//! Old snapshots go, and what only they needed. Each step leaves a whole backup: first the new chain is durable, then
//! dropped snapshots go, then the new index is durable, then the old index, then packs.

use super::write_packs::PackWriter;
use crate::error::BackupError;
use crate::format::{Catalog, IndexedPack, KeptSnapshot, Manifest, ObjectId, ObjectKind, PackId};
use crate::limits::PACK_TARGET;
use crate::objects::{Index, ObjectReader, replace_index_files};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Lock, Repository, Snapshot};
use crate::store::StoreError;
use std::collections::{BTreeSet, HashSet};

/// A pack is rewritten when less than this part of it is still needed.
const WORTH_KEEPING: (u64, u64) = (2, 3);

/// Packs below a quarter of the target are gathered into full ones, when there are this many.
const SMALL_PACKS: usize = 8;

const DAY: u64 = 24 * 60 * 60;

/// Which snapshots stay. The newest always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The newest so many.
    pub last: usize,
    /// The newest of each of so many days, weeks, months of 30 days that have one.
    pub daily: usize,
    pub weekly: usize,
    pub monthly: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self { last: 10, daily: 14, weekly: 8, monthly: 24 }
    }
}

impl Retention {
    /// Snapshots to keep, given (sequence, created) oldest first.
    pub fn keep(&self, snapshots: &[(u64, u64)]) -> BTreeSet<u64> {
        let newest_first = || snapshots.iter().rev();
        let mut keep: BTreeSet<u64> = newest_first().take(self.last.max(1)).map(|(s, _)| *s).collect();
        for (count, length) in [(self.daily, DAY), (self.weekly, 7 * DAY), (self.monthly, 30 * DAY)] {
            let mut periods = BTreeSet::new();
            for (sequence, created) in newest_first() {
                if periods.len() < count && periods.insert(created / length) {
                    keep.insert(*sequence);
                }
            }
        }
        keep
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    pub snapshots_kept: u64,
    pub snapshots_dropped: u64,
    pub packs_deleted: u64,
    pub packs_rewritten: u64,
    /// Bytes of deleted packs less bytes of new ones.
    pub bytes_freed: i64,
}

impl Repository {
    /// Drops snapshots by `retention` and everything that no kept one needs.
    ///
    /// Errors: `Missing` or `Damaged` when anything that is to be kept is not there: then nothing is removed.
    /// `Cancelled` and `DiskFull` may come after some steps; the backup is whole.
    pub fn prune(
        &self,
        retention: &Retention,
        computer: &str,
        now: u64,
        observer: &dyn Observer,
    ) -> Result<PruneReport, BackupError> {
        let lock = Lock::acquire(self.store.clone(), computer)?;
        let snapshots = self.snapshots()?;
        let Some(newest) = snapshots.last() else { return Ok(PruneReport::default()) };
        let dates: Vec<_> = snapshots.iter().map(|s| (s.sequence(), s.created())).collect();
        let keep = retention.keep(&dates);
        let (kept, dropped): (Vec<&Snapshot>, Vec<&Snapshot>) =
            snapshots.iter().partition(|s| keep.contains(&s.sequence()));
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let needed = self.needed(&kept, &index)?;
        let mut report = PruneReport {
            snapshots_kept: kept.len() as u64,
            snapshots_dropped: dropped.len() as u64,
            ..PruneReport::default()
        };
        if !dropped.is_empty() {
            lock.still_held()?;
            self.commit_kept(newest, &kept, (computer, now))?;
        }
        self.drop_snapshots(&kept, newest.sequence() + u64::from(!dropped.is_empty()))?;
        self.sweep_packs(index, &needed, &lock, &mut report, observer)?;
        self.store.sweep()?;
        Ok(report)
    }

    /// Every object that a kept snapshot names, each known to the index.
    fn needed(&self, kept: &[&Snapshot], index: &Index) -> Result<HashSet<ObjectId>, BackupError> {
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
        let mut needed = HashSet::new();
        for id in kept.iter().flat_map(|s| &s.manifest.catalogs) {
            if needed.insert(*id) {
                let Catalog { segments, media } = reader.catalog(id)?;
                needed.extend(segments.iter().map(|s| s.id));
                needed.extend(media.into_iter().flat_map(|m| m.pieces));
            }
        }
        match needed.iter().find(|id| !index.contains(id)) {
            Some(id) => Err(BackupError::Missing { object: format!("object {}", hex::encode(id)) }),
            None => Ok(needed),
        }
    }

    /// The newest snapshot again, with the list of those that stay.
    fn commit_kept(&self, newest: &Snapshot, kept: &[&Snapshot], by: (&str, u64)) -> Result<(), BackupError> {
        let list = kept.iter().map(|s| KeptSnapshot { sequence: s.sequence(), hash: s.hash }).collect();
        let mut manifest = newest.manifest.next(newest.hash, by.0, by.1);
        manifest.kept = Some(list);
        self.commit(manifest)?.map(drop).ok_or(BackupError::LockLost)
    }

    /// Removes snapshot files that are not in the chain, also those that an interrupted prune left.
    fn drop_snapshots(&self, kept: &[&Snapshot], newest: u64) -> Result<(), BackupError> {
        let kept: HashSet<u64> = kept.iter().map(|s| s.sequence()).collect();
        for file in self.store.list("snapshots")? {
            let stays = Manifest::sequence_of(&file.name).is_none_or(|s| s >= newest || kept.contains(&s));
            if !stays {
                self.store.delete(&format!("snapshots/{}", file.name))?;
            }
        }
        Ok(())
    }

    fn sweep_packs(
        &self,
        index: Index,
        needed: &HashSet<ObjectId>,
        lock: &Lock,
        report: &mut PruneReport,
        observer: &dyn Observer,
    ) -> Result<(), BackupError> {
        let plan = Plan::of(&index, needed);
        let new = self.rewrite(&index, &plan, lock, observer)?;
        report.packs_rewritten = plan.rewrite.len() as u64;
        report.bytes_freed -= new.iter().map(|p| i64::from(p.len)).sum::<i64>();
        lock.still_held()?;
        let changed = !plan.rewrite.is_empty() || !plan.dead.is_empty() || index.files.len() > 1;
        let gone: HashSet<PackId> = plan.dead.iter().chain(&plan.rewrite).map(|i| index.packs[*i].id).collect();
        let mut stay: Vec<IndexedPack> = index.packs.into_iter().filter(|p| !gone.contains(&p.id)).collect();
        stay.extend(new);
        if changed {
            // Also those that rewriting has just written.
            let old: Vec<String> = self.store.list("index")?.into_iter().map(|f| f.name).collect();
            replace_index_files(self.store.as_ref(), &self.keys, &stay, &old)?;
        }
        self.delete_packs(&stay, lock, report)
    }

    /// Copies what is needed of sparse packs into new ones.
    fn rewrite(
        &self,
        index: &Index,
        plan: &Plan,
        lock: &Lock,
        observer: &dyn Observer,
    ) -> Result<Vec<IndexedPack>, BackupError> {
        let bytes_total: u64 = plan.move_objects.iter().map(|(_, _, len)| u64::from(*len)).sum();
        std::thread::scope(|scope| {
            let mut writer = PackWriter::start(scope, self, lock);
            let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
            let nothing = Index::default();
            let mut bytes = 0;
            let mut moved = Ok(());
            for (kind, id, len) in &plan.move_objects {
                if observer.cancelled() {
                    moved = Err(BackupError::Cancelled);
                    break;
                }
                let plain = match reader.read(*kind, id) {
                    Ok(plain) => plain,
                    Err(error) => {
                        moved = Err(error);
                        break;
                    }
                };
                if writer.add(*kind, plain, &nothing).is_err() {
                    // A stopped writer says why below.
                    break;
                }
                bytes += u64::from(*len);
                let stage = Stage::Pruning;
                observer.progress(Progress { stage, bytes, bytes_total, records: 0, media: 0, media_total: 0 });
            }
            let written = writer.finish()?;
            moved.map(|()| written.packs)
        })
    }

    /// Removes every pack that is not in `stay`: those rewritten, those dead, and strays of interrupted backups.
    fn delete_packs(&self, stay: &[IndexedPack], lock: &Lock, report: &mut PruneReport) -> Result<(), BackupError> {
        let stay: HashSet<PackId> = stay.iter().map(|p| p.id).collect();
        for file in self.store.list("packs")? {
            if PackId::from_name(&file.name).is_some_and(|id| !stay.contains(&id)) {
                lock.renew()?;
                match self.store.delete(&format!("packs/{}", file.name)) {
                    Err(StoreError::NotFound(_)) => {}
                    deleted => deleted?,
                }
                report.packs_deleted += 1;
                report.bytes_freed += i64::try_from(file.len).unwrap_or(i64::MAX);
            }
        }
        Ok(())
    }
}

/// What is to happen to packs, by their numbers in the index.
struct Plan {
    dead: Vec<usize>,
    rewrite: Vec<usize>,
    move_objects: Vec<(ObjectKind, ObjectId, u32)>,
}

impl Plan {
    fn of(index: &Index, needed: &HashSet<ObjectId>) -> Self {
        let mut plan = Self { dead: Vec::new(), rewrite: Vec::new(), move_objects: Vec::new() };
        let mut small = Vec::new();
        for (number, pack) in index.packs.iter().enumerate() {
            // The same object may be in two packs after an interrupted prune: only the one the index gives counts.
            let live = live_objects(index, number, needed);
            let bytes: u64 = live.iter().map(|(_, _, len)| u64::from(*len)).sum();
            if live.is_empty() {
                plan.dead.push(number);
            } else if bytes * WORTH_KEEPING.1 < u64::from(pack.len) * WORTH_KEEPING.0 {
                plan.rewrite.push(number);
                plan.move_objects.extend(live);
            } else if (pack.len as usize) < PACK_TARGET / 4 {
                small.push((number, live));
            }
        }
        if small.len() >= SMALL_PACKS {
            for (number, live) in small {
                plan.rewrite.push(number);
                plan.move_objects.extend(live);
            }
        }
        plan
    }
}

fn live_objects(index: &Index, number: usize, needed: &HashSet<ObjectId>) -> Vec<(ObjectKind, ObjectId, u32)> {
    let here = |id: &ObjectId| index.locate(id).is_some_and(|l| l.pack as usize == number);
    let live = index.packs[number].entries.iter().filter(|e| needed.contains(&e.id) && here(&e.id));
    live.map(|e| (e.kind, e.id, e.len)).collect()
}
