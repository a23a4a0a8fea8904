//! A fleet, and a person who has a code there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use vault_client::{Fleet as Client, VaultError, VaultKey};
use vault_protocol::{AccountId, CodeOrigin, SiteIndex, TryId};
use vault_simulation::corrupt::Trick;
use vault_simulation::dice::Dice;
pub(crate) use vault_simulation::fleet::{Fleet, Plan};
pub(crate) use vault_simulation::person::Person;

/// Somebody with a code, her fleet, and her way to it.
pub(crate) struct World {
    pub fleet: Fleet,
    pub client: Client,
    pub ada: Person,
    pub key: VaultKey,
}

impl World {
    /// Five honest sites in fair weather, and a code that was proved once: round 1 runs.
    pub(crate) async fn with(origin: CodeOrigin) -> Self {
        Self::of(Plan::fair(1), origin).await
    }

    pub(crate) async fn of(plan: Plan, origin: CodeOrigin) -> Self {
        let fleet = Fleet::start(plan).await;
        let client = fleet.client(1);
        let mut ada = Person::new("ada", origin, &Dice::new(plan.seed, "ada"));
        let key = ada.enroll(&client, 1).await.unwrap().vault_key;
        ada.recover(&client).await.unwrap();
        Self { fleet, client, ada, key }
    }

    /// Guesses that honest sites evaluated for anybody.
    pub(crate) async fn guesses(&self) -> usize {
        guesses(&self.fleet).await
    }

    /// The right code opens the right key.
    pub(crate) async fn recovers(&mut self) {
        let recovered = self.ada.recover(&self.client).await.unwrap();
        assert_eq!(recovered.vault_key, self.key);
    }

    /// Wrong codes, one after the other, each after the wait that it is told.
    pub(crate) async fn guess_wrong(&self, times: usize) {
        for n in 0..times {
            let code = format!("wrong code {n}");
            loop {
                match self.ada.try_code(&self.client, &code).await {
                    Err(VaultError::TooSoon { seconds }) => {
                        tokio::time::sleep(Duration::from_secs(seconds)).await;
                    }
                    Err(VaultError::WrongCode(wrong)) => break assert!(wrong.spent),
                    other => panic!("guess {n}: {other:?}"),
                }
            }
        }
    }

    pub(crate) async fn corrupt(&self, sites: &[u8], trick: Arc<dyn Trick>) {
        for i in sites {
            self.fleet.corrupt(site(*i), Some(trick.clone())).await;
        }
    }

    pub(crate) fn kill(&self, sites: &[u8]) {
        sites.iter().for_each(|i| self.fleet.kill_site(site(*i)));
    }

    pub(crate) async fn start(&self, sites: &[u8]) {
        for i in sites {
            self.fleet.start_site(site(*i)).await;
        }
    }

    pub(crate) fn hang(&self, sites: &[u8], hung: bool) {
        sites.iter().for_each(|i| self.fleet.hang(site(*i), hung));
    }

    /// Rounds that each site has stored.
    pub(crate) async fn rounds(&self) -> Vec<u64> {
        let mut rounds = Vec::new();
        for site in self.fleet.sites() {
            let stored = self.fleet.stored(site, self.ada.account()).await;
            rounds.push(stored.map_or(0, |stored| stored.facts.round()));
        }
        rounds
    }
}

pub(crate) fn site(i: u8) -> SiteIndex {
    SiteIndex(i)
}

pub(crate) fn sites(all: &[u8]) -> BTreeSet<SiteIndex> {
    all.iter().map(|i| SiteIndex(*i)).collect()
}

/// Different tries that were evaluated at honest sites.
pub(crate) async fn guesses(fleet: &Fleet) -> usize {
    let mut tries: BTreeSet<TryId> = BTreeSet::new();
    for site in fleet.sites().filter(|site| !fleet.is_corrupt(*site)) {
        tries.extend(fleet.evaluated(site).await.into_iter().map(|entry| entry.tried));
    }
    tries.len()
}

/// How long something takes.
pub(crate) async fn timed<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    let done = what.await;
    (done, began.elapsed())
}

/// Lets everything that was begun come to an end.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_secs(8)).await;
}

pub(crate) const NOBODY: AccountId = AccountId([0xee; 16]);
