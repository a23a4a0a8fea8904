//! Snapshot files: one state of what was backed up, and the one before it.

use super::{FormatError, ObjectId};
use crate::limits::MAX_SNAPSHOT;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

const TYPE: &str = "keepsake/snapshot/v1";

/// Plaintext of a snapshot file: JSON. Each names the one before it by hash, so none can be taken
/// out or put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(rename = "type")]
    type_name: String,
    /// From 1, without gaps when it is written; older ones may be pruned.
    pub sequence: u64,
    /// SHA-256 of the file of snapshot `sequence - 1`, or where that was lost of the newest that
    /// could be read. Absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hash")]
    pub previous: Option<[u8; 32]>,
    /// Written by a prune, and after a loss: all the earlier snapshots that still exist. Others are
    /// in no chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Vec<KeptSnapshot>>,
    /// The last snapshot that a repair wrote: something was lost before it. Whoever once restored
    /// this backup may not take for granted that it is all still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<u64>,
    /// Unix seconds.
    pub created: u64,
    pub computer: String,
    /// For each source (32 hex digits), the cursor up to which its changes are in.
    pub sources: BTreeMap<String, u64>,
    /// Catalog objects (64 hex digits), oldest first.
    #[serde(with = "hashes")]
    pub catalogs: Vec<ObjectId>,
    pub totals: Totals,
}

/// An earlier snapshot, by number and file hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSnapshot {
    pub sequence: u64,
    #[serde(with = "hash")]
    pub hash: [u8; 32],
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

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Manifest {
    pub fn first(computer: &str, created: u64) -> Self {
        Self {
            type_name: TYPE.into(),
            sequence: 1,
            previous: None,
            kept: None,
            repaired: None,
            created,
            computer: computer.into(),
            sources: BTreeMap::new(),
            catalogs: Vec::new(),
            totals: Totals::default(),
        }
    }

    /// The one after `self`, whose file has `hash`, with the same content.
    pub fn next(&self, hash: [u8; 32], computer: &str, created: u64) -> Self {
        let (sequence, previous) = (self.sequence + 1, Some(hash));
        Self { sequence, previous, kept: None, created, computer: computer.into(), ..self.clone() }
    }

    /// The same as number `sequence`, where only `kept` of the earlier ones can be read.
    pub fn after_loss(self, sequence: u64, kept: Vec<KeptSnapshot>) -> Self {
        Self { sequence, kept: Some(kept), ..self }
    }

    /// The state that `of` has, under this number, with this list of earlier snapshots where one is
    /// needed.
    pub fn again(self, of: &Self, kept: Option<Vec<KeptSnapshot>>) -> Self {
        Self {
            computer: of.computer.clone(),
            created: of.created,
            kept: kept.or(self.kept.clone()),
            ..self
        }
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
        if manifest.type_name != TYPE {
            return Err(FormatError("it is a snapshot of an unknown version"));
        }
        let alone = manifest.sequence == 1 || manifest.kept.as_ref().is_some_and(Vec::is_empty);
        if manifest.sequence == 0 || (manifest.previous.is_none() && !alone) {
            return Err(FormatError("its place in the chain is not possible"));
        }
        let kept = manifest.kept.iter().flatten().map(|k| k.sequence);
        let mut floor = 0;
        for sequence in kept {
            if sequence <= floor || sequence >= manifest.sequence {
                return Err(FormatError("its list of kept snapshots is not in order"));
            }
            floor = sequence;
        }
        Ok(manifest)
    }

    /// File name of a snapshot: the sequence in 16 hex digits.
    pub fn name(sequence: u64) -> String {
        format!("{sequence:016x}")
    }

    pub fn sequence_of(name: &str) -> Option<u64> {
        let sequence = u64::from_str_radix(name, 16).ok()?;
        (Self::name(sequence) == name).then_some(sequence)
    }
}

fn to_hash<E: serde::de::Error>(text: &str) -> Result<[u8; 32], E> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| E::custom("64 hex digits"))?;
    Ok(hash)
}

mod hash {
    use super::*;

    pub(super) fn serialize<S: Serializer>(hash: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        to_hash(&String::deserialize(d)?)
    }
}

mod optional_hash {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        hash: &Option<[u8; 32]>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        hash.map(hex::encode).serialize(s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        Option::<String>::deserialize(d)?.as_deref().map(to_hash).transpose()
    }
}

mod hashes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(hashes: &[ObjectId], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(hashes.iter().map(hex::encode))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<ObjectId>, D::Error> {
        Vec::<String>::deserialize(d)?.iter().map(|t| to_hash(t)).collect()
    }
}
