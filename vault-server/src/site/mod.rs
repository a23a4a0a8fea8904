//! One site of a vault: everything between bytes in and bytes out, and no socket.
//!
//! The world is behind ports ([`ports`]): the store, the device, the other sites, the clock,
//! randomness. So the same code serves behind HTTPS and runs as one of five sites in a simulation
//! that goes the same way for the same seed: it asks only tokio for time (which a test can pause),
//! and its ports for the rest.
//!
//! What a site decides about an account is in crate vault-state; here is when it reads, stores,
//! asks its device and its peers. Normative text: `spec/vault-protocol.md`.
//!
//! ```text
//! Site::start           draws a vote key and lets the device certify it
//! Site::open_session    a client's first Noise message
//! Site::message         each further one: a Request in, a Response out (files of `requests`)
//! Site::peer            what another site asks                         (files of `peer`)
//! Site::pull            asks the other sites for what changed there
//! Site::tick            what is due by the clock
//! ```

mod acknowledged;
mod asking;
mod bucket;
mod device_fault;
mod joining;
mod limits;
mod message;
mod open_session;
mod peer;
pub mod ports;
mod pull;
mod push;
mod recent;
mod requests;
mod rules;
mod sessions;
mod software;
mod start;
mod steps;
mod system;
mod tick;
mod vote_keys;

pub use bucket::{Bucket, Rate};
pub use message::MessageError;
pub use open_session::{OpenError, Opening};
pub use sessions::{MAX_SESSIONS, Origin};
pub use software::SoftwareDevice;
pub use start::{Place, Ports, StartError};
pub use system::{SystemClock, SystemRandomness};

use crate::accounts::AccountStore;
use acknowledged::PeerWords;
use limits::Limits;
use recent::Recent;
use rules::Rules;
use sessions::Sessions;
use std::sync::{Arc, PoisonError, RwLock};
use vault_protocol::{BundleId, SiteIndex, VoteKeyCertificate};
use vote_keys::KnownVoteKeys;

/// A running site. Clones share it.
pub struct Site<S>(Arc<Running<S>>);

struct Running<S> {
    rules: Rules,
    /// Of this start's vote key.
    certificate: VoteKeyCertificate,
    /// Newest first; all with the same keys.
    bundles: RwLock<Vec<BundleId>>,
    ports: Ports<S>,
    vote_keys: KnownVoteKeys,
    sessions: Sessions,
    recent: Recent,
    limits: Limits,
    peer_words: PeerWords,
}

impl<S> Clone for Site<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: AccountStore> Site<S> {
    /// From 1.
    pub fn index(&self) -> SiteIndex {
        self.0.rules.index
    }

    /// Its accounts.
    pub fn store(&self) -> &S {
        &self.0.ports.store
    }

    /// Of this start's vote key.
    pub fn certificate(&self) -> VoteKeyCertificate {
        self.0.certificate
    }

    /// Serves these bundles from now on, newest first: all with the keys that it was started with.
    pub fn serve_bundles(&self, bundles: Vec<BundleId>) {
        *self.0.bundles.write().unwrap_or_else(PoisonError::into_inner) = bundles;
    }

    /// Open sessions.
    pub fn sessions(&self) -> usize {
        self.0.sessions.len()
    }

    fn now(&self) -> u64 {
        self.0.ports.clock.now()
    }

    /// The other sites of the fleet.
    fn peers(&self) -> impl Iterator<Item = SiteIndex> + use<S> {
        let own = self.index();
        let sites = u8::try_from(self.0.rules.keys.sites()).unwrap_or(u8::MAX);
        (1..=sites).map(SiteIndex).filter(move |site| *site != own)
    }
}
