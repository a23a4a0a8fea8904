//! What a client remembers between visits, so that nobody can turn the clock back or show it
//! another log.

use serde::{Deserialize, Serialize};
use vault_protocol::BundleId;

/// The newest bundle and checkpoint a client has verified, and every bundle before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Trust id (hex) under which all this was verified.
    pub trust: String,
    /// The newest epoch.
    pub epoch: u64,
    /// Its bundle.
    pub bundle: BundleId,
    /// The log's last head.
    pub checkpoint: SeenCheckpoint,
    /// Epochs 1, 2, … up to `epoch`.
    pub history: Vec<SeenBundle>,
}

/// A tree head of the auditor's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenCheckpoint {
    /// Entries in the log.
    pub size: u64,
    /// SHA-256 of the tree at that size.
    #[serde(with = "hex::serde")]
    pub root: [u8; 32],
}

/// The bundle of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenBundle {
    /// Number of the generation of keys.
    pub epoch: u64,
    /// The digest that names the bundle.
    pub id: BundleId,
}

impl Seen {
    /// The bundle id remembered for an epoch.
    pub fn bundle_at(&self, epoch: u64) -> Option<BundleId> {
        if epoch == self.epoch {
            return Some(self.bundle);
        }
        self.history.iter().find(|b| b.epoch == epoch).map(|b| b.id)
    }
}
