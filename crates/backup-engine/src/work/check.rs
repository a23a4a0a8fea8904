//! Is everything that the snapshots name there, and, if asked, is every byte of it right? Read-only.

use crate::error::BackupError;
use crate::format::{Catalog, IndexedPack, ObjectId, ObjectKind, Pack, PackId};
use crate::limits::MAX_PACK;
use crate::objects::{Index, ObjectReader, open_object};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Repository, Snapshot};
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Snapshots, catalogs, index, and that each pack is there with its length.
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
    /// Packs that no index knows: left by an interrupted backup; `prune` removes them.
    pub stray_packs: u64,
    /// Everything that is wrong, by object. Empty: all is well.
    pub problems: Vec<BackupError>,
}

impl Repository {
    /// Looks at everything and goes on after each problem. Errors: `Cancelled`, and when the store cannot be listed.
    pub fn check(&self, depth: Depth, observer: &dyn Observer) -> Result<CheckReport, BackupError> {
        let mut report = CheckReport::default();
        let index = match Index::load(self.store.as_ref(), &self.keys) {
            Ok(index) => index,
            Err(problem) => {
                report.problems.push(problem);
                return Ok(report);
            }
        };
        let snapshots = self.check_chain(&mut report);
        self.check_snapshots(&snapshots, &index, &mut report);
        self.check_packs(&index, &mut report)?;
        if depth == Depth::AllData {
            self.check_data(&index, &mut report, observer)?;
        }
        Ok(report)
    }

    /// As far back as the chain holds.
    fn check_chain(&self, report: &mut CheckReport) -> Vec<Snapshot> {
        let mut snapshots = Vec::new();
        let walked = self.walk_back(|snapshot| {
            snapshots.push(snapshot);
            true
        });
        report.problems.extend(walked.err());
        report.snapshots = snapshots.len() as u64;
        snapshots
    }

    fn check_snapshots(&self, snapshots: &[Snapshot], index: &Index, report: &mut CheckReport) {
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
        let mut seen = HashSet::new();
        for id in snapshots.iter().flat_map(|s| &s.manifest.catalogs) {
            if !seen.insert(*id) {
                continue;
            }
            match reader.catalog(id) {
                Ok(catalog) => report.problems.extend(missing(&catalog, index, &mut seen)),
                Err(problem) => report.problems.push(problem),
            }
        }
    }

    fn check_packs(&self, index: &Index, report: &mut CheckReport) -> Result<(), BackupError> {
        let listed = self.store.list("packs")?;
        let lens: HashMap<PackId, u64> =
            listed.iter().filter_map(|f| Some((PackId::from_name(&f.name)?, f.len))).collect();
        for pack in &index.packs {
            match lens.get(&pack.id) {
                None => report.problems.push(BackupError::Missing { object: pack.id.path() }),
                Some(len) if *len != u64::from(pack.len) => {
                    let why = format!("it has {len} bytes instead of {}", pack.len);
                    report.problems.push(BackupError::damaged(pack.id.path(), why));
                }
                Some(_) => {}
            }
        }
        let indexed: HashSet<_> = index.packs.iter().map(|p| p.id).collect();
        report.packs = index.packs.len() as u64;
        report.objects = index.packs.iter().map(|p| p.entries.len() as u64).sum();
        report.stray_packs = lens.keys().filter(|id| !indexed.contains(id)).count() as u64;
        Ok(())
    }

    fn check_data(&self, index: &Index, report: &mut CheckReport, observer: &dyn Observer) -> Result<(), BackupError> {
        let bytes_total = index.packs.iter().map(|p| u64::from(p.len)).sum();
        for pack in &index.packs {
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            match self.store.get(&pack.id.path(), MAX_PACK) {
                Ok(bytes) => {
                    report.bytes_read += bytes.len() as u64;
                    self.check_pack(&bytes, pack, &mut report.problems);
                }
                // Reported when the packs were listed.
                Err(crate::store::StoreError::NotFound(_)) => {}
                Err(error) => report.problems.push(error.into()),
            }
            let (bytes, media_total) = (report.bytes_read, 0);
            let progress = Progress { stage: Stage::Checking, bytes, bytes_total, records: 0, media: 0, media_total };
            observer.progress(progress);
        }
        Ok(())
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
            problems.push(BackupError::damaged(indexed.id.path(), "the index has other objects in it"));
            return;
        }
        for (place, entry) in found.entries.iter().enumerate() {
            let sealed = bytes[entry.offset as usize..][..entry.len as usize].to_vec();
            problems.extend(open_object(&self.keys, &opener, found.id, place as u32, entry, sealed).err());
        }
    }
}

/// Objects of a catalog that no pack has.
fn missing(catalog: &Catalog, index: &Index, seen: &mut HashSet<ObjectId>) -> Vec<BackupError> {
    let segments = catalog.segments.iter().map(|s| (ObjectKind::Segment, s.id));
    let pieces = catalog.media.iter().flat_map(|m| m.pieces.iter().map(|id| (ObjectKind::Media, *id)));
    let absent = segments.chain(pieces).filter(|(_, id)| seen.insert(*id) && !index.contains(id));
    absent.map(|(kind, id)| BackupError::Missing { object: format!("{} {}", kind.name(), hex::encode(id)) }).collect()
}
