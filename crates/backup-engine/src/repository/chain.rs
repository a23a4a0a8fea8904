//! The chain of snapshots: each file names the one before by hash.

use super::Repository;
use super::copies::SnapshotFile;
use crate::error::BackupError;
use crate::format::{KeptSnapshot, Manifest, Totals};
use crate::objects::{Index, passing};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

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

impl From<SnapshotFile> for Snapshot {
    fn from(file: SnapshotFile) -> Self {
        Self { manifest: file.manifest, hash: file.hash }
    }
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

    /// Whether both hold the same: one of them is a copy that a prune or a repair made.
    pub(crate) fn has_content_of(&self, other: &Self) -> bool {
        self.manifest.catalogs == other.manifest.catalogs
            && self.manifest.sources == other.manifest.sources
    }

    pub(crate) fn as_kept(&self) -> KeptSnapshot {
        KeptSnapshot { sequence: self.sequence(), hash: self.hash }
    }

    /// The cursor up to which the changes of a source are in.
    pub fn cursor(&self, source: &crate::port::SourceId) -> Option<u64> {
        self.manifest.sources.get(&hex::encode(source.0)).copied()
    }
}

/// Snapshots of a backup, and those that it should have and that cannot be read.
#[derive(Debug, Default)]
pub struct Chain {
    /// Newest first.
    pub snapshots: Vec<Snapshot>,
    pub problems: Vec<BackupError>,
}

/// A snapshot that the walk has still to read.
struct Link {
    sequence: u64,
    /// None where the snapshot that would say it is lost.
    hash: Option<[u8; 32]>,
    /// Its own predecessor follows; otherwise a list names what else there is.
    leads_on: bool,
}

impl Repository {
    /// All snapshots, oldest first, with the whole chain verified from the newest back.
    ///
    /// # Errors
    /// `Missing` or `Damaged`, naming the newest snapshot that breaks the chain. See
    /// [`Repository::chain`].
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, BackupError> {
        let Chain { mut snapshots, problems } = self.chain()?;
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => {
                snapshots.reverse();
                Ok(snapshots)
            }
        }
    }

    /// All snapshots that can be read, and what is wrong with the others.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub fn chain(&self) -> Result<Chain, BackupError> {
        let mut chain = Chain::default();
        self.walk_back(|step| {
            match step {
                Ok(snapshot) => chain.snapshots.push(snapshot),
                Err(problem) => chain.problems.push(problem),
            }
            true
        })?;
        Ok(chain)
    }

    /// # Errors
    /// `NoSuchSnapshot`; `Missing` or `Damaged` if it is the one that cannot be read.
    pub fn snapshot(&self, sequence: u64) -> Result<Snapshot, BackupError> {
        let mut found = None;
        let mut last = None;
        self.walk_back(|step| match step {
            Ok(snapshot) => {
                let at = snapshot.sequence();
                if at == sequence {
                    found = Some(snapshot);
                }
                at > sequence
            }
            Err(problem) => {
                last = Some(problem);
                true
            }
        })?;
        match (found, last) {
            (Some(found), _) => Ok(found),
            (None, Some(problem)) if self.listed_snapshots()?.contains(&sequence) => Err(problem),
            _ => Err(BackupError::NoSuchSnapshot(sequence)),
        }
    }

    /// What to remember after a look at this backup; pass it to [`Repository::verify_seen`] the
    /// next time.
    ///
    /// # Errors
    /// As [`Repository::latest`].
    pub fn seen(&self) -> Result<Option<Seen>, BackupError> {
        let generation = self.header().generation;
        let latest = self.latest()?;
        Ok(latest.map(|s| Seen { sequence: s.sequence(), hash: s.hash, generation }))
    }

    /// Checks that the backup continues what was seen. A newer snapshot that is there and damaged
    /// is no rollback: [`Repository::newest`] names it.
    ///
    /// # Errors
    /// `RolledBack`, `Replaced`; `Damaged` (an older header was put back).
    pub fn verify_seen(&self, seen: &Seen) -> Result<(), BackupError> {
        if self.header_problems().is_empty() && self.header().generation < seen.generation {
            return Err(BackupError::damaged("keepsake.json", "an older header was put back"));
        }
        let listed = self.listed_snapshots()?.last().copied().unwrap_or(0);
        if listed < seen.sequence && !self.is_packed(seen)? {
            return Err(BackupError::RolledBack { seen: seen.sequence, found: listed });
        }
        let mut replaced = false;
        self.walk_back(|step| match step {
            Ok(snapshot) => {
                replaced |= snapshot.sequence() == seen.sequence && snapshot.hash != seen.hash;
                snapshot.sequence() > seen.sequence
            }
            Err(_) => true,
        })?;
        if replaced { Err(BackupError::Replaced { sequence: seen.sequence }) } else { Ok(()) }
    }

    /// Whether both files of the snapshot are gone and a pack still has it: a loss, and no older
    /// state.
    fn is_packed(&self, seen: &Seen) -> Result<bool, BackupError> {
        let packed = self.packed_snapshots(&Index::load(self.store.as_ref(), &self.keys)?)?;
        Ok(packed
            .get(&seen.sequence)
            .is_some_and(|files| files.iter().any(|f| f.hash == seen.hash)))
    }

    /// Gives each snapshot from the newest back, verified against its successor, while `visit` says
    /// true; and in place of one that cannot be read, why.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub(crate) fn walk_back(
        &self,
        mut visit: impl FnMut(Result<Snapshot, BackupError>) -> bool,
    ) -> Result<(), BackupError> {
        let mut listed = self.listed_snapshots()?;
        let Some(newest) = listed.pop_last() else { return Ok(()) };
        let mut links = VecDeque::from([Link { sequence: newest, hash: None, leads_on: true }]);
        while let Some(link) = links.pop_front() {
            listed.retain(|s| *s < link.sequence);
            let step = match self.find_snapshot(link.sequence, link.hash.as_ref()) {
                Ok(file) => {
                    if link.leads_on {
                        links.extend(before(&file.manifest));
                    }
                    Ok(file.into())
                }
                Err(problem) => {
                    if link.leads_on {
                        // Nothing says which is the right one: whatever this backup's key sealed
                        // under that number.
                        links.extend(listed.last().map(|s| Link {
                            sequence: *s,
                            hash: None,
                            leads_on: true,
                        }));
                    }
                    Err(passing(problem)?)
                }
            };
            if !visit(step) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// What comes before a snapshot, newest first.
fn before(manifest: &Manifest) -> Vec<Link> {
    if let Some(kept) = &manifest.kept {
        let named = kept.iter().rev();
        return named
            .map(|k| Link { sequence: k.sequence, hash: Some(k.hash), leads_on: false })
            .collect();
    }
    let previous = manifest.previous.filter(|_| manifest.sequence > 1);
    previous
        .map(|hash| Link { sequence: manifest.sequence - 1, hash: Some(hash), leads_on: true })
        .into_iter()
        .collect()
}
