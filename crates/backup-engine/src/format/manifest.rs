//! Snapshot files: one state of what was backed up, and the ones that it continues.

use super::{Catalog, FormatError, ObjectId, hashes};
use crate::limits::{MAX_PARENTS, MAX_SNAPSHOT, REPLACED_FOR};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Written by one computer after the other: one before each, or a list.
const FIRST_TYPE: &str = "keepsake/snapshot/v1";
const TYPE: &str = "keepsake/snapshot/v2";

/// Plaintext of a snapshot file: JSON. Each names the ones before it by hash, so none can be taken
/// out or put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(rename = "type")]
    type_name: String,
    /// Above those of all its parents; two computers may give the same one.
    pub sequence: u64,
    /// What this continues: one, or several that were written at the same time. None for the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<SnapshotRef>,
    /// First format: SHA-256 of the file of snapshot `sequence - 1`, or where that was lost of the
    /// newest that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hashes::optional")]
    pub previous: Option<[u8; 32]>,
    /// First format, by a prune and after a loss: all the earlier snapshots that still exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Vec<SnapshotRef>>,
    /// The last snapshot that a repair wrote: something was lost before it. Whoever once restored
    /// this backup may not take for granted that it is all still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<u64>,
    /// Catalogs that this or a recent one before it has no longer, in case that somebody wrote
    /// beside it who had them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// Unix seconds.
    pub created: u64,
    pub computer: String,
    /// For each source (32 hex digits), the cursor up to which its changes are in.
    pub sources: BTreeMap<String, u64>,
    /// Catalog objects (64 hex digits), oldest first.
    #[serde(with = "hashes::many")]
    pub catalogs: Vec<ObjectId>,
    pub totals: Totals,
}

/// A snapshot, by number and file hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SnapshotRef {
    pub sequence: u64,
    #[serde(with = "hashes::one")]
    pub hash: [u8; 32],
}

/// Catalogs that the snapshot of a number left out: what they name is in others, or forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    pub at: u64,
    #[serde(with = "hashes::many")]
    pub catalogs: Vec<ObjectId>,
}

/// All that a snapshot holds, before compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub records: u64,
    pub record_bytes: u64,
    pub media: u64,
    pub media_bytes: u64,
    /// Media files that the sources named and could not give.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missing: u64,
}

impl Totals {
    /// Of what a snapshot names, with what is missing settled.
    pub fn of(catalog: &Catalog) -> Self {
        let records = catalog.segments.iter().map(|s| u64::from(s.records)).sum();
        let bytes: u64 = catalog.segments.iter().map(|s| u64::from(s.bytes)).sum();
        Self {
            records,
            // Each has its length before it.
            record_bytes: bytes.saturating_sub(4 * records),
            media: catalog.media.len() as u64,
            media_bytes: catalog.media.iter().map(|m| m.size).sum(),
            missing: catalog.missing.len() as u64,
        }
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Manifest {
    /// The one that comes after nothing that can be read, under this number.
    pub fn first(sequence: u64) -> Self {
        Self {
            type_name: TYPE.into(),
            sequence,
            parents: Vec::new(),
            previous: None,
            kept: None,
            repaired: None,
            replaced: Vec::new(),
            created: 0,
            computer: String::new(),
            sources: BTreeMap::new(),
            catalogs: Vec::new(),
            totals: Totals::default(),
        }
    }

    /// The one after `parents`, with the content of `self`, which has all of theirs.
    pub fn next(&self, sequence: u64, parents: Vec<SnapshotRef>) -> Self {
        let mut next = Self {
            type_name: TYPE.into(),
            sequence,
            parents,
            previous: None,
            kept: None,
            ..self.clone()
        };
        next.replaced.retain(|r| r.at + REPLACED_FOR >= sequence);
        next
    }

    /// What this continues, newest first, and whether more follows from each.
    pub fn before(&self) -> Vec<(SnapshotRef, bool)> {
        if let Some(kept) = &self.kept {
            return kept.iter().rev().map(|k| (*k, false)).collect();
        }
        let sequence = self.sequence.saturating_sub(1);
        let previous = self.previous.filter(|_| sequence > 0);
        let previous = previous.map(|hash| SnapshotRef { sequence, hash });
        previous.into_iter().chain(self.parents.iter().copied()).map(|p| (p, true)).collect()
    }

    /// Other catalogs in place of the present ones.
    pub fn with_catalogs(mut self, catalogs: Vec<ObjectId>) -> Self {
        let gone: Vec<ObjectId> =
            self.catalogs.iter().filter(|id| !catalogs.contains(id)).copied().collect();
        if !gone.is_empty() {
            self.replaced.push(Replaced { at: self.sequence, catalogs: gone });
        }
        self.catalogs = catalogs;
        self
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers")
    }

    pub fn parse(plain: &[u8]) -> Result<Self, FormatError> {
        if plain.len() > MAX_SNAPSHOT {
            return Err(FormatError("it is too large"));
        }
        let manifest: Self =
            serde_json::from_slice(plain).map_err(|_| FormatError("it is not a snapshot"))?;
        match manifest.type_name.as_str() {
            _ if manifest.sequence == 0 => Err(OUT_OF_PLACE),
            TYPE => manifest.with_possible_parents(),
            FIRST_TYPE => manifest.with_possible_chain(),
            _ => Err(FormatError("it is a snapshot of an unknown version")),
        }
    }

    fn with_possible_parents(self) -> Result<Self, FormatError> {
        let below = self.parents.iter().all(|parent| parent.sequence < self.sequence);
        let first_format = self.previous.is_some() || self.kept.is_some();
        if !below || first_format || self.parents.len() > MAX_PARENTS {
            return Err(OUT_OF_PLACE);
        }
        Ok(self)
    }

    fn with_possible_chain(self) -> Result<Self, FormatError> {
        let alone = self.sequence == 1 || self.kept.as_ref().is_some_and(Vec::is_empty);
        if (self.previous.is_none() && !alone) || !self.parents.is_empty() {
            return Err(OUT_OF_PLACE);
        }
        let mut floor = 0;
        for kept in self.kept.iter().flatten() {
            if kept.sequence <= floor || kept.sequence >= self.sequence {
                return Err(FormatError("its list of kept snapshots is not in order"));
            }
            floor = kept.sequence;
        }
        Ok(self)
    }
}

const OUT_OF_PLACE: FormatError = FormatError("its place in the chain is not possible");
