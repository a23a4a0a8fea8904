use super::{FormatError, ObjectId};
use crate::limits::MAX_SNAPSHOT;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

const TYPE: &str = "keepsake/snapshot/v1";

/// Plaintext of a snapshot file: JSON. Each names the one before it by hash, so none can be taken out or put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(rename = "type")]
    type_name: String,
    /// From 1, without gaps when it is written; older ones may be pruned.
    pub sequence: u64,
    /// SHA-256 of the file of snapshot `sequence - 1`; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hash")]
    pub previous: Option<[u8; 32]>,
    /// Written by a prune: all the earlier snapshots that still exist. What lies before them is in no chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Vec<KeptSnapshot>>,
    /// The last snapshot that a repair wrote: something was lost before it. Whoever once restored this backup may not
    /// take for granted that it is all still there.
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

    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers")
    }

    pub fn parse(plain: &[u8]) -> Result<Self, FormatError> {
        if plain.len() > MAX_SNAPSHOT {
            return Err(FormatError("it is too large"));
        }
        let manifest: Self = serde_json::from_slice(plain).map_err(|_| FormatError("it is not a snapshot"))?;
        if manifest.type_name != TYPE {
            return Err(FormatError("it is a snapshot of an unknown version"));
        }
        if manifest.sequence == 0 || (manifest.sequence == 1) != manifest.previous.is_none() {
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

    pub fn serialize<S: Serializer>(hash: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(hash))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        to_hash(&String::deserialize(d)?)
    }
}

mod optional_hash {
    use super::*;

    pub fn serialize<S: Serializer>(hash: &Option<[u8; 32]>, s: S) -> Result<S::Ok, S::Error> {
        hash.map(hex::encode).serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<[u8; 32]>, D::Error> {
        Option::<String>::deserialize(d)?.as_deref().map(to_hash).transpose()
    }
}

mod hashes {
    use super::*;

    pub fn serialize<S: Serializer>(hashes: &[ObjectId], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(hashes.iter().map(hex::encode))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<ObjectId>, D::Error> {
        Vec::<String>::deserialize(d)?.iter().map(|t| to_hash(t)).collect()
    }
}
