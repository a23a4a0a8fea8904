//! The replicated state of a fleet: what may be guessed, by whom, and how often (spec/vault-protocol.md, "State").
//!
//! Pure and deterministic: time comes in commands, storage through [`Storage`], and whatever changes what a person
//! may do carries its own proof, which [`apply`] checks at every site. A lying leader can delay, never raise a limit.

mod account;
mod apply;
mod command;
mod confirm;
mod expire;
mod guess;
mod keys;
mod memory;
mod passkeys;
mod pending;
mod register;
mod remove;
mod snapshot;
mod storage;

pub use account::{Account, Current, Gone, Try};
pub use apply::apply;
pub use command::{Command, Outcome};
pub use expire::EXPIRY_GRACE;
pub use keys::FleetKeys;
pub use memory::InMemory;
pub use passkeys::{
    Passkey, PasskeyVerifier, Passkeys, Registered, RosterChange, SignedRoster, check_assertion, check_next_change,
    check_roster,
};
pub use pending::{MAX_PENDING_PER_SITE, Opening, PENDING_LIFETIME, Pending};
pub use register::{Registration, check_next_version, check_registration};
pub use remove::check_removal;
pub use snapshot::{Untrusted, check_offered};
pub use storage::{Storage, Totals};
