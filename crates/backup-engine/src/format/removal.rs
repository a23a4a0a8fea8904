//! Removals: what a prune or a repair gave up.

use super::{FormatError, PackId, SnapshotName, SnapshotRef, hashes};
use crate::limits::{MAX_PARENTS, MAX_REMOVAL};
use serde::{Deserialize, Serialize};

const TYPE: &str = "keepsake/removal/v1";

/// Plaintext of a file in `removals/`: JSON. What a prune or a repair gave up, so that nobody takes
/// it for lost, and nobody builds on what is about to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    #[serde(rename = "type")]
    type_name: String,
    /// Unix seconds.
    pub written: u64,
    /// Files of removals whose content this has, so that they can go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gathers: Vec<String>,
    pub packs: Vec<RemovedPack>,
    pub snapshots: Vec<RemovedSnapshot>,
}

/// A pack that goes, or is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedPack {
    #[serde(with = "hashes::one")]
    pub id: [u8; 32],
    /// When it was given up, in Unix seconds.
    pub since: u64,
}

impl RemovedPack {
    pub fn pack(&self) -> PackId {
        PackId(self.id)
    }
}

/// A snapshot that goes, or is gone, and what it came after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedSnapshot {
    /// Of its file.
    #[serde(with = "name")]
    pub name: SnapshotName,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<SnapshotRef>,
    /// When it was given up, in Unix seconds.
    pub since: u64,
}

impl Removal {
    pub fn new(written: u64, gathers: Vec<String>) -> Self {
        let (packs, snapshots) = (Vec::new(), Vec::new());
        Self { type_name: TYPE.into(), written, gathers, packs, snapshots }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers")
    }

    pub fn parse(plain: &[u8]) -> Result<Self, FormatError> {
        if plain.len() > MAX_REMOVAL {
            return Err(FormatError("it is too large"));
        }
        let removal: Self =
            serde_json::from_slice(plain).map_err(|_| FormatError("it is not a removal"))?;
        if removal.type_name != TYPE {
            return Err(FormatError("it is a removal of an unknown version"));
        }
        if removal.snapshots.iter().any(|s| !is_possible(s)) {
            return Err(FormatError("a place in the chain is not possible"));
        }
        Ok(removal)
    }
}

fn is_possible(removed: &RemovedSnapshot) -> bool {
    removed.parents.len() <= MAX_PARENTS
        && removed.parents.iter().all(|parent| parent.sequence < removed.name.sequence)
}

mod name {
    use super::SnapshotName;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(name: &SnapshotName, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<SnapshotName, D::Error> {
        SnapshotName::parse(&String::deserialize(d)?)
            .ok_or_else(|| serde::de::Error::custom("the name of a snapshot"))
    }
}
