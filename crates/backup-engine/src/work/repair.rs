//! What was lost is admitted, so that the next backup brings it again; what can be put back is put
//! back.
//!
//! A backup trusts the index and the newest snapshot: what they name is not written again. After
//! damage that trust is wrong. A repair writes the header's and the snapshots' files again from
//! their copies, reads every pack, moves readable objects out of damaged ones, and writes an index
//! of what is really there. If anything that the newest snapshot names is lost, it writes one that
//! names only what is left, with every source's cursor put back to 0. It deletes no pack and no
//! snapshot.

mod left;
mod survey;

use self::survey::{Salvage, Survey};
use super::commit::Closing;
use super::write_packs::{PackWriter, Stopped, Written};
use crate::error::BackupError;
use crate::format::{
    Catalog, IndexedPack, Manifest, ObjectId, ObjectKind, SnapshotRef, Totals, is_index_name,
};
use crate::objects::{Index, ObjectReader, replace_index_files};
use crate::port::Observer;
use crate::repository::{Chain, Claim, Lock, Repository, Seen, Snapshot};
use crate::work::prune::second_copies_lacking;

#[derive(Clone, Debug)]
pub struct RepairOptions {
    pub computer: String,
    /// Unix seconds.
    pub now: u64,
    /// What this computer last saw: where that snapshot's files are gone, and a pack still has it,
    /// it is put back.
    pub seen: Option<Seen>,
}

#[derive(Debug, Default)]
pub struct RepairReport {
    pub packs: u64,
    /// Damaged or missing packs that the index counts on no longer. Damaged ones are left in place
    /// until a prune.
    pub packs_dropped: u64,
    /// Readable objects of damaged packs, now in new packs.
    pub objects_saved: u64,
    /// Files of the header and of snapshots that were written again from a copy.
    pub files_restored: u64,
    /// Snapshots that nobody can read any more.
    pub snapshots_lost: u64,
    /// The header had to be made anew: it has no key slots but those that the caller adds now.
    pub header_lost: bool,
    /// Parts of the newest snapshot that are not in the new one.
    pub catalogs_lost: u64,
    pub segments_lost: u64,
    pub media_lost: u64,
    pub bytes_read: u64,
    /// The new snapshot; `None` when the newest one can stay.
    pub sequence: Option<u64>,
    /// What was found wrong.
    pub problems: Vec<BackupError>,
}

impl RepairReport {
    /// Parts of the newest snapshot that were lost.
    pub fn parts_lost(&self) -> u64 {
        self.catalogs_lost + self.segments_lost + self.media_lost
    }
}

impl Repository {
    /// Makes the backup whole again without what was lost; the next backup of each computer then
    /// reads everything once more and writes what is lacking. Restoring records twice must
    /// therefore be harmless.
    ///
    /// # Errors
    /// `Locked`, `Cancelled`, `DiskFull`, `Store` (a file that cannot be read at the moment is not
    /// taken for lost). Before the last steps everything is as it was, or better.
    pub fn repair(
        &self,
        options: &RepairOptions,
        observer: &dyn Observer,
    ) -> Result<RepairReport, BackupError> {
        let lock = self.lock(&options.computer, observer)?;
        let mut report = RepairReport::default();
        self.restore_header(&mut report)?;
        self.restore_snapshots(options, &mut report)?;
        self.complete_copies_under(&lock)?;
        let chain = self.chain()?;
        let mut index = Index::load(self.store.as_ref(), &self.keys)?;
        report.packs_dropped += index.lost.iter().filter(|l| l.found.is_none()).count() as u64;
        report.problems.extend(index.take_problems());
        let survey = self.survey(&index, &lock, &mut report, observer)?;
        let repaired = self.save(&survey, &chain, &lock, &mut report)?;
        lock.still_held()?;
        self.finish(options, &chain, &survey, repaired, &mut report)?;
        report.problems.extend(chain.problems);
        Ok(report)
    }

    fn restore_header(&self, report: &mut RepairReport) -> Result<(), BackupError> {
        let damage = self.header_damage()?;
        if damage.is_empty() {
            return Ok(());
        }
        let header = self.current_header()?;
        report.header_lost = header.slots.is_empty();
        report.files_restored += damage.len() as u64;
        report.problems.extend(damage);
        self.write_header(&header)
    }

    /// Each snapshot that can be read gets both its files back.
    fn restore_snapshots(
        &self,
        options: &RepairOptions,
        report: &mut RepairReport,
    ) -> Result<(), BackupError> {
        let packed = self.packed_snapshots(&Index::load(self.store.as_ref(), &self.keys)?)?;
        let listed = self.listed_snapshots()?;
        let newest = packed.last_key_value().map(|(_, files)| files[0].hash);
        let is_listed = |seen: &Seen| listed.iter().any(|name| name.sequence == seen.sequence);
        let wanted = match options.seen {
            Some(seen) if !is_listed(&seen) => Some(seen.hash),
            _ => newest.filter(|_| listed.is_empty()),
        };
        let mut lost = packed.into_values().flatten();
        if let Some(file) = lost.find(|file| Some(file.hash) == wanted) {
            report.files_restored += self.write_both(&file)?;
        }
        let chain = self.chain()?;
        report.snapshots_lost = chain.problems.len() as u64;
        report.problems.extend(self.damaged_copies(&chain.snapshots)?);
        for snapshot in &chain.snapshots {
            let file = self.file_of(snapshot)?;
            if self.header().has_copies() {
                report.files_restored += self.write_both(&file)?;
            }
        }
        Ok(())
    }

    /// Moves readable objects out of damaged packs, names what is then left, and writes second
    /// copies where they are lacking.
    fn save(
        &self,
        survey: &Survey,
        chain: &Chain,
        lock: &Lock,
        report: &mut RepairReport,
    ) -> Result<Repaired, BackupError> {
        let mut whole = Index::default();
        survey.whole.iter().for_each(|pack| whole.insert(pack.clone()));
        let saved =
            self.write(lock, |writer| self.move_out(&survey.damaged, &whole, writer, report))?.1;
        saved.packs.into_iter().for_each(|p| whole.insert(p));
        let left = self.what_is_left(chain, &whole, report)?;
        let left = left.filter(|_| report.parts_lost() > 0 || chain.snapshots.is_empty());
        let parts = left.clone().map(Catalog::split).unwrap_or_default();
        let (catalogs, written) = self.write(lock, |writer| {
            let whole_parts = parts.into_iter().filter(|c| !c.is_empty());
            let add = |c: Catalog| Ok(writer.add(ObjectKind::Catalog, c.to_bytes(), &whole)?.0);
            whole_parts.map(add).collect()
        })?;
        written.packs.into_iter().for_each(|p| whole.insert(p));
        let copies = self.copy_again(&chain.snapshots, &whole)?;
        copies.packs.into_iter().for_each(|p| whole.insert(p));
        Ok(Repaired { whole, left, catalogs })
    }

    /// Runs `add` with a writer of packs, and waits until they are durable.
    fn write<T>(
        &self,
        lock: &Lock,
        add: impl FnOnce(&PackWriter<'_, '_>) -> Result<T, Stopped>,
    ) -> Result<(T, Written), BackupError> {
        std::thread::scope(|scope| {
            let writer = PackWriter::start(scope, self, Claim::Lock(lock));
            let added = add(&writer);
            let written = writer.finish()?;
            match added {
                Ok(added) => Ok((added, written)),
                Err(Stopped::Error(error)) => Err(error),
                // Never seen: the writer's own reason came first.
                Err(Stopped::Writer) => Err(BackupError::LockLost),
            }
        })
    }

    fn move_out(
        &self,
        damaged: &[Salvage],
        whole: &Index,
        writer: &PackWriter<'_, '_>,
        report: &mut RepairReport,
    ) -> Result<(), Stopped> {
        for pack in damaged {
            pack.each(self.store.as_ref(), &self.keys, |entry, plain| {
                report.objects_saved +=
                    u64::from(writer.add_named(entry.kind, entry.id, plain, whole)?.1);
                Ok::<_, Stopped>(())
            })?;
        }
        Ok(())
    }

    /// Second copies of catalogs that lost one.
    fn copy_again(&self, snapshots: &[Snapshot], whole: &Index) -> Result<Written, BackupError> {
        let catalogs = snapshots.iter().flat_map(|s| s.manifest.catalogs.iter().copied());
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, whole);
        let mut closing = Closing::new(self);
        for id in second_copies_lacking(whole, catalogs) {
            closing.add(ObjectKind::Catalog, id, &reader.read(ObjectKind::Catalog, &id)?)?;
        }
        closing.finish()
    }

    /// The index of what is there, and a snapshot if the newest one cannot stay.
    fn finish(
        &self,
        options: &RepairOptions,
        chain: &Chain,
        survey: &Survey,
        repaired: Repaired,
        report: &mut RepairReport,
    ) -> Result<(), BackupError> {
        let Repaired { whole, left, catalogs } = repaired;
        let old: Vec<String> = self.store.list("index")?.into_iter().map(|f| f.name).collect();
        let old: Vec<String> = old.into_iter().filter(|name| is_index_name(name)).collect();
        let packs: Vec<IndexedPack> =
            whole.packs.iter().chain(&survey.condemned).cloned().collect();
        replace_index_files(self.store.as_ref(), &self.keys, &packs, &old)?;
        if left.is_none() && chain.problems.is_empty() {
            return Ok(());
        }
        self.give_up_lost(chain)?;
        self.store.refresh();
        let committed = self.commit(&whole, &Written::default(), |base| match &left {
            Some(left) => without_lost(base, left, &catalogs, options),
            None => base,
        })?;
        report.sequence = Some(committed.snapshot.sequence());
        Ok(())
    }

    /// Says of the snapshots that cannot be read any more that they are lost.
    fn give_up_lost(&self, chain: &Chain) -> Result<(), BackupError> {
        if chain.lost_names.is_empty() {
            return Ok(());
        }
        let mut removals = chain.removals.to_change();
        for name in &chain.lost_names {
            let older = chain.orphans.iter().filter(|s| s.sequence() < name.sequence);
            let parents: Vec<SnapshotRef> = older.map(Snapshot::reference).collect();
            removals.give_up_snapshot(*name, parents, self.pace.unix_now());
        }
        removals.write(self.store.as_ref(), &self.keys, self.pace.unix_now())
    }
}

/// What a repair found and wrote before it commits.
struct Repaired {
    /// Everything that is there and whole.
    whole: Index,
    /// Of the newest snapshot, if something of it was lost.
    left: Option<Catalog>,
    /// Objects that name it.
    catalogs: Vec<ObjectId>,
}

/// A manifest that names only what is left. Its next backup reads everything again.
fn without_lost(
    base: Manifest,
    left: &Catalog,
    catalogs: &[ObjectId],
    options: &RepairOptions,
) -> Manifest {
    let mut manifest = base.with_catalogs(catalogs.to_vec());
    manifest.repaired = Some(manifest.sequence);
    manifest.sources.values_mut().for_each(|cursor| *cursor = 0);
    manifest.totals = Totals::of(left);
    manifest.computer.clone_from(&options.computer);
    manifest.created = options.now;
    manifest
}
