//! What a site publishes about its device's work.

use crate::ids::{BundleId, SiteIndex, SlotId, TryId};
use crate::labelled;
use crate::statement::Statement;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Value of `type` in every count of this version.
pub const AUDIT_COUNTS_TYPE: &str = "keepsake/audit-counts/v2";

/// A try that a site evaluated, as it publishes it: the votes of a quorum of sites, which no site
/// can invent, and which name neither person nor access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluatedTry {
    /// The place that was asked for.
    pub slot: SlotId,
    /// The try that got it.
    pub tried: TryId,
    /// Of a quorum of different sites, each for this try.
    pub votes: Vec<Statement>,
}

/// Last digest of a chain of [`EvaluatedTry`]; 32 zero bytes before the first.
pub type EvaluatedHead = [u8; 32];

impl EvaluatedTry {
    /// Digest of the chain with this at its end.
    pub fn chained(&self, before: &EvaluatedHead) -> EvaluatedHead {
        let entry = postcard::to_allocvec(self).expect("an entry is plain data");
        Sha256::digest(labelled("evaluated", &[before, &entry])).into()
    }
}

/// Log entries of a device, held against what the fleet allowed it to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditCounts {
    /// [`AUDIT_COUNTS_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who counted.
    pub site: SiteIndex,
    /// The bundle that the site served then.
    pub bundle: BundleId,
    /// Serial number of the site's device.
    pub serial: u32,
    /// The last entry counted: its number, and its 16-byte digest as hex.
    pub log_number: u16,
    /// See `log_number`.
    pub log_digest: String,
    /// Entries kept since the ceremony.
    pub entries: u64,
    /// Of these, successful ECDHs with the oprf key.
    pub oprf_entries: u64,
    /// Length of the chain of evaluated tries; each allows one evaluation at this site.
    pub evaluated: u64,
    /// Last digest of that chain ([`EvaluatedHead`]), hex.
    pub evaluated_head: String,
    /// Single evaluations towards registrations: two for each request. The site's own word.
    pub registration_evaluations: u64,
    /// Evaluations begun again after one came to no end (a crash, a device away). Likewise.
    pub repeats: u64,
    /// Unix seconds.
    pub at: u64,
}

impl AuditCounts {
    /// ECDHs with the oprf key that nothing accounts for; an evaluation is two.
    pub fn surplus(&self) -> u64 {
        let registrations = self.registration_evaluations;
        let allowed = self.evaluated.saturating_add(registrations).saturating_add(self.repeats);
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
