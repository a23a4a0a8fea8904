//! What a client, a site and an auditor say to each other: ids, limits, wire messages and canonical
//! encodings.
//!
//! No IO, no clock, no randomness. The normative text is `spec/vault-protocol.md`.
//!
//! ```
//! use vault_protocol::{Claim, GuessPolicy, OwnerKey, Request};
//!
//! // An account is named by its owner's key: whoever has the claim can show whose it is.
//! let claim = Claim { owner: OwnerKey([7; 32]), nonce: [1; 16] };
//! let request = Request::Show { account: claim.account() };
//! assert_eq!(Request::from_bytes(&request.to_bytes()), Ok(request));
//! assert!(Request::from_bytes(&[0xff; 9]).is_err());
//!
//! // Of five sites, three vote for each of the first guesses of a round, four for the others.
//! assert_eq!([1, 6].map(|slot| GuessPolicy::Balanced.quorum(5, slot)), [3, 4]);
//! ```

#![warn(missing_docs)]

mod audit;
mod bundle;
mod bundle_signatures;
mod door;
mod guess;
mod ids;
mod labelled;
pub mod limits;
mod messages;
mod news;
mod passkey;
mod record;
mod statement;
mod tag;

pub use audit::{
    AUDIT_COUNTS_TYPE, AuditCounts, EvaluatedHead, EvaluatedTry, audit_counts_message,
    live_counts_message,
};
pub use bundle::{
    Auditor, BUNDLE_TYPE, Bundle, Device, Evidence, GuessPolicy, Operator, SignedBundle, Site,
};
pub use bundle_signatures::{auditor_message, operator_message};
pub use door::{
    ACCOUNT_HEADER, BUNDLE_HEADER, COOKIE_HEADER, COOKIE_LIFETIME, Cookie, CookieMac, CookieSeed,
    MAX_COOKIE, MAX_WORK_BITS, SolvedCookie,
};
pub use guess::{
    Certificate, Equivocation, RoundEnd, RoundEndProof, SlotVote, Try, alpha_digest, confirm_proof,
    confirm_proof_holds, reset_message, slot_id,
};
pub use ids::{
    AccessCommitment, AccessKey, AccountId, BundleId, FleetId, KeysDigest, Point, Round, SessionId,
    SiteIndex, Slot, SlotId, TryId, Version, VoteKey,
};
pub use labelled::labelled;
pub use messages::{
    AccountEvent, Answer, CodeState, EventKind, LiveProof, OwnState, Refusal, Request, Response,
    Shown,
};
pub use news::{Admission, News, Removal, SiteFacts};
pub use passkey::{
    ORIGIN, PasskeyDigest, PasskeyHead, PasskeyRecord, PasskeyShare, PasskeyStatus, RP_ID, Roster,
    RosterNumber, SignedRoster, SiteNonce, check_nonces, passkey_box_info, passkey_challenge,
    registration_digest,
};
pub use record::{
    AccessOpening, BoxContents, Claim, CodeOrigin, CodeParameters, DeviceBox, OwnerKey, Policy,
    Record, Sealed, SealedBox, SealedRecord, Signature64, SignedRecord, box_info, box_of,
    boxes_digest, removal_message,
};
pub use statement::{Acknowledgement, Statement, StatementOf, Subject, VoteKeyCertificate};
pub use tag::AccountTag;

/// Why bytes could not be read as a protocol value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// Not what it should be: what was read, and what is wrong with it.
    #[error("not a {0}: {1}")]
    Malformed(&'static str, String),
    /// Longer than anything of its kind.
    #[error("{what} is {len} bytes, the limit is {limit}")]
    TooLong {
        /// What was read.
        what: &'static str,
        /// Its bytes.
        len: usize,
        /// The most that are read.
        limit: usize,
    },
    /// Nothing is wrong with the document: its fleet was never moved to this version.
    #[error("this fleet speaks version {0} of the protocol, which this program no longer supports")]
    OldVersion(u32),
    /// Nothing is wrong with the document: this program is older than its fleet.
    #[error(
        "this fleet speaks version {0} of the protocol, which this program does not know yet: update it"
    )]
    NewVersion(u32),
}
