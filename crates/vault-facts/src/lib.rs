//! Facts about an account that prove themselves, and how they join.
//!
//! A site keeps facts and joins what it is shown; a client carries them from site to site. Neither
//! believes anything on anybody's word. Facts only grow: any order, any subset and any repetition
//! of the same messages leads to the same state (spec/vault-protocol.md section 5).
//!
//! No IO, no clock, no randomness.
//!
//! Of a fact only what proves itself is taken, and what it says is taken once:
//!
//! ```
//! use vault_facts::{AccountFacts, FleetKeys, Proofs, RealSignatures, VoteKeys};
//! use vault_protocol::{Claim, GuessPolicy, KeysDigest, News, OwnerKey, Removal, Signature64};
//!
//! let keys = FleetKeys {
//!     digest: KeysDigest([7; 32]),
//!     threshold: 2,
//!     policy: GuessPolicy::Balanced,
//!     receipt_keys: vec![Vec::new(); 3],
//! };
//! let vote_keys = VoteKeys::default();
//! let proofs = Proofs { keys: &keys, vote_keys: &vote_keys, signatures: &RealSignatures };
//!
//! let claim = Claim { owner: OwnerKey([1; 32]), nonce: [2; 16] };
//! let mut facts = AccountFacts::claimed(claim);
//! let forged = Removal { claim, signature: Signature64([0; 64]) };
//! let learned = facts.learn(&proofs, &News { removal: Some(forged), ..News::default() });
//! assert!(!learned.changed && learned.refused.len() == 1);
//! assert!(!facts.is_removed());
//! ```

#![warn(missing_docs)]

mod facts;
mod fleet_keys;
mod learn;
mod proofs;
mod signatures;
#[cfg(feature = "testing")]
pub mod testing;
mod vote_keys;

pub use facts::{AccountFacts, FactsParts, Joined};
pub use fleet_keys::FleetKeys;
pub use learn::Learned;
pub use proofs::Proofs;
pub use signatures::{RealSignatures, Signatures};
pub use vote_keys::VoteKeys;

use vault_protocol::KeysDigest;

/// Why a fact was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// A signature, a digest or a count does not hold.
    #[error("{0} does not prove itself")]
    Unproved(&'static str),
    /// Of another account, or of nobody who owns this one.
    #[error("{0} is not this account's")]
    OtherAccount(&'static str),
    /// These, which are not the ones that this fleet has.
    #[error("it is of other keys of the fleet")]
    OtherKeys(KeysDigest),
    /// What it is.
    #[error("{0} is malformed")]
    Malformed(&'static str),
}
