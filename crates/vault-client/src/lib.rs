//! The conversation between a client and the sites of one fleet.
//!
//! A [`Fleet`] is made from bundles that were verified, and from [`Ports`]: a network, a stopwatch,
//! randomness. No site is believed: what is told here was signed, counted, and compared with what
//! the owner signed; what a site alone says is given as its own words. Normative text:
//! `spec/vault-protocol.md`.
//!
//! ```text
//! Fleet::look                 an account as the sites show it
//! Fleet::recover, resume      one guess
//! Fleet::enroll               registers a code, or replaces it
//! Fleet::remove, reset, leave_passkeys      the owner's word
//! Fleet::begin_passkey, register_passkey    a new passkey
//! Fleet::begin_release, release             a passkey is shown
//! Fleet::carry                goes on telling the sites that have not acknowledged
//! Fleet::events, prove        history; the devices' statements
//! ```
//!
//! Nobody answers here, so nothing is known of the account, and each site's silence is told:
//!
//! ```
//! use async_trait::async_trait;
//! use fleet_evidence::{BundleDocuments, Trust, verify_bundle};
//! use std::sync::Arc;
//! use vault_client::{
//!     Fleet, Ports, Post, Reply, SystemRandomness, TokioTimer, Transport, TransportError,
//!     VaultError,
//! };
//! use vault_protocol::AccountId;
//!
//! struct Nobody;
//!
//! #[async_trait]
//! impl Transport for Nobody {
//!     async fn post(&self, _: Post) -> Result<Reply, TransportError> {
//!         Err(TransportError::Unreachable("there is no network".into()))
//!     }
//! }
//!
//! let case = |file: &str| std::fs::read(format!("../fleet-evidence/tests/cases/honest/{file}"));
//! let trust = Trust::from_json(&case("trust.json")?)?;
//! let signed = case("bundle.json")?;
//! let documents = BundleDocuments::alone(&signed);
//! let bundle = verify_bundle(&documents, &trust, None, 1_800_000_000).unwrap();
//!
//! let runtime = tokio::runtime::Builder::new_current_thread()
//!     .enable_time()
//!     .start_paused(true)
//!     .build()?;
//! let looked = runtime.block_on(async {
//!     let ports = Ports {
//!         transport: Arc::new(Nobody),
//!         timer: Arc::new(TokioTimer::start()),
//!         randomness: Arc::new(SystemRandomness),
//!     };
//!     Fleet::new(&bundle, &[], ports).look(AccountId([1; 16])).await
//! });
//! let Err(VaultError::TooFewSites(missed)) = looked else { panic!("{looked:?}") };
//! assert_eq!((missed.answered, missed.needed, missed.sites), (0, 2, 3));
//! assert_eq!(missed.notes.problems.len(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod collect;
mod conversation;
mod enroll;
mod errand;
mod error;
mod events;
mod fleet;
mod gathered;
mod liars;
mod look;
mod owner;
mod passkeys;
mod ports;
mod prove;
mod recover;
mod seen;
mod site;
mod site_notes;
mod spread;
mod system;
mod verdict;

pub use enroll::{Enrolled, Enrolment};
pub use errand::{Carried, Errand, MAX_ERRAND, Matter};
pub use error::{HeaderPart, TooFewSites, VaultError, WrongCode};
pub use events::{Event, History};
pub use fleet::Fleet;
pub use gathered::SiteView;
pub use liars::Lie;
pub use owner::Owner;
pub use passkeys::{Begun, NewPasskey, PasskeyRegistered, Released};
pub use ports::{Ports, Post, Reply, Timer, Transport, TransportError};
pub use recover::{Attempt, Header, Recovered, Unfinished};
pub use recovery_crypto::Randomness;
pub use recovery_crypto::VaultKey;
pub use recovery_crypto::passkey::ReleasedSecret;
pub use seen::{Code, Seen, SeenPasskey};
pub use site_notes::{SiteNotes, SiteProblem};
pub use spread::Spread;
pub use system::{SystemRandomness, TokioTimer};
