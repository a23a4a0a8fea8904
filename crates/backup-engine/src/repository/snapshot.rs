//! A snapshot, as callers see it.

use super::snapshot_file::SnapshotFile;
use crate::format::{Manifest, SnapshotName, SnapshotRef, Totals};
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

/// A snapshot that is in the chain; or several that were written at the same time, taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub(crate) manifest: Manifest,
    pub(crate) hash: [u8; 32],
    /// None for several together, which no file has: they are its parents.
    pub(crate) name: Option<SnapshotName>,
    /// False for one that a list of the first format named: what it continued is no part of the
    /// backup any more.
    pub(crate) leads_on: bool,
}

impl From<SnapshotFile> for Snapshot {
    fn from(file: SnapshotFile) -> Self {
        Self { manifest: file.manifest, hash: file.hash, name: Some(file.name), leads_on: true }
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

    /// The cursor up to which the changes of a source are in.
    pub fn cursor(&self, source: &crate::port::SourceId) -> Option<u64> {
        self.manifest.sources.get(&hex::encode(source.0)).copied()
    }

    /// Whether both hold the same: one of them is a copy that a prune or a repair made.
    pub(crate) fn has_content_of(&self, other: &Self) -> bool {
        self.manifest.catalogs == other.manifest.catalogs
            && self.manifest.sources == other.manifest.sources
    }

    /// What this continues.
    pub(crate) fn parents(&self) -> Vec<SnapshotRef> {
        let before = self.manifest.before().into_iter().filter(|_| self.leads_on);
        before.map(|(parent, _)| parent).collect()
    }

    pub(crate) fn reference(&self) -> SnapshotRef {
        SnapshotRef { sequence: self.sequence(), hash: self.hash }
    }
}
