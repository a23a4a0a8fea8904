//! One site of a vault, as a pure function over facts that prove themselves and its own votes.
//!
//! A [`Site`] decides; a [`SiteAccount`] is what it stores of one account. A step takes both, a
//! message and the site's own clock, changes the account and gives an answer; whoever calls it
//! stores the account durably *before* the answer leaves, also when the answer is a refusal.
//! Accounts have nothing to do with each other. Normative text: `spec/vault-protocol.md`.
//!
//! No IO, no clock, no randomness.
//!
//! What a site stores of an account that was claimed, and of which it has no code yet:
//!
//! ```
//! use vault_facts::{AccountFacts, FleetKeys};
//! use vault_protocol::{Claim, CodeState, GuessPolicy, KeysDigest, OwnerKey};
//! use vault_state::{Own, SiteAccount};
//!
//! let keys = FleetKeys {
//!     digest: KeysDigest([7; 32]),
//!     threshold: 2,
//!     policy: GuessPolicy::Balanced,
//!     receipt_keys: vec![Vec::new(); 3],
//! };
//! let claim = Claim { owner: OwnerKey([1; 32]), nonce: [2; 16] };
//! let account = SiteAccount { facts: AccountFacts::claimed(claim), own: Own::default() };
//! assert_eq!(account.code_state(&keys), CodeState::None);
//! ```

#![warn(missing_docs)]

mod account;
mod acknowledge;
mod destroy;
mod evaluate;
mod events;
mod learn;
mod passkeys;
mod receipt;
mod register;
mod show;
mod site;
mod vote;

pub use account::{Own, PasskeyUse, SiteAccount};
pub use evaluate::Evaluation;
pub use events::Events;
pub use passkeys::{PasskeyVerifier, Registered, Release};
pub use site::{Signer, Site};
pub use vault_facts::Learned;
pub use vote::Vote;
