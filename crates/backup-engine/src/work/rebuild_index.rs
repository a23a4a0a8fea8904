//! The index again, from the packs' own directories.

use crate::error::BackupError;
use crate::format::{IndexedPack, Pack, PackId};
use crate::limits::MAX_PACK;
use crate::objects::replace_index_files;
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Lock, Repository};

#[derive(Debug, Default)]
pub struct RebuildReport {
    pub packs: u64,
    pub objects: u64,
    /// Packs that could not be read. They are left where they are.
    pub problems: Vec<BackupError>,
}

impl Repository {
    /// Writes a new index and then removes the old one, which need not be readable.
    ///
    /// Errors: `Locked`, `Cancelled`, `DiskFull`, `Store`.
    pub fn rebuild_index(&self, observer: &dyn Observer) -> Result<RebuildReport, BackupError> {
        let lock = Lock::acquire(self.store.clone(), "")?;
        let mut report = RebuildReport::default();
        let mut packs = Vec::new();
        let listed = self.store.list("packs")?;
        let bytes_total = listed.iter().map(|f| f.len).sum();
        let mut bytes = 0;
        for file in &listed {
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            let Some(id) = PackId::from_name(&file.name) else { continue };
            match self.read_directory(id) {
                Ok(pack) => packs.push(pack),
                Err(problem) => report.problems.push(problem),
            }
            lock.renew()?;
            bytes += file.len;
            let stage = Stage::Checking;
            observer.progress(Progress { stage, bytes, bytes_total, records: 0, media: 0, media_total: 0 });
        }
        let old: Vec<String> = self.store.list("index")?.into_iter().map(|f| f.name).collect();
        lock.still_held()?;
        replace_index_files(self.store.as_ref(), &self.keys, &packs, &old)?;
        report.packs = packs.len() as u64;
        report.objects = packs.iter().map(|p| p.entries.len() as u64).sum();
        Ok(report)
    }

    fn read_directory(&self, id: PackId) -> Result<IndexedPack, BackupError> {
        let bytes = self.store.get(&id.path(), MAX_PACK)?;
        let pack = Pack::parse(&bytes).map_err(|e| BackupError::damaged(id.path(), e.0))?;
        pack.open(&self.keys, id).map(|(_, indexed)| indexed)
    }
}
