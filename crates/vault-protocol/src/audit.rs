//! What a site publishes about its device's work.

use crate::ids::{BundleId, SiteIndex};
use crate::labelled;
use serde::{Deserialize, Serialize};

/// Value of `type` in every count of this version.
pub const AUDIT_COUNTS_TYPE: &str = "keepsake/audit-counts/v1";

/// Log entries of a device, held against what the fleet allowed it to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditCounts {
    #[serde(rename = "type")]
    pub kind: String,
    pub site: SiteIndex,
    pub bundle: BundleId,
    pub serial: u32,
    /// The last entry counted: its number, and its 16-byte digest as hex.
    pub log_number: u16,
    pub log_digest: String,
    /// Entries kept since the ceremony.
    pub entries: u64,
    /// Of these, successful ECDHs with the oprf key.
    pub oprf_entries: u64,
    /// Tries that the fleet committed; each allows one evaluation at this site.
    pub tries: u64,
    /// Registration evaluations that the fleet committed for this site.
    pub registration_evaluations: u64,
    /// Evaluations begun again after one came to no end (a crash, a device away).
    pub repeats: u64,
    /// Unix seconds.
    pub at: u64,
}

impl AuditCounts {
    /// ECDHs with the oprf key that nothing the fleet committed accounts for; an evaluation is two.
    pub fn surplus(&self) -> u64 {
        let allowed = self.tries.saturating_add(self.registration_evaluations).saturating_add(self.repeats);
        self.oprf_entries.saturating_sub(allowed.saturating_mul(2))
    }
}

/// What a site's receipt key signs to give counts for a verifier's own nonce.
pub fn live_counts_message(nonce: &[u8; 32], counts: &AuditCounts) -> Vec<u8> {
    let jcs = serde_json_canonicalizer::to_vec(counts).expect("counts are strings and integers");
    labelled("live-counts", &[nonce, &jcs])
}

/// What a site's receipt key signs to publish counts: their JCS form.
pub fn audit_counts_message(counts: &AuditCounts) -> Vec<u8> {
    let jcs = serde_json_canonicalizer::to_vec(counts).expect("counts are strings and integers");
    labelled("audit-counts", &[&jcs])
}
