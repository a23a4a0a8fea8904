//! A leaf of the log.

use crate::{Unreadable, bounded};
use serde::{Deserialize, Serialize};
use vault_protocol::{Bundle, BundleId, Signature64};

/// Value of `type` in every log entry of this version.
pub const LOG_ENTRY_TYPE: &str = "keepsake/log-entry/v1";
/// Fixed fields under 400 bytes and a namespace of at most 128, rounded up.
const MAX_ENTRY: usize = 2048;

/// One leaf of the log; its data is the JCS form of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// [`LOG_ENTRY_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose fleets.
    pub namespace: String,
    /// Number of the generation of keys.
    pub epoch: u64,
    /// When the auditor signed, unix seconds.
    pub timestamp: u64,
    /// Bundle id.
    pub digest: BundleId,
    /// Over the bundle: see [`vault_protocol::auditor_message`].
    pub auditor_signature: Signature64,
}

impl LogEntry {
    /// The entry with which a bundle gets into the log.
    pub fn new(bundle: &Bundle, timestamp: u64, auditor_signature: Signature64) -> Self {
        Self {
            kind: LOG_ENTRY_TYPE.into(),
            namespace: bundle.namespace.clone(),
            epoch: bundle.epoch,
            timestamp,
            digest: bundle.id(),
            auditor_signature,
        }
    }

    /// Leaf data.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("an entry has only strings and integers")
    }

    /// Reads leaf data.
    ///
    /// # Errors
    /// Not an entry of this version, or not in its canonical form.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Unreadable> {
        bounded("log entry", bytes, MAX_ENTRY)?;
        let entry: Self =
            serde_json::from_slice(bytes).map_err(|e| Unreadable::malformed("log entry", e))?;
        if entry.kind != LOG_ENTRY_TYPE {
            return Err(Unreadable::malformed("log entry", "unknown type"));
        }
        if entry.canonical() != bytes {
            return Err(Unreadable::malformed("log entry", "not in canonical form"));
        }
        Ok(entry)
    }
}
