//! Every object of every pack is opened.

use super::RepairReport;
use crate::error::BackupError;
use crate::format::{DirectoryEntry, IndexedPack, Pack, PackId, pack_opener};
use crate::limits::MAX_PACK;
use crate::objects::{Index, open_object, passing};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Lock, Repository};
use crate::store::{Store, StoreEntry, StoreError};
use sealed_keys::RepositoryKeys;
use std::collections::HashMap;

/// What there really is.
#[derive(Default)]
pub(super) struct Survey {
    pub whole: Vec<IndexedPack>,
    pub damaged: Vec<Salvage>,
    /// The damaged ones, without objects: the index names them so that nobody takes them for
    /// strays.
    pub condemned: Vec<IndexedPack>,
}

/// A file that is not the whole pack of its name, and those objects in it that open.
pub(super) struct Salvage {
    path: String,
    /// The pack that it was written as: another's, if files were given each other's names.
    id: PackId,
    /// With their places in its directory.
    readable: Vec<(u32, DirectoryEntry)>,
}

impl Salvage {
    /// Gives each readable object, with its plaintext.
    pub(super) fn each<E: From<BackupError>>(
        &self,
        store: &dyn Store,
        keys: &RepositoryKeys,
        mut visit: impl FnMut(&DirectoryEntry, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let opener = pack_opener(keys, self.id);
        for (place, entry) in &self.readable {
            let sealed = store.get_range(&self.path, u64::from(entry.offset), entry.len as usize);
            let sealed = sealed.map_err(BackupError::from)?;
            visit(entry, open_object(keys, &opener, self.id, *place, entry, sealed)?)?;
        }
        Ok(())
    }
}

enum Found {
    Whole(IndexedPack),
    Damaged(Salvage),
}

impl Repository {
    pub(super) fn survey(
        &self,
        known: &Index,
        lock: &Lock,
        report: &mut RepairReport,
        observer: &dyn Observer,
    ) -> Result<Survey, BackupError> {
        let mut survey = Survey::default();
        let listed = self.store.list("packs")?;
        let bytes_total = listed.iter().map(|f| f.len).sum();
        // Of a pack that is shorter than it was, all that it had: what is left of it is found by
        // trying.
        let lost = known.lost.iter().map(|l| &l.pack);
        let mut indexed: HashMap<PackId, &IndexedPack> =
            known.packs.iter().map(|p| (p.id, p)).collect();
        indexed.extend(lost.map(|p| (p.id, p)));
        for file in &listed {
            let Some(id) = PackId::from_name(&file.name) else { continue };
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            lock.not_lost()?;
            report.packs += 1;
            let indexed = indexed.get(&id).copied();
            // What an earlier repair gave up.
            if indexed.is_some_and(|p| p.entries.is_empty()) {
                survey.condemned.extend(indexed.cloned());
                continue;
            }
            match self.look_at(id, indexed, report)? {
                Found::Whole(pack) => survey.whole.push(pack),
                Found::Damaged(salvage) => survey.condemn(id, file, salvage, report),
            }
            let bytes = report.bytes_read;
            observer.progress(Progress { bytes, bytes_total, ..Progress::at(Stage::Checking) });
        }
        Ok(survey)
    }

    /// Reads a whole pack. Of a damaged one, the objects that open are listed by what its directory
    /// says, or else the index.
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
        let opened = self.open_pack(&bytes, id);
        let (listed, mut sound) = match opened {
            Ok(pack) => {
                let sound = pack.id == id;
                if !sound {
                    report.problems.push(BackupError::damaged(
                        id.path(),
                        "it is another pack under this name",
                    ));
                }
                (pack, sound)
            }
            Err(problem) => {
                report.problems.push(passing(problem)?);
                let nothing = || IndexedPack { id, len: 0, entries: Vec::new() };
                (indexed.cloned().unwrap_or_else(nothing), false)
            }
        };
        let opener = pack_opener(&self.keys, listed.id);
        let mut readable = Vec::new();
        for (place, entry) in (0..).zip(&listed.entries) {
            let sealed =
                bytes.get(entry.offset as usize..).and_then(|rest| rest.get(..entry.len as usize));
            let opened =
                sealed.ok_or_else(|| BackupError::damaged(id.path(), "it was cut short")).and_then(
                    |s| open_object(&self.keys, &opener, listed.id, place, entry, s.to_vec()),
                );
            match opened {
                Ok(_) => readable.push((place, *entry)),
                Err(problem) => {
                    sound = false;
                    report.problems.push(problem);
                }
            }
        }
        let salvage = || Salvage { path: id.path(), id: listed.id, readable };
        Ok(if sound { Found::Whole(listed) } else { Found::Damaged(salvage()) })
    }

    /// By the id at its head, which may be another than its name.
    fn open_pack(&self, bytes: &[u8], name: PackId) -> Result<IndexedPack, BackupError> {
        let pack = Pack::parse(bytes).map_err(|e| BackupError::damaged(name.path(), e.0))?;
        let (_, listed) = pack.open(&self.keys, pack.id).map_err(|e| e.about(&name.path()))?;
        Ok(listed)
    }
}

impl Survey {
    fn condemn(
        &mut self,
        id: PackId,
        file: &StoreEntry,
        salvage: Salvage,
        report: &mut RepairReport,
    ) {
        report.packs_dropped += 1;
        // Longer than the format can say is no pack at all, and the list of packs shows it again.
        if let Ok(len) = u32::try_from(file.len) {
            self.condemned.push(IndexedPack { id, len, entries: Vec::new() });
        }
        self.damaged.push(salvage);
    }
}
