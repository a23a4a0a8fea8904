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
    pub epoch: u64,
    pub bundle: BundleId,
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
    #[serde(with = "hex::serde")]
    pub root: [u8; 32],
}

/// The bundle of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenBundle {
    pub epoch: u64,
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
