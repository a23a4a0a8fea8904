//! Old snapshots go, and what only they needed. Each step leaves a whole backup: first new packs
//! are durable, then the index that has them, then the word that snapshots and packs are given up;
//! and these are deleted only when nobody can build on them any more.

mod plan;
mod retention;

pub(crate) use self::plan::second_copies_lacking;
use self::plan::{Needed, Plan};
pub use self::retention::{Because, Retention};
use super::commit::Closing;
use super::write_packs::PackWriter;
use crate::error::BackupError;
use crate::format::{Catalog, IndexedPack, ObjectKind, PackId};
use crate::objects::{Index, ObjectReader, Removals, object_id, replace_index_files};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Chain, Claim, Lock, Repository, Snapshot};
use crate::store::StoreError;
use std::collections::HashSet;
use std::time::Duration;

/// How long it is remembered that a pack was deleted, in seconds: an index file that still names it
/// was written by somebody who read an older one, at most days before.
const DELETED_PACKS_REMEMBERED: u64 = 90 * 86_400;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Snapshots that stay, oldest first, with the rules that keep them.
    pub kept: Vec<(u64, Vec<Because>)>,
    /// Snapshots that go; also those that only repeat a younger one.
    pub dropped: Vec<u64>,
    /// Packs that were given up, and that a later prune deletes: somebody may still build on them.
    pub packs_waiting: u64,
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
    /// How long before they are deleted packs and snapshots must have been given up. Nothing is
    /// enough where every writer sees at once what another wrote; at a place that several computers
    /// write to, and that may list late, long enough for all of them to have seen it.
    pub grace: Duration,
    /// Only say what would go.
    pub dry_run: bool,
}

impl Repository {
    /// Drops snapshots by `retention` and everything that no kept one needs, also what interrupted
    /// backups left. While somebody else writes, what goes is given up, and the next prune deletes
    /// it.
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
            let choice = Choice::of(self.whole_chain()?, &options.retention);
            let index = Index::load(self.store.as_ref(), &self.keys)?;
            let needed = self.needed(&choice.kept, &index)?;
            return Ok(choice.report(would_free(&index, &needed)));
        }
        let lock = self.lock(&options.computer, observer)?;
        self.complete_copies_under(&lock)?;
        let choice = Choice::of(self.whole_chain()?, &options.retention);
        let mut report = choice.report(0);
        self.sweep(&choice, options.grace, (&lock, observer), &mut report)?;
        self.tidy()?;
        Ok(report)
    }

    /// # Errors
    /// As [`Repository::snapshots`].
    fn whole_chain(&self) -> Result<Chain, BackupError> {
        let mut chain = self.chain()?;
        match chain.problems.pop() {
            Some(problem) => Err(chain.problems.into_iter().next().unwrap_or(problem)),
            None => Ok(chain),
        }
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

    /// Gives up what none of the kept snapshots needs, gathers what is left in sparse and small
    /// packs, and deletes what was given up long enough ago.
    fn sweep(
        &self,
        choice: &Choice,
        grace: Duration,
        (lock, observer): (&Lock, &dyn Observer),
        report: &mut PruneReport,
    ) -> Result<(), BackupError> {
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let mut needed = self.needed(&choice.kept, &index)?;
        self.need_copies(&choice.kept, &mut needed)?;
        let plan = Plan::of(&index, &needed);
        let new = self.rewrite(&index, &plan, lock, observer)?;
        report.packs_rewritten = plan.rewrite.len() as u64;
        report.bytes_freed -= new.iter().map(|p| i64::from(p.len)).sum::<i64>();
        lock.still_held()?;
        let now = self.pace.unix_now();
        let before = &index.removals;
        let mut removals = self.given_up(choice, &index, &plan, now);
        let changed = removals.packs != before.packs || removals.snapshots != before.snapshots;
        if changed || before.is_scattered() || !before.problems.is_empty() {
            removals.write(self.store.as_ref(), &self.keys, now)?;
        }
        removals.tidy(self.store.as_ref(), (now, grace.as_secs()))?;
        self.store.refresh();
        let wait = self.others_write()? || self.has_others(choice)?;
        let due = |since: u64| !wait && now.saturating_sub(since) >= grace.as_secs();
        let goes: HashSet<PackId> =
            removals.packs.iter().filter(|(_, since)| due(**since)).map(|(id, _)| *id).collect();
        let stay: Vec<IndexedPack> =
            index.packs.iter().filter(|p| !goes.contains(&p.id)).cloned().chain(new).collect();
        let same = stay.len() == index.packs.len();
        if !same || index.files.len() > 1 || index.is_damaged() || !index.unindexed.is_empty() {
            replace_index_files(self.store.as_ref(), &self.keys, &stay, &index.files)?;
        }
        for removed in removals.snapshots.values().filter(|removed| due(removed.since)) {
            self.delete_snapshot(removed.name)?;
        }
        self.delete_packs(&index, &goes, (&plan, lock), report)?;
        let waits = |p: &&IndexedPack| removals.packs.contains_key(&p.id) && !goes.contains(&p.id);
        report.packs_waiting = index.packs.iter().filter(waits).count() as u64;
        Ok(())
    }

    /// Everything that was given up before, and what goes now.
    fn given_up(&self, choice: &Choice, index: &Index, plan: &Plan, now: u64) -> Removals {
        let mut removals = index.removals.to_change();
        let there: HashSet<PackId> = index.packs.iter().map(|p| p.id).collect();
        removals.packs.retain(|id, since| {
            there.contains(id) || now.saturating_sub(*since) < DELETED_PACKS_REMEMBERED
        });
        for number in &plan.again {
            removals.packs.remove(&index.packs[*number].id);
        }
        for number in plan.dead.iter().chain(&plan.rewrite) {
            removals.give_up_pack(index.packs[*number].id, now);
        }
        for snapshot in &choice.goes {
            if let Some(name) = snapshot.name {
                removals.give_up_snapshot(name, snapshot.parents(), now);
            }
        }
        removals
    }

    /// Whether a snapshot has come since the choice was made.
    fn has_others(&self, choice: &Choice) -> Result<bool, BackupError> {
        let known: HashSet<_> =
            choice.kept.iter().chain(&choice.goes).filter_map(|s| s.name).collect();
        let removals = Removals::load(self.store.as_ref(), &self.keys)?;
        let new = |name: &crate::format::SnapshotName| {
            name.stem.is_some() && !known.contains(name) && !removals.snapshots.contains_key(name)
        };
        Ok(self.listed_snapshots()?.iter().any(new))
    }

    /// The objects that stand in for the files of these snapshots and of the header.
    fn need_copies(&self, kept: &[Snapshot], needed: &mut Needed) -> Result<(), BackupError> {
        for snapshot in kept {
            let file = self.file_of(snapshot)?;
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
            let writer = PackWriter::start(scope, self, Claim::Lock(lock));
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

    /// Removes packs. What cannot be read at all is left: a repair deals with it.
    fn delete_packs(
        &self,
        index: &Index,
        goes: &HashSet<PackId>,
        (plan, lock): (&Plan, &Lock),
        report: &mut PruneReport,
    ) -> Result<(), BackupError> {
        for (number, pack) in index.packs.iter().enumerate() {
            if !goes.contains(&pack.id) {
                continue;
            }
            lock.not_lost()?;
            match self.store.delete(&pack.id.path()) {
                Err(StoreError::NotFound(_)) => continue,
                deleted => deleted?,
            }
            report.packs_deleted += 1;
            report.strays_deleted += u64::from(is_stray(index, plan, number, pack.id));
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
    goes: Vec<Snapshot>,
    because: Vec<(u64, Vec<Because>)>,
}

impl Choice {
    /// Of a chain without problems. Its ends stay: what each of them has is in no other yet.
    fn of(chain: Chain, retention: &Retention) -> Self {
        let Chain { mut snapshots, heads, .. } = chain;
        snapshots.reverse();
        // A snapshot that only repeats the next one is no state of its own, and counts for no rule.
        let repeated: HashSet<u64> = snapshots
            .windows(2)
            .filter(|pair| pair[0].has_content_of(&pair[1]))
            .map(|pair| pair[0].sequence())
            .collect();
        let states = snapshots.iter().filter(|s| !repeated.contains(&s.sequence()));
        let keep = retention.keep(&states.map(|s| (s.sequence(), s.created())).collect::<Vec<_>>());
        let ends: HashSet<_> = heads.iter().map(|head| head.hash).collect();
        let stays = |s: &Snapshot| keep.contains_key(&s.sequence()) || ends.contains(&s.hash);
        let (kept, goes) = snapshots.into_iter().partition(stays);
        Self { kept, goes, because: keep.into_iter().collect() }
    }

    fn report(&self, bytes_freed: i64) -> PruneReport {
        PruneReport {
            kept: self.because.clone(),
            dropped: self.goes.iter().map(Snapshot::sequence).collect(),
            bytes_freed,
            ..PruneReport::default()
        }
    }
}
