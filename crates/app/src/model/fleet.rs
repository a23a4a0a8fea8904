//! Fleets, as the shells show them.

use super::SiteStatus;
use serde::{Deserialize, Serialize};
use specta::Type;

/// The verdict on a fleet, check by check.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FleetReport {
    pub trusted: bool,
    /// One sentence for a person; says MOCK for mock hardware.
    pub verdict: String,
    pub mock: bool,
    pub url: Option<String>,
    /// Id of the trust document that all this was verified with: the part after # in the fleet's
    /// address.
    pub trust: String,
    /// That in 16 characters, as the recovery sheet has it.
    pub fingerprint: String,
    pub namespace: String,
    pub fleet_id: String,
    pub epoch: u64,
    pub threshold: u8,
    /// How many sites must allow a guess; none of a bundle that was refused.
    pub policy: Option<PolicyView>,
    pub not_after: u64,
    pub sites: Vec<SiteStatus>,
    pub checks: Vec<CheckView>,
    /// Id of the bundle; empty if it could not be read.
    pub bundle: String,
    /// Unix seconds of this verification.
    pub checked_at: u64,
    /// None: no evidence was looked for.
    pub evidence: Option<EvidenceView>,
    /// The running sites were asked (checks C1 and C2).
    pub asked_sites: bool,
    /// What changed while this computer watched, oldest first.
    pub changes: Vec<FleetChangeView>,
    /// What a person can do; empty if there is nothing to do.
    pub next: String,
}

/// What a fleet demands before it evaluates a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PolicyView {
    pub strict: bool,
    /// Sites that must vote for each of the first five tries, and for each of the last five.
    pub votes_first: u8,
    pub votes_last: u8,
    /// Guesses in a round at most, while no site is bad, and while as many are as can be borne.
    pub guesses: u8,
    pub guesses_at_worst: u8,
}

/// Where evidence came from.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct EvidenceView {
    /// An address or a folder.
    pub source: String,
    pub files: u32,
    /// Why it could not be examined.
    pub problem: Option<String>,
}

/// The step from one epoch of a fleet to the next.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FleetChangeView {
    pub from_epoch: u64,
    pub to_epoch: u64,
    /// Unix seconds when this computer noticed it.
    pub noticed_at: Option<u64>,
    /// One sentence for each difference.
    pub text: Vec<String>,
}

/// Every epoch of a fleet, from the first.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct FleetHistory {
    pub url: String,
    pub namespace: String,
    pub fleet_id: String,
    pub mock: bool,
    pub epochs: Vec<EpochView>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct EpochView {
    pub epoch: u64,
    pub bundle: String,
    /// Unix seconds of the auditor's signature.
    pub signed_at: u64,
    pub not_before: u64,
    pub not_after: u64,
    pub sites: u8,
    pub threshold: u8,
    /// The epoch that the keys date from; accounts are bound to it.
    pub keys_since: u64,
    /// The newest epoch says that these keys must not be used any more.
    pub revoked: bool,
    /// Who appeared, who left, what else changed.
    pub changes: Vec<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    Pass,
    Fail,
    NotChecked,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct CheckView {
    pub id: String,
    /// What the check means, for a person.
    pub plain: String,
    /// Why it passed, failed or could not be made.
    pub technical: String,
    pub outcome: CheckOutcome,
    /// What the check is about and why it matters.
    pub why: String,
}
