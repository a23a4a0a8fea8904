//! Every snapshot file twice: in `snapshots/` and in `copies/`, with the same bytes. And once more
//! inside a pack.

use super::snapshot_file::SnapshotFile;
use super::{Repository, Snapshot};
use crate::error::BackupError;
use crate::format::{FileKind, Manifest, ObjectId, ObjectKind, SnapshotName, open_file_of};
use crate::objects::{Index, ObjectReader, object_id, passing};
use crate::store::{Store, StoreError};
use sealed_keys::{FormerRepositoryKeys, digest};
use std::collections::{BTreeMap, BTreeSet};

const COPIES: &str = "copies";

fn snapshot_path(name: SnapshotName) -> String {
    format!("{}/{name}", FileKind::Snapshot.folder())
}

fn copy_path(name: SnapshotName) -> String {
    format!("{COPIES}/{name}")
}

impl Repository {
    /// Those that have a file, or a copy of one.
    pub(crate) fn listed_snapshots(&self) -> Result<BTreeSet<SnapshotName>, BackupError> {
        let mut all = listed(self.store.as_ref(), FileKind::Snapshot.folder())?;
        all.extend(listed(self.store.as_ref(), COPIES)?);
        Ok(all)
    }

    /// A snapshot from its file, its copy, or a pack; with `expected`, the one that has this hash.
    ///
    /// # Errors
    /// What is wrong with the first of them.
    pub(crate) fn read_snapshot(
        &self,
        name: SnapshotName,
        expected: Option<&[u8; 32]>,
    ) -> Result<SnapshotFile, BackupError> {
        let mut refusal = None;
        for path in [snapshot_path(name), copy_path(name)] {
            match self.read_snapshot_file(&path, name, expected) {
                Ok(file) => return Ok(file),
                Err(problem) => drop(refusal.get_or_insert(passing(problem)?)),
            }
        }
        let mut packed = self.packed_snapshots(&Index::load(self.store.as_ref(), &self.keys)?)?;
        let fits =
            |f: &SnapshotFile| name.fits(&f.hash) && expected.is_none_or(|hash| f.hash == *hash);
        let found = packed.remove(&name.sequence).into_iter().flatten().find(fits);
        match (found, refusal) {
            (Some(file), _) => Ok(SnapshotFile { name, ..file }),
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Err(BackupError::Missing { object: snapshot_path(name) }),
        }
    }

    /// The file of a snapshot that was found before.
    pub(crate) fn file_of(&self, snapshot: &Snapshot) -> Result<SnapshotFile, BackupError> {
        let own = SnapshotName::of(snapshot.sequence(), &snapshot.hash());
        self.read_snapshot(snapshot.name.unwrap_or(own), Some(&snapshot.hash()))
    }

    /// One of the two files of a snapshot.
    fn read_snapshot_file(
        &self,
        path: &str,
        name: SnapshotName,
        expected: Option<&[u8; 32]>,
    ) -> Result<SnapshotFile, BackupError> {
        let bytes = self.store.get(path, FileKind::Snapshot.limit())?;
        let file = self.open_snapshot(bytes, name, path)?;
        match expected {
            Some(hash) if file.hash != *hash => {
                Err(BackupError::damaged(path, "it is not the one that the next snapshot names"))
            }
            _ => Ok(file),
        }
    }

    fn open_snapshot(
        &self,
        bytes: Vec<u8>,
        name: SnapshotName,
        path: &str,
    ) -> Result<SnapshotFile, BackupError> {
        let (plain, former) =
            open_file_of(&self.keys, FileKind::Snapshot, &name.sealed_as(), &bytes)
                .map_err(|e| e.about(path))?;
        let hash = digest(&bytes);
        if former.is_some_and(|keys| !is_of_its_time(keys, name.sequence, &hash)) {
            return Err(BackupError::damaged(
                path,
                "it was sealed with a key that this backup had given up before",
            ));
        }
        let manifest = Manifest::parse(&plain).map_err(|e| BackupError::damaged(path, e.0))?;
        if manifest.sequence != name.sequence || !name.fits(&hash) {
            return Err(BackupError::damaged(path, "it is another snapshot"));
        }
        Ok(SnapshotFile { name, bytes, manifest, hash })
    }

    /// Every snapshot file that lies in a pack, by its number; also of snapshots that are in the
    /// chain no longer.
    pub(crate) fn packed_snapshots(
        &self,
        index: &Index,
    ) -> Result<BTreeMap<u64, Vec<SnapshotFile>>, BackupError> {
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, index);
        let mut found: BTreeMap<u64, Vec<SnapshotFile>> = BTreeMap::new();
        for id in index.of_kind(ObjectKind::Snapshot) {
            let bytes = match reader.read(ObjectKind::Snapshot, id) {
                Ok(bytes) => bytes,
                Err(problem) => {
                    passing(problem)?;
                    continue;
                }
            };
            let Some((sequence, file)) = packed(&bytes) else { continue };
            let name = SnapshotName::of(sequence, &digest(file));
            if let Ok(file) = self.open_snapshot(file.to_vec(), name, &snapshot_path(name)) {
                found.entry(sequence).or_default().push(file);
            }
        }
        Ok(found)
    }

    /// Which of the files of these snapshots, of which at least one can be read, are damaged or
    /// missing.
    pub(crate) fn damaged_copies(
        &self,
        snapshots: &[Snapshot],
    ) -> Result<Vec<BackupError>, BackupError> {
        let mut problems = Vec::new();
        let newest = snapshots.first().map(Snapshot::sequence);
        for snapshot in snapshots {
            let Some(name) = snapshot.name else { continue };
            for path in [snapshot_path(name), copy_path(name)] {
                let problem = match self.read_snapshot_file(&path, name, Some(&snapshot.hash())) {
                    Ok(_) => continue,
                    Err(problem) => passing(problem)?,
                };
                // A backup of the first format has no copies; a crash may leave out the newest
                // one's, which the next backup writes.
                let none_yet = !self.header().has_copies() || newest == Some(name.sequence);
                let is_copy = path == copy_path(name);
                if !(is_copy && none_yet && matches!(problem, BackupError::Missing { .. })) {
                    problems.push(problem);
                }
            }
        }
        Ok(problems)
    }

    /// Whether every snapshot has its copy, as far as lists show it.
    pub(crate) fn copies_are_complete(&self) -> Result<bool, BackupError> {
        let files = listed(self.store.as_ref(), FileKind::Snapshot.folder())?;
        Ok(files.is_subset(&listed(self.store.as_ref(), COPIES)?))
    }

    /// Writes the copies that are not there.
    pub(super) fn copy_snapshots(&self) -> Result<(), BackupError> {
        let copied = listed(self.store.as_ref(), COPIES)?;
        for name in listed(self.store.as_ref(), FileKind::Snapshot.folder())?.difference(&copied) {
            // What is damaged is not copied: a check finds it, a repair mends it.
            match self.read_snapshot_file(&snapshot_path(*name), *name, None) {
                Ok(file) => self.store.put(&copy_path(*name), &file.bytes)?,
                Err(problem) => drop(passing(problem)?),
            }
        }
        Ok(())
    }

    /// Writes whichever of the two files is missing or other than `file`. Returns how many.
    pub(crate) fn write_both(&self, file: &SnapshotFile) -> Result<u64, BackupError> {
        let mut written = 0;
        for path in [snapshot_path(file.name), copy_path(file.name)] {
            let same = match self.store.get(&path, FileKind::Snapshot.limit()) {
                Ok(bytes) => bytes == file.bytes,
                Err(StoreError::NotFound(_) | StoreError::TooLarge(_)) => false,
                Err(error) => return Err(error.into()),
            };
            if !same {
                self.store.put(&path, &file.bytes)?;
                written += 1;
            }
        }
        Ok(written)
    }

    /// Removes both files of a snapshot.
    pub(crate) fn delete_snapshot(&self, name: SnapshotName) -> Result<(), BackupError> {
        for path in [snapshot_path(name), copy_path(name)] {
            match self.store.delete(&path) {
                Err(StoreError::NotFound(_)) => {}
                deleted => deleted?,
            }
        }
        Ok(())
    }

    /// Makes a snapshot part of the backup: its file, and then the copy.
    pub(crate) fn put_snapshot(&self, name: SnapshotName, bytes: &[u8]) -> Result<(), BackupError> {
        self.store.put(&snapshot_path(name), bytes)?;
        Ok(self.store.put(&copy_path(name), bytes)?)
    }

    /// Name of the object that has a snapshot file's bytes.
    pub(crate) fn packed_id(&self, sequence: u64, bytes: &[u8]) -> ObjectId {
        object_id(&self.keys, ObjectKind::Snapshot, &pack_snapshot(sequence, bytes))
    }
}

/// Whether a former key was this backup's when the snapshot was made. Else it is the work of
/// somebody who has the old key and should be rid of the backup.
fn is_of_its_time(keys: &FormerRepositoryKeys, sequence: u64, hash: &[u8; 32]) -> bool {
    keys.last.is_some_and(|last| {
        sequence < last.sequence || (sequence == last.sequence && *hash == last.hash)
    })
}

/// A snapshot file as an object: sequence (u64) || the file.
pub(crate) fn pack_snapshot(sequence: u64, bytes: &[u8]) -> Vec<u8> {
    [&sequence.to_be_bytes(), bytes].concat()
}

fn packed(object: &[u8]) -> Option<(u64, &[u8])> {
    let (sequence, file) = object.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*sequence), file))
}

fn listed(store: &dyn Store, folder: &str) -> Result<BTreeSet<SnapshotName>, BackupError> {
    Ok(store.list(folder)?.iter().filter_map(|f| SnapshotName::parse(&f.name)).collect())
}
