//! A site begins: with a vote key of its own, certified by its device.

use super::ports::{Clock, Device, DeviceFault, Ledger, Peers, Randomness};
use super::rules::{Rules, VoteSigner};
use super::{Running, Site};
use crate::accounts::{AccountStore, StoreError};
use std::sync::{Arc, RwLock};
use vault_facts::FleetKeys;
use vault_protocol::{BundleId, SiteIndex, VoteKeyCertificate};
use vault_state::{PasskeyVerifier, Signer};

/// Whose place in which fleet a site takes.
pub struct Place {
    /// From 1.
    pub index: SiteIndex,
    /// Of the device that boxes for this site are sealed to.
    pub serial: u32,
    /// The fleet's.
    pub keys: FleetKeys,
    /// That it serves, newest first; all with these keys.
    pub bundles: Vec<BundleId>,
}

/// The world of one site.
pub struct Ports<S> {
    /// Its accounts.
    pub store: S,
    /// Its private keys.
    pub device: Arc<dyn Device>,
    /// The other sites.
    pub peers: Arc<dyn Peers>,
    /// Its own clock.
    pub clock: Arc<dyn Clock>,
    /// The system's, or a simulation's.
    pub randomness: Arc<dyn Randomness>,
    /// Verifies what passkeys answer.
    pub passkeys: Arc<dyn PasskeyVerifier>,
    /// None in a simulation: then the site cannot answer `Prove`.
    pub ledger: Option<Arc<dyn Ledger>>,
}

/// Why a site did not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its vote key was not certified.
    #[error(transparent)]
    Device(#[from] DeviceFault),
    /// Its vote key was not stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: AccountStore> Site<S> {
    /// Draws this start's vote key and lets the device certify it (one signature).
    ///
    /// # Errors
    /// The device's, the store's.
    pub async fn start(place: Place, ports: Ports<S>) -> Result<Self, StartError> {
        let Place { index, serial, keys, bundles } = place;
        let signer = VoteSigner::draw(&*ports.randomness);
        let key = signer.key();
        let started = ports.clock.now();
        let message = VoteKeyCertificate::message(&keys.digest, index, started, &key);
        let signature = ports.device.sign(message).await?;
        let certificate = VoteKeyCertificate { site: index, started, key, signature };
        ports.store.keep_vote_key(certificate).await?;
        let rules = Rules {
            index,
            serial,
            keys: Arc::new(keys),
            signer: Arc::new(signer),
            passkeys: ports.passkeys.clone(),
        };
        let running = Running {
            rules,
            certificate,
            bundles: RwLock::new(bundles),
            ports,
            vote_keys: Default::default(),
            sessions: Default::default(),
            recent: Default::default(),
            limits: Default::default(),
            peer_words: Default::default(),
        };
        running.vote_keys.remember(certificate);
        Ok(Self(Arc::new(running)))
    }
}
