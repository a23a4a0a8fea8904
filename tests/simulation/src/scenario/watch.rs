//! What is so, beside what is told: the simulation sees every disk.

use crate::fleet::Fleet;
use crate::person::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vault_client::VaultKey;
use vault_protocol::{AccountId, SiteIndex, TryId, Version};
use vault_state::SiteAccount;

/// Watches over a course of events. Clones share it.
#[derive(Clone)]
pub struct Watch {
    pub fleet: Fleet,
    /// Sites that need not do what they should.
    pub bad: BTreeSet<SiteIndex>,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    truths: BTreeMap<AccountId, Truth>,
    violations: Vec<String>,
}

/// What is so about one account.
#[derive(Clone, Default)]
pub struct Truth {
    /// What each version opens, if it was told that it is stored.
    pub stored: BTreeMap<Version, VaultKey>,
    /// Sites that have a box of it.
    pub boxes: BTreeMap<Version, BTreeSet<SiteIndex>>,
    /// Versions whose registration was begun.
    pub begun: BTreeSet<Version>,
    /// The newest version that was told to replace all before it, despite the bad sites.
    pub replaced: Version,
    /// The owner signed the removal.
    pub removing: bool,
    /// Tries evaluated at honest sites when the removal was told to hold despite the bad sites.
    pub removed: Option<BTreeSet<TryId>>,
    /// Codes tried by their owner.
    pub asked: usize,
}

impl Watch {
    pub fn new(fleet: Fleet, bad: BTreeSet<SiteIndex>) -> Self {
        Self { fleet, bad, inner: Arc::default() }
    }

    /// Sites that must do what they should.
    pub fn honest(&self) -> impl Iterator<Item = SiteIndex> + '_ {
        self.fleet.sites().filter(|site| !self.bad.contains(site))
    }

    /// Something did not hold.
    pub fn violated(&self, what: impl fmt::Display) {
        let what = what.to_string();
        self.fleet.history().note(format_args!("VIOLATED {what}"));
        self.lock().violations.push(what);
    }

    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Notes what somebody was told.
    pub fn told(&self, person: &Person, what: impl fmt::Display) {
        self.fleet.history().note(format_args!("{} is told: {what}", person.name));
    }

    pub fn truth(&self, account: AccountId) -> Truth {
        self.lock().truths.get(&account).cloned().unwrap_or_default()
    }

    pub fn learn(&self, account: AccountId, change: impl FnOnce(&mut Truth)) {
        change(self.lock().truths.entry(account).or_default());
    }

    pub fn accounts(&self) -> Vec<AccountId> {
        self.lock().truths.keys().copied().collect()
    }

    /// What honest sites have stored of an account.
    pub async fn stored(&self, account: AccountId) -> Vec<(SiteIndex, SiteAccount)> {
        let mut stored = Vec::new();
        for site in self.honest() {
            let found = self.fleet.stored(site, account).await;
            stored.extend(found.map(|found| (site, found)));
        }
        stored
    }

    /// Tries that honest sites evaluated, with the sites.
    pub async fn evaluated(&self) -> BTreeMap<TryId, BTreeSet<SiteIndex>> {
        let mut tries: BTreeMap<TryId, BTreeSet<SiteIndex>> = BTreeMap::new();
        for site in self.honest() {
            for entry in self.fleet.evaluated(site).await {
                tries.entry(entry.tried).or_default().insert(site);
            }
        }
        tries
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
