//! Every snapshot file twice: `snapshots/N` and `copies/N`, with the same bytes. And once more
//! inside a pack.

use super::{Repository, Snapshot};
use crate::error::BackupError;
use crate::format::{FileKind, Manifest, ObjectId, ObjectKind, open_file_of};
use crate::objects::{Index, ObjectReader, object_id, passing};
use crate::store::{Store, StoreError};
use sealed_keys::{FormerRepositoryKeys, digest};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn snapshot_path(sequence: u64) -> String {
    format!("snapshots/{}", Manifest::name(sequence))
}

fn copy_path(sequence: u64) -> String {
    format!("copies/{}", Manifest::name(sequence))
}

/// A snapshot's file, opened.
pub(crate) struct SnapshotFile {
    pub bytes: Vec<u8>,
    pub manifest: Manifest,
    pub hash: [u8; 32],
}

impl Repository {
    /// Numbers that have a file, or a copy of one.
    pub(crate) fn listed_snapshots(&self) -> Result<BTreeSet<u64>, BackupError> {
        let mut all = listed(self.store.as_ref(), FileKind::Snapshot.folder())?;
        all.extend(listed(self.store.as_ref(), "copies")?);
        Ok(all)
    }

    /// A snapshot from its file, its copy, or a pack; with `expected`, the one that has this hash.
    ///
    /// # Errors
    /// What is wrong with the first of them.
    pub(crate) fn find_snapshot(
        &self,
        sequence: u64,
        expected: Option<&[u8; 32]>,
    ) -> Result<SnapshotFile, BackupError> {
        let mut refusal = None;
        for path in [snapshot_path(sequence), copy_path(sequence)] {
            match self.read_snapshot_file(&path, sequence, expected) {
                Ok(file) => return Ok(file),
                Err(problem) => drop(refusal.get_or_insert(passing(problem)?)),
            }
        }
        let mut packed = self.packed_snapshots(&Index::load(self.store.as_ref(), &self.keys)?)?;
        let fits = |f: &SnapshotFile| expected.is_none_or(|hash| f.hash == *hash);
        let found = packed.remove(&sequence).into_iter().flatten().find(fits);
        found.ok_or_else(|| {
            refusal.unwrap_or_else(|| BackupError::Missing { object: snapshot_path(sequence) })
        })
    }

    /// One of the two files of a snapshot.
    pub(super) fn read_snapshot_file(
        &self,
        path: &str,
        sequence: u64,
        expected: Option<&[u8; 32]>,
    ) -> Result<SnapshotFile, BackupError> {
        let bytes = self.store.get(path, FileKind::Snapshot.limit())?;
        let file = self.open_snapshot(bytes, sequence, path)?;
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
        sequence: u64,
        path: &str,
    ) -> Result<SnapshotFile, BackupError> {
        let name = Manifest::name(sequence);
        let (plain, former) = open_file_of(&self.keys, FileKind::Snapshot, &name, &bytes)
            .map_err(|e| e.about(path))?;
        let hash = digest(&bytes);
        if former.is_some_and(|keys| !is_of_its_time(keys, sequence, &hash)) {
            return Err(BackupError::damaged(
                path,
                "it was sealed with a key that this backup had given up before",
            ));
        }
        let manifest = Manifest::parse(&plain).map_err(|e| BackupError::damaged(path, e.0))?;
        if manifest.sequence != sequence {
            return Err(BackupError::damaged(path, "it is another snapshot"));
        }
        Ok(SnapshotFile { bytes, manifest, hash })
    }

    /// Every snapshot file that lies in a pack, by its number; also of snapshots that are in the
    /// chain no longer, or that another writer's came before.
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
            let Some((sequence, file)) = packed(bytes) else { continue };
            if let Ok(file) = self.open_snapshot(file.to_vec(), sequence, &snapshot_path(sequence))
            {
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
            let sequence = snapshot.sequence();
            for path in [snapshot_path(sequence), copy_path(sequence)] {
                let problem = match self.read_snapshot_file(&path, sequence, Some(&snapshot.hash()))
                {
                    Ok(_) => continue,
                    Err(problem) => passing(problem)?,
                };
                // A backup of the first format has no copies; a crash may leave out the newest
                // one's, which the next backup writes.
                let none_yet = !self.header().is_current_format() || newest == Some(sequence);
                let is_copy = path == copy_path(sequence);
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
        Ok(files.is_subset(&listed(self.store.as_ref(), "copies")?))
    }

    /// Writes the copies that are not there.
    pub(super) fn copy_snapshots(&self) -> Result<(), BackupError> {
        let copied = listed(self.store.as_ref(), "copies")?;
        for sequence in
            listed(self.store.as_ref(), FileKind::Snapshot.folder())?.difference(&copied)
        {
            // What is damaged is not copied: a check finds it, a repair mends it.
            match self.read_snapshot_file(&snapshot_path(*sequence), *sequence, None) {
                Ok(file) => self.store.put(&copy_path(*sequence), &file.bytes)?,
                Err(problem) => drop(passing(problem)?),
            }
        }
        Ok(())
    }

    /// Writes whichever of the two files is missing or other than `file`. Returns how many.
    pub(crate) fn write_both(&self, file: &SnapshotFile) -> Result<u64, BackupError> {
        let sequence = file.manifest.sequence;
        let mut written = 0;
        for path in [snapshot_path(sequence), copy_path(sequence)] {
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
    pub(crate) fn delete_snapshot(&self, sequence: u64) -> Result<(), BackupError> {
        for path in [snapshot_path(sequence), copy_path(sequence)] {
            match self.store.delete(&path) {
                Err(StoreError::NotFound(_)) => {}
                deleted => deleted?,
            }
        }
        Ok(())
    }

    /// Puts a snapshot file where none is, and its copy. False when somebody else was faster.
    pub(crate) fn put_snapshot(&self, sequence: u64, bytes: &[u8]) -> Result<bool, BackupError> {
        match self.store.put_new(&snapshot_path(sequence), bytes) {
            Err(StoreError::AlreadyExists(_)) => return Ok(false),
            put => put?,
        }
        // Only the file decides who was first. A copy without one is a snapshot whose file was
        // lost.
        self.store.put(&copy_path(sequence), bytes)?;
        Ok(true)
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

fn packed(object: Vec<u8>) -> Option<(u64, Vec<u8>)> {
    let (sequence, file) = object.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*sequence), file.to_vec()))
}

fn listed(store: &dyn Store, folder: &str) -> Result<BTreeSet<u64>, BackupError> {
    Ok(store.list(folder)?.iter().filter_map(|f| Manifest::sequence_of(&f.name)).collect())
}
