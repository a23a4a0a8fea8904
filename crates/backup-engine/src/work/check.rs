//! Is everything that the snapshots name there, twice where it should be, and, if asked, is every
//! byte of it right? Read-only.

use crate::error::BackupError;
use crate::format::{Catalog, IndexedPack, ObjectId, ObjectKind, Pack};
use crate::limits::MAX_PACK;
use crate::objects::{Index, ObjectReader, open_object, passing};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Repository, Snapshot};
use crate::store::StoreError;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Packs that are opened at the same time, of at most 40 MiB each. More than two wait for the disk.
const CHECKERS: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Header, snapshots, catalogs, index, and that each pack is there with its length.
    Structure,
    /// Also reads and opens every object of every pack.
    AllData,
}

#[derive(Debug, Default)]
pub struct CheckReport {
    pub snapshots: u64,
    pub packs: u64,
    pub objects: u64,
    pub bytes_read: u64,
    /// Packs of a backup that was stopped: the next backup uses what is in them, a prune removes
    /// them.
    pub stray_packs: u64,
    pub stray_bytes: u64,
    /// Everything that is wrong, by object. Empty: all is well.
    pub problems: Vec<BackupError>,
}

impl Repository {
    /// Looks at everything and goes on after each problem.
    ///
    /// # Errors
    /// `Cancelled`, and `Store` when the place cannot be listed or read.
    pub fn check(&self, depth: Depth, observer: &dyn Observer) -> Result<CheckReport, BackupError> {
        let mut report = CheckReport { problems: self.header_damage()?, ..CheckReport::default() };
        let mut index = Index::load(self.store.as_ref(), &self.keys)?;
        report.problems.extend(index.take_problems());
        let chain = self.chain()?;
        report.problems.extend(chain.problems);
        report.problems.extend(self.damaged_copies(&chain.snapshots)?);
        report.snapshots = chain.snapshots.len() as u64;
        report.packs = index.packs.len() as u64;
        report.objects = index.packs.iter().map(|p| p.entries.len() as u64).sum();
        let named = self.check_snapshots(&chain.snapshots, &index, &mut report);
        self.count_strays(&index, &named, &mut report);
        if depth == Depth::AllData {
            self.check_data(&index, &mut report, observer)?;
        }
        Ok(report)
    }

    /// Everything that the snapshots name. What is not there is a problem.
    fn check_snapshots(
        &self,
        snapshots: &[Snapshot],
        index: &Index,
        report: &mut CheckReport,
    ) -> HashSet<ObjectId> {
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
        let mut named = HashSet::new();
        for id in snapshots.iter().flat_map(|s| &s.manifest.catalogs) {
            if !named.insert(*id) {
                continue;
            }
            match reader.catalog(id) {
                Ok(catalog) => report.problems.extend(missing(&catalog, index, &mut named)),
                Err(problem) => report.problems.push(problem),
            }
        }
        named
    }

    /// Packs that no index file names: strays, unless snapshots need what only they have.
    fn count_strays(&self, index: &Index, named: &HashSet<ObjectId>, report: &mut CheckReport) {
        let unindexed = |pack: &IndexedPack| index.unindexed.contains(&pack.id);
        let only_there =
            |id: &ObjectId| index.places(id).all(|p| unindexed(&index.packs[p.pack as usize]));
        let mut needed = 0;
        for pack in index.packs.iter().filter(|p| unindexed(p)) {
            if pack.entries.iter().any(|e| named.contains(&e.id) && only_there(&e.id)) {
                needed += 1;
            } else {
                report.stray_packs += 1;
                report.stray_bytes += u64::from(pack.len);
            }
        }
        if needed > 0 {
            let why = format!("packs that snapshots need are in no index file: {needed}");
            report.problems.push(BackupError::damaged("index", why));
        }
    }

    fn check_data(
        &self,
        index: &Index,
        report: &mut CheckReport,
        observer: &dyn Observer,
    ) -> Result<(), BackupError> {
        let packs: Vec<&IndexedPack> =
            index.packs.iter().filter(|p| !p.entries.is_empty()).collect();
        let bytes_total = index.packs.iter().map(|p| u64::from(p.len)).sum();
        let (next, read) = (AtomicUsize::new(0), AtomicU64::new(0));
        let checker = || {
            let mut found = Vec::new();
            while let Some((number, pack)) = take_next(&packs, &next) {
                if observer.cancelled() {
                    return Err(BackupError::Cancelled);
                }
                let (len, problems) = self.check_pack_file(pack)?;
                found.extend(problems.into_iter().map(|problem| (number, problem)));
                let bytes = read.fetch_add(len, Relaxed) + len;
                observer.progress(Progress { bytes, bytes_total, ..Progress::at(Stage::Checking) });
            }
            Ok(found)
        };
        let checked: Vec<Result<Vec<_>, BackupError>> = std::thread::scope(|scope| {
            let checkers: Vec<_> = (0..CHECKERS).map(|_| scope.spawn(checker)).collect();
            checkers.into_iter().map(|c| c.join().expect("checkers do not panic")).collect()
        });
        let mut found = Vec::new();
        for part in checked {
            found.extend(part?);
        }
        found.sort_by_key(|(number, _)| *number);
        report.problems.extend(found.into_iter().map(|(_, problem)| problem));
        report.bytes_read += read.into_inner();
        Ok(())
    }

    /// Bytes that were read, and what is wrong with them.
    fn check_pack_file(&self, pack: &IndexedPack) -> Result<(u64, Vec<BackupError>), BackupError> {
        let mut problems = Vec::new();
        match self.store.get(&pack.id.path(), MAX_PACK) {
            Ok(bytes) => {
                self.check_pack(&bytes, pack, &mut problems);
                Ok((bytes.len() as u64, problems))
            }
            // Removed by a prune since the list was read.
            Err(StoreError::NotFound(_)) => Ok((0, problems)),
            Err(error) => Ok((0, vec![passing(error.into())?])),
        }
    }

    fn check_pack(&self, bytes: &[u8], indexed: &IndexedPack, problems: &mut Vec<BackupError>) {
        let opened = Pack::parse(bytes)
            .map_err(|e| BackupError::damaged(indexed.id.path(), e.0))
            .and_then(|pack| pack.open(&self.keys, indexed.id));
        let (opener, found) = match opened {
            Ok(opened) => opened,
            Err(problem) => return problems.push(problem),
        };
        if found != *indexed {
            problems
                .push(BackupError::damaged(indexed.id.path(), "the index has other objects in it"));
            return;
        }
        for (place, entry) in found.entries.iter().enumerate() {
            let sealed = bytes[entry.offset as usize..][..entry.len as usize].to_vec();
            problems.extend(
                open_object(&self.keys, &opener, found.id, place as u32, entry, sealed).err(),
            );
        }
    }
}

fn take_next<'p>(
    packs: &[&'p IndexedPack],
    next: &AtomicUsize,
) -> Option<(usize, &'p IndexedPack)> {
    let number = next.fetch_add(1, Relaxed);
    packs.get(number).map(|pack| (number, *pack))
}

/// Objects of a catalog that no pack has.
fn missing(catalog: &Catalog, index: &Index, named: &mut HashSet<ObjectId>) -> Vec<BackupError> {
    let segments = catalog.segments.iter().map(|s| (ObjectKind::Segment, s.id));
    let pieces =
        catalog.media.iter().flat_map(|m| m.pieces.iter().map(|id| (ObjectKind::Media, *id)));
    let absent = segments.chain(pieces).filter(|(_, id)| named.insert(*id) && !index.contains(id));
    absent.map(|(kind, id)| index.missing(kind, &id)).collect()
}
