//! The chain of snapshots: each file names the one before by hash.

use super::Repository;
use crate::error::BackupError;
use crate::format::{FileKind, Manifest, Totals, open_file, seal_file};
use crate::store::StoreError;
use sealed_keys::digest;
use serde::{Deserialize, Serialize};

/// What a computer remembers of a backup, so that an older or other state is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub sequence: u64,
    /// SHA-256 of the snapshot file.
    pub hash: [u8; 32],
    /// Of the header.
    pub generation: u64,
}

/// A snapshot that is in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub(crate) manifest: Manifest,
    pub(crate) hash: [u8; 32],
}

impl Snapshot {
    /// For display: the first 8 hex digits of the file's hash.
    pub fn id(&self) -> String {
        hex::encode(&self.hash[..4])
    }

    pub fn sequence(&self) -> u64 {
        self.manifest.sequence
    }

    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Unix seconds.
    pub fn created(&self) -> u64 {
        self.manifest.created
    }

    /// Which computer made it.
    pub fn computer(&self) -> &str {
        &self.manifest.computer
    }

    pub fn totals(&self) -> Totals {
        self.manifest.totals
    }

    /// The cursor up to which the changes of a source are in.
    pub fn cursor(&self, source: &crate::port::SourceId) -> Option<u64> {
        self.manifest.sources.get(&hex::encode(source.0)).copied()
    }
}

impl Repository {
    /// The newest snapshot, or `None` before the first backup. Errors: `Damaged`, `Missing`.
    pub fn latest(&self) -> Result<Option<Snapshot>, BackupError> {
        let listed = self.store.list(FileKind::Snapshot.folder())?;
        let newest = listed.iter().filter_map(|f| Manifest::sequence_of(&f.name)).max();
        newest.map(|sequence| self.read_snapshot(sequence)).transpose()
    }

    /// All snapshots, oldest first, with the whole chain verified from the newest back.
    ///
    /// Errors: `Missing` or `Damaged`, naming the first snapshot that breaks the chain.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, BackupError> {
        let mut snapshots = Vec::new();
        self.walk_back(|snapshot| {
            snapshots.push(snapshot);
            true
        })?;
        snapshots.reverse();
        Ok(snapshots)
    }

    /// Errors: `NoSuchSnapshot`, and as [`Repository::snapshots`].
    pub fn snapshot(&self, sequence: u64) -> Result<Snapshot, BackupError> {
        let mut found = None;
        self.walk_back(|snapshot| {
            if snapshot.sequence() == sequence {
                found = Some(snapshot);
                return false;
            }
            snapshot.sequence() > sequence
        })?;
        found.ok_or(BackupError::NoSuchSnapshot(sequence))
    }

    /// What to remember after a look at this backup; pass it to [`Repository::verify_seen`] the next time.
    pub fn seen(&self) -> Result<Option<Seen>, BackupError> {
        let generation = self.header().generation;
        let latest = self.latest()?;
        Ok(latest.map(|s| Seen { sequence: s.sequence(), hash: s.hash, generation }))
    }

    /// Checks that the backup continues what was seen. Errors: `RolledBack`, `Replaced`, and as
    /// [`Repository::snapshots`].
    pub fn verify_seen(&self, seen: &Seen) -> Result<(), BackupError> {
        if self.header().generation < seen.generation {
            return Err(BackupError::damaged("keepsake.json", "an older header was put back"));
        }
        let (mut newest, mut replaced) = (0, false);
        self.walk_back(|snapshot| {
            newest = newest.max(snapshot.sequence());
            replaced |= snapshot.sequence() == seen.sequence && snapshot.hash != seen.hash;
            snapshot.sequence() > seen.sequence
        })?;
        match () {
            () if newest < seen.sequence => Err(BackupError::RolledBack { seen: seen.sequence, found: newest }),
            () if replaced => Err(BackupError::Replaced { sequence: seen.sequence }),
            () => Ok(()),
        }
    }

    /// Gives each snapshot from the newest back, verified against its successor, while `visit` says true.
    pub(crate) fn walk_back(&self, mut visit: impl FnMut(Snapshot) -> bool) -> Result<(), BackupError> {
        let Some(mut at) = self.latest()? else { return Ok(()) };
        loop {
            let kept = at.manifest.kept.clone();
            let before = at.manifest.previous.map(|hash| (at.sequence() - 1, hash));
            if !visit(at) {
                return Ok(());
            }
            if let Some(kept) = kept {
                for earlier in kept.iter().rev() {
                    if !visit(self.read_expected(earlier.sequence, &earlier.hash)?) {
                        return Ok(());
                    }
                }
                return Ok(());
            }
            match before {
                Some((sequence, hash)) => at = self.read_expected(sequence, &hash)?,
                None => return Ok(()),
            }
        }
    }

    fn read_expected(&self, sequence: u64, hash: &[u8; 32]) -> Result<Snapshot, BackupError> {
        let snapshot = self.read_snapshot(sequence)?;
        if snapshot.hash == *hash {
            Ok(snapshot)
        } else {
            Err(BackupError::damaged(path(sequence), "it is not the one that the next snapshot names"))
        }
    }

    fn read_snapshot(&self, sequence: u64) -> Result<Snapshot, BackupError> {
        let bytes = self.store.get(&path(sequence), FileKind::Snapshot.limit())?;
        let plain = open_file(&self.keys, FileKind::Snapshot, &Manifest::name(sequence), &bytes)?;
        let manifest = Manifest::parse(&plain).map_err(|e| BackupError::damaged(path(sequence), e.0))?;
        if manifest.sequence != sequence {
            return Err(BackupError::damaged(path(sequence), "it is another snapshot"));
        }
        Ok(Snapshot { manifest, hash: digest(&bytes) })
    }

    /// Puts a snapshot file where none is. `None` when somebody else was faster.
    pub(crate) fn commit(&self, manifest: Manifest) -> Result<Option<Snapshot>, BackupError> {
        let bytes = seal_file(&self.keys, FileKind::Snapshot, &Manifest::name(manifest.sequence), &manifest.to_bytes());
        match self.store.put_new(&path(manifest.sequence), &bytes) {
            Err(StoreError::AlreadyExists(_)) => Ok(None),
            put => put.map(|()| Some(Snapshot { manifest, hash: digest(&bytes) })).map_err(Into::into),
        }
    }
}

pub(crate) fn path(sequence: u64) -> String {
    format!("snapshots/{}", Manifest::name(sequence))
}
