//! Old snapshots go, and what only they needed. Each step leaves a whole backup: first the new
//! chain is durable, then dropped snapshots go, then the new index is durable, then the old index,
//! then packs.

mod plan;
mod retention;

pub(crate) use self::plan::second_copies_lacking;
use self::plan::{Needed, Plan};
pub use self::retention::{Because, Retention};
use super::commit::Closing;
use super::write_packs::{PackWriter, Written};
use crate::error::BackupError;
use crate::format::{Catalog, IndexedPack, ObjectKind, PackId};
use crate::objects::{Index, ObjectReader, object_id, replace_index_files};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Lock, Repository, Snapshot};
use crate::store::StoreError;
use std::collections::HashSet;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Snapshots that stay, oldest first, with the rules that keep them.
    pub kept: Vec<(u64, Vec<Because>)>,
    /// Snapshots that go; also those that only repeat a younger one.
    pub dropped: Vec<u64>,
    pub packs_deleted: u64,
    pub packs_rewritten: u64,
    /// Bytes of deleted packs less bytes of new ones; for a dry run what would be freed at least.
    pub bytes_freed: i64,
    /// Packs of interrupted backups among those that were deleted.
    pub strays_deleted: u64,
}

/// What a prune is to do.
#[derive(Clone, Debug)]
pub struct PruneOptions {
    pub retention: Retention,
    pub computer: String,
    /// Only say what would go.
    pub dry_run: bool,
}

impl Repository {
    /// Drops snapshots by `retention` and everything that no kept one needs, also what interrupted
    /// backups left.
    ///
    /// # Errors
    /// `Missing` or `Damaged` when anything that is to be kept is not there: then nothing is
    /// removed, and a repair comes first. `Cancelled` and `DiskFull` may come after some steps; the
    /// backup is whole.
    pub fn prune(
        &self,
        options: &PruneOptions,
        observer: &dyn Observer,
    ) -> Result<PruneReport, BackupError> {
        if options.dry_run {
            let choice = Choice::of(self.snapshots()?, &options.retention);
            let index = Index::load(self.store.as_ref(), &self.keys)?;
            let needed = self.needed(&choice.kept, &index)?;
            return Ok(choice.report(would_free(&index, &needed)));
        }
        let lock = self.lock(&options.computer, observer)?;
        self.complete_copies()?;
        let choice = Choice::of(self.snapshots()?, &options.retention);
        let before = Index::load(self.store.as_ref(), &self.keys)?;
        self.needed(&choice.kept, &before)?;
        let mut report = choice.report(0);
        lock.still_held()?;
        let kept = self.commit_choice(&choice, &before)?;
        self.drop_others(&kept)?;
        self.sweep_packs(&kept, (&lock, observer), &mut report)?;
        self.tidy()?;
        Ok(report)
    }

    /// Every object that a snapshot names, each known to be there.
    pub(crate) fn needed(&self, kept: &[Snapshot], index: &Index) -> Result<Needed, BackupError> {
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
        let mut needed = Needed::new();
        for id in kept.iter().flat_map(|s| &s.manifest.catalogs) {
            if needed.insert(*id, ObjectKind::Catalog).is_none() {
                let Catalog { segments, media, missing: _ } = reader.catalog(id)?;
                needed.extend(segments.iter().map(|s| (s.id, ObjectKind::Segment)));
                needed.extend(
                    media.into_iter().flat_map(|m| m.pieces).map(|id| (id, ObjectKind::Media)),
                );
            }
        }
        match needed.iter().find(|(id, _)| !index.contains(id)) {
            Some((id, kind)) => Err(index.missing(*kind, id)),
            None => Ok(needed),
        }
    }

    /// The newest snapshot once more, with the list of those that stay. It takes the place of the
    /// one it repeats, so that a prune adds no snapshot to the history.
    fn commit_choice(&self, choice: &Choice, index: &Index) -> Result<Vec<Snapshot>, BackupError> {
        let Some((newest, earlier)) =
            choice.kept.split_last().filter(|_| !choice.dropped.is_empty())
        else {
            return Ok(choice.kept.clone());
        };
        let list: Vec<_> = earlier.iter().map(Snapshot::as_kept).collect();
        let committed = self.commit(index, &Written::default(), |base| {
            base.again(&newest.manifest, Some(list.clone()))
        })?;
        Ok(earlier.iter().cloned().chain([committed.snapshot]).collect())
    }

    /// Removes snapshot files that are not in the chain, also those that an interrupted prune left.
    pub(crate) fn drop_others(&self, kept: &[Snapshot]) -> Result<(), BackupError> {
        let stay: HashSet<u64> = kept.iter().map(Snapshot::sequence).collect();
        let newest = kept.last().map_or(0, Snapshot::sequence);
        for sequence in self.listed_snapshots()? {
            if sequence < newest && !stay.contains(&sequence) {
                self.delete_snapshot(sequence)?;
            }
        }
        Ok(())
    }

    /// Deletes what none of these snapshots needs, and gathers what is left in sparse and small
    /// packs.
    pub(crate) fn sweep_packs(
        &self,
        kept: &[Snapshot],
        (lock, observer): (&Lock, &dyn Observer),
        report: &mut PruneReport,
    ) -> Result<(), BackupError> {
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let mut needed = self.needed(kept, &index)?;
        self.need_copies(kept, &mut needed)?;
        let plan = Plan::of(&index, &needed);
        let new = self.rewrite(&index, &plan, lock, observer)?;
        report.packs_rewritten = plan.rewrite.len() as u64;
        report.bytes_freed -= new.iter().map(|p| i64::from(p.len)).sum::<i64>();
        lock.still_held()?;
        let goes = !plan.rewrite.is_empty() || !plan.dead.is_empty() || !new.is_empty();
        let stay: Vec<IndexedPack> = plan.stay(&index).cloned().chain(new).collect();
        if goes || index.files.len() > 1 || index.is_damaged() || !index.unindexed.is_empty() {
            replace_index_files(self.store.as_ref(), &self.keys, &stay, &index.files)?;
        }
        self.delete_packs(&index, &plan, lock, report)
    }

    /// The objects that stand in for the files of these snapshots and of the header.
    fn need_copies(&self, kept: &[Snapshot], needed: &mut Needed) -> Result<(), BackupError> {
        for snapshot in kept {
            let file = self.find_snapshot(snapshot.sequence(), Some(&snapshot.hash))?;
            needed.insert(self.packed_id(snapshot.sequence(), &file.bytes), ObjectKind::Snapshot);
        }
        let header = self.header_bytes()?;
        needed.insert(object_id(&self.keys, ObjectKind::Header, &header), ObjectKind::Header);
        Ok(())
    }

    /// Copies what is needed of packs that go into new ones.
    fn rewrite(
        &self,
        index: &Index,
        plan: &Plan,
        lock: &Lock,
        observer: &dyn Observer,
    ) -> Result<Vec<IndexedPack>, BackupError> {
        let mut closing = Closing::new(self);
        let mut bulk = std::thread::scope(|scope| {
            let writer = PackWriter::start(scope, self, lock);
            let moved = self.move_objects(index, plan, (&writer, &mut closing), observer);
            writer.finish().and_then(|written| moved.map(|()| written.packs))
        })?;
        bulk.extend(closing.finish()?.packs);
        Ok(bulk)
    }

    fn move_objects(
        &self,
        index: &Index,
        plan: &Plan,
        (writer, closing): (&PackWriter<'_, '_>, &mut Closing<'_>),
        observer: &dyn Observer,
    ) -> Result<(), BackupError> {
        let bytes_total: u64 = plan.moves.iter().map(|(_, _, len)| u64::from(*len)).sum();
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
        let nothing = Index::default();
        let mut bytes = 0;
        // Seen only if the writer has no reason of its own.
        let stopped = |_| BackupError::LockLost;
        for (kind, id, len) in &plan.moves {
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            writer.add_named(*kind, *id, reader.read(*kind, id)?, &nothing).map_err(stopped)?;
            bytes += u64::from(*len);
            let stage = Stage::Pruning;
            observer.progress(Progress { stage, bytes, bytes_total, ..Progress::at(stage) });
        }
        for ((_, id), lacking) in &plan.lacking {
            let plain = match reader.read(lacking.kind, id) {
                Ok(plain) => plain,
                // A stand-in for a file that is there: this backup, of the first format, has none
                // yet.
                Err(BackupError::Missing { .. }) if lacking.kind != ObjectKind::Catalog => continue,
                Err(error) => return Err(error),
            };
            if lacking.copies > 1 {
                writer.add_named(lacking.kind, *id, plain.clone(), &nothing).map_err(stopped)?;
            }
            closing.add(lacking.kind, *id, &plain)?;
        }
        Ok(())
    }

    /// Removes every pack that does not stay. What cannot be read at all is left: a repair deals
    /// with it.
    fn delete_packs(
        &self,
        index: &Index,
        plan: &Plan,
        lock: &Lock,
        report: &mut PruneReport,
    ) -> Result<(), BackupError> {
        for number in plan.dead.iter().chain(&plan.rewrite) {
            let pack = &index.packs[*number];
            lock.not_lost()?;
            match self.store.delete(&pack.id.path()) {
                Err(StoreError::NotFound(_)) => continue,
                deleted => deleted?,
            }
            report.packs_deleted += 1;
            report.strays_deleted += u64::from(is_stray(index, plan, *number, pack.id));
            report.bytes_freed += i64::from(pack.len);
        }
        Ok(())
    }
}

fn is_stray(index: &Index, plan: &Plan, number: usize, id: PackId) -> bool {
    plan.dead.contains(&number) && index.unindexed.contains(&id)
}

/// Bytes of the packs of which nothing is needed.
fn would_free(index: &Index, needed: &Needed) -> i64 {
    let plan = Plan::of(index, needed);
    plan.dead.iter().map(|n| i64::from(index.packs[*n].len)).sum()
}

/// Which snapshots stay. Oldest first.
struct Choice {
    kept: Vec<Snapshot>,
    dropped: Vec<u64>,
    because: Vec<(u64, Vec<Because>)>,
}

impl Choice {
    fn of(snapshots: Vec<Snapshot>, retention: &Retention) -> Self {
        // A snapshot that only repeats the next one is no state of its own, and counts for no rule.
        let repeated: HashSet<u64> = snapshots
            .windows(2)
            .filter(|pair| pair[0].has_content_of(&pair[1]))
            .map(|pair| pair[0].sequence())
            .collect();
        let states = snapshots.iter().filter(|s| !repeated.contains(&s.sequence()));
        let keep = retention.keep(&states.map(|s| (s.sequence(), s.created())).collect::<Vec<_>>());
        let stays = |s: &Snapshot| keep.contains_key(&s.sequence());
        let dropped = snapshots.iter().filter(|s| !stays(s)).map(Snapshot::sequence).collect();
        let kept = snapshots.into_iter().filter(stays).collect();
        Self { kept, dropped, because: keep.into_iter().collect() }
    }

    fn report(&self, bytes_freed: i64) -> PruneReport {
        PruneReport {
            kept: self.because.clone(),
            dropped: self.dropped.clone(),
            bytes_freed,
            ..PruneReport::default()
        }
    }
}
