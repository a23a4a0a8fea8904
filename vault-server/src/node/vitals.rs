//! Whether a site can serve people, as far as it has found out; kept by the timers, so that asking
//! costs nothing.

use crate::accounts::SqliteStore;
use crate::api::PeerHealth;
use crate::site::ports::Clock;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use vault_facts::FleetKeys;
use vault_protocol::SiteIndex;

/// A peer that answered within this is in touch: three pulls.
const IN_TOUCH: Duration = Duration::from_secs(45);
/// With less, SQLite may not be able to copy its log into its file.
const MIN_FREE: u64 = 64 * 1024 * 1024;

/// What is known of the parts that a site needs.
pub struct Vitals {
    clock: Arc<dyn Clock>,
    store: SqliteStore,
    state_dir: PathBuf,
    /// Other sites that must be in touch, so that a quorum can vote.
    needed: usize,
    found: Mutex<Found>,
}

struct Found {
    device: Result<(), String>,
    free: Option<u64>,
    peers: BTreeMap<SiteIndex, Option<Instant>>,
    /// Of the certificate for peers: from, until.
    certificate: (u64, u64),
    log_entries: u64,
    log_number: Option<u16>,
    /// What was said last, so that each change is said once.
    said: Vec<String>,
}

/// [`Vitals`] at one moment.
pub struct VitalsNow {
    /// Why people are not served; empty if they are.
    pub reasons: Vec<String>,
    /// When it was last asked.
    pub device_answers: bool,
    /// The other sites.
    pub peers: Vec<PeerHealth>,
    /// Entries of the device's log that are stored here.
    pub log_entries: u64,
    /// Number of the last of them.
    pub log_number: Option<u16>,
}

impl Vitals {
    /// Nothing is known yet but the certificate's validity.
    pub fn new(
        clock: Arc<dyn Clock>,
        store: SqliteStore,
        state_dir: &Path,
        keys: &FleetKeys,
        site: SiteIndex,
        certificate: (u64, u64),
    ) -> Self {
        let others = (1..=u8::try_from(keys.sites()).unwrap_or(u8::MAX)).map(SiteIndex);
        let peers = others.filter(|other| *other != site).map(|other| (other, None)).collect();
        let found = Found {
            device: Ok(()),
            free: None,
            peers,
            certificate,
            log_entries: 0,
            log_number: None,
            said: Vec::new(),
        };
        Self {
            clock,
            store,
            state_dir: state_dir.to_owned(),
            needed: keys.quorum(1) - 1,
            found: Mutex::new(found),
        }
    }

    /// Notes whether the device answered, or why not.
    pub fn device_answered(&self, answered: Result<(), String>) {
        self.lock().device = answered;
    }

    /// Notes which peers answered just now.
    pub fn peers_answered(&self, answered: &[SiteIndex]) {
        let now = Instant::now();
        let mut found = self.lock();
        for (_, at) in found.peers.iter_mut().filter(|(peer, _)| answered.contains(peer)) {
            *at = Some(now);
        }
    }

    /// Notes from and until when the certificate for peers is valid, unix seconds.
    pub fn set_certificate(&self, validity: (u64, u64)) {
        self.lock().certificate = validity;
    }

    /// Notes how far the device's log is stored here.
    pub fn set_log(&self, entries: u64, number: Option<u16>) {
        let mut found = self.lock();
        found.log_entries = entries;
        found.log_number = number;
    }

    /// Asks the file system for its free space.
    pub fn look_at_disk(&self) {
        let free = rustix::fs::statvfs(&self.state_dir).ok().map(|fs| fs.f_bavail * fs.f_frsize);
        self.lock().free = free;
    }

    /// All of it, as it is now.
    pub fn now(&self) -> VitalsNow {
        let found = self.lock();
        VitalsNow {
            reasons: self.reasons(&found),
            device_answers: found.device.is_ok(),
            peers: found.peers.iter().map(|(site, at)| of_peer(*site, *at)).collect(),
            log_entries: found.log_entries,
            log_number: found.log_number,
        }
    }

    /// Writes into the log what has changed since it was last called.
    pub fn say(&self) {
        let mut found = self.lock();
        let reasons = self.reasons(&found);
        for reason in reasons.iter().filter(|reason| !found.said.contains(reason)) {
            tracing::warn!(%reason, "this site does not serve");
        }
        if reasons.is_empty() && !found.said.is_empty() {
            tracing::info!("this site serves again");
        }
        found.said = reasons;
    }

    fn reasons(&self, found: &Found) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Err(why) = &found.device {
            reasons.push(format!("the device does not answer: {why}"));
        }
        if let Some(why) = self.store.failure() {
            reasons.push(format!("the storage takes no writes: {why}"));
        }
        if found.free.is_some_and(|free| free < MIN_FREE) {
            reasons.push("the disk is nearly full".into());
        }
        let (from, until) = found.certificate;
        match self.clock.now() {
            now if now >= until => reasons.push("the certificate for peers has run out".into()),
            now if now < from => reasons.push("the certificate for peers is not good yet".into()),
            _ => {}
        }
        let in_touch = found.peers.iter().filter(|(site, at)| of_peer(**site, **at).in_touch);
        let in_touch = in_touch.count();
        let all = found.peers.len();
        if in_touch < self.needed {
            let needed = self.needed;
            reasons
                .push(format!("{in_touch} of {all} other sites are in touch, {needed} are needed"));
        }
        reasons
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_peer(site: SiteIndex, answered: Option<Instant>) -> PeerHealth {
    PeerHealth { site, in_touch: answered.is_some_and(|at| at.elapsed() < IN_TOUCH) }
}
