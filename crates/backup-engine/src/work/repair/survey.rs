//! Every object of every pack is opened.

use super::RepairReport;
use crate::error::BackupError;
use crate::format::{DirectoryEntry, IndexedPack, ObjectId, Pack, PackId, pack_opener};
use crate::limits::MAX_PACK;
use crate::objects::{Index, open_object, passing};
use crate::port::{Observer, Progress, Stage};
use crate::repository::{Lock, Repository};
use crate::store::{StoreEntry, StoreError};
use std::collections::{HashMap, HashSet};

/// What there really is.
#[derive(Default)]
pub(super) struct Survey {
    pub whole: Vec<IndexedPack>,
    pub damaged: Vec<Salvage>,
    /// The damaged ones, without objects: the index names them so that nobody takes them for strays.
    pub condemned: Vec<IndexedPack>,
    /// Objects that can be moved out of damaged packs.
    pub saved: HashSet<ObjectId>,
}

/// A damaged pack as it was, and those of its objects that open.
pub(super) struct Salvage {
    pub listed: IndexedPack,
    pub readable: Vec<DirectoryEntry>,
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
        // Of a pack that is shorter than it was, all that it had: what is left of it is found by trying.
        let lost = known.lost.iter().map(|l| &l.pack);
        let mut indexed: HashMap<PackId, &IndexedPack> = known.packs.iter().map(|p| (p.id, p)).collect();
        indexed.extend(lost.map(|p| (p.id, p)));
        for file in &listed {
            let Some(id) = PackId::from_name(&file.name) else { continue };
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            lock.renew()?;
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
                report.problems.push(passing(problem)?);
                let nothing = || IndexedPack { id, len: 0, entries: Vec::new() };
                (indexed.cloned().unwrap_or_else(nothing), false)
            }
        };
        let opener = pack_opener(&self.keys, id);
        let mut readable = Vec::new();
        for (place, entry) in listed.entries.iter().enumerate() {
            let sealed = bytes.get(entry.offset as usize..).and_then(|rest| rest.get(..entry.len as usize));
            let opened = sealed
                .ok_or_else(|| BackupError::damaged(id.path(), "it was cut short"))
                .and_then(|s| open_object(&self.keys, &opener, id, place as u32, entry, s.to_vec()));
            match opened {
                Ok(_) => readable.push(*entry),
                Err(problem) => {
                    sound = false;
                    report.problems.push(problem);
                }
            }
        }
        Ok(if sound { Found::Whole(listed) } else { Found::Damaged(Salvage { listed, readable }) })
    }
}

impl Survey {
    fn condemn(&mut self, id: PackId, file: &StoreEntry, salvage: Salvage, report: &mut RepairReport) {
        report.packs_dropped += 1;
        self.saved.extend(salvage.readable.iter().map(|e| e.id));
        // Longer than the format can say is no pack at all, and the list of packs shows it again.
        if let Ok(len) = u32::try_from(file.len) {
            self.condemned.push(IndexedPack { id, len, entries: Vec::new() });
        }
        self.damaged.push(salvage);
    }
}
