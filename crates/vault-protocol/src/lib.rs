//! What a client, a site and an auditor say to each other: ids, limits, wire messages and canonical encodings.
//!
//! No IO, no clock, no randomness. The normative text is `spec/vault-protocol.md`.

mod audit;
mod bundle;
mod ids;
mod labelled;
pub mod limits;
mod messages;
mod passkey;
mod record;

pub use audit::{AUDIT_COUNTS_TYPE, AuditCounts, audit_counts_message, live_counts_message};
pub use bundle::{Auditor, BUNDLE_TYPE, Bundle, Device, Evidence, GuessPolicy, Operator, SignedBundle, Site};
pub use ids::{AccountId, BundleId, FleetId, KeysDigest, Point, SessionId, SiteIndex, TryId, Version};
pub use labelled::{
    Receipt, auditor_message, box_info, confirm_proof, confirm_proof_holds, confirmation_message, labelled,
    operator_message, passkey_challenge, record_message, removal_message, try_id,
};
pub use messages::{AccountEvent, AccountStatus, Answer, EventKind, LiveProof, Refusal, Request, Response};
pub use passkey::{
    Change, ORIGIN, PasskeyBoxContents, PasskeyDigest, PasskeyList, PasskeyRecord, PasskeyStatus, RP_ID, Roster,
    RosterUpdate, SiteNonce, challenge_of, check_nonces, passkey_box_info, roster_message,
};
pub use record::{BoxContents, CodeParameters, OwnerKey, Policy, Record, SealedBox, Signature64};

/// Why bytes could not be read as a protocol value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    #[error("not a {0}: {1}")]
    Malformed(&'static str, String),
    #[error("{what} is {len} bytes, the limit is {limit}")]
    TooLong { what: &'static str, len: usize, limit: usize },
    /// Nothing is wrong with the document: its fleet was never moved to this version.
    #[error("this fleet speaks version {0} of the protocol, which this program no longer supports")]
    OldVersion(u32),
    /// Nothing is wrong with the document: this program is older than its fleet.
    #[error("this fleet speaks version {0} of the protocol, which this program does not know yet: update it")]
    NewVersion(u32),
}
