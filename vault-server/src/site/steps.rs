//! One step on one account: read, decided by the rules, stored, and only then answered.

use super::Site;
use super::vote_keys::Keyring;
use crate::accounts::{AccountStore, Step, StoreError, Write};
use vault_facts::FleetKeys;
use vault_protocol::{
    AccountId, Equivocation, EvaluatedTry, News, Refusal, Statement, VoteKeyCertificate,
};
use vault_state::{Learned, SiteAccount};

/// What a step came to.
pub(super) struct Done<T> {
    pub answer: T,
    /// The account after it; none if it is not here.
    pub account: Option<SiteAccount>,
    pub evaluated: Option<EvaluatedTry>,
    pub repeats: u64,
    pub equivocations: Vec<Equivocation>,
}

impl<T> Done<T> {
    pub(super) fn new(answer: T, account: Option<SiteAccount>) -> Self {
        Self { answer, account, evaluated: None, repeats: 0, equivocations: Vec::new() }
    }

    pub(super) fn having_learned(mut self, learned: Learned) -> Self {
        self.equivocations.extend(learned.equivocations);
        self
    }
}

impl<S: AccountStore> Site<S> {
    /// Runs `decide` on the account as it is, at the time that it is then, and stores what came of
    /// it.
    pub(super) async fn step<T: Send + 'static>(
        &self,
        account: AccountId,
        ring: Keyring,
        decide: impl FnOnce(&vault_state::Site<'_>, Option<SiteAccount>, u64) -> Done<T>
        + Send
        + 'static,
    ) -> Result<T, Refusal> {
        let rules = self.0.rules.clone();
        let clock = self.0.ports.clock.clone();
        let step = move |before: Option<SiteAccount>| {
            let done = decide(&rules.with(&ring.keys), before.clone(), clock.now());
            let certificates = if done.account == before { Vec::new() } else { ring.certificates };
            to_store(&rules.keys, before, done, certificates)
        };
        self.store().update(account, step).await.map_err(|error| unavailable(&error))
    }

    /// The vote keys that these are signed with, this site's own among them.
    pub(super) async fn keyring(
        &self,
        statements: &[Statement],
        offered: &[VoteKeyCertificate],
    ) -> Result<Keyring, Refusal> {
        let known = &self.0.vote_keys;
        let learned = known.learn(&self.0.rules, self.store(), statements, offered).await;
        let ring = learned.map_err(|error| unavailable(&error))?;
        Ok(ring.with(Keyring::of(self.0.certificate)))
    }

    /// The vote keys that news and what comes with it are signed with.
    pub(super) async fn keyring_for(
        &self,
        beside: impl IntoIterator<Item = Statement>,
        news: &News,
    ) -> Result<Keyring, Refusal> {
        let beside = beside.into_iter();
        let statements: Vec<_> = beside.chain(news.statements().copied()).collect();
        self.keyring(&statements, &news.certificates).await
    }

    /// The vote keys that an account's facts are signed with.
    pub(super) async fn keyring_of(&self, account: &SiteAccount) -> Result<Keyring, Refusal> {
        let statements: Vec<_> = account.facts.statements().copied().collect();
        self.keyring(&statements, &[]).await
    }

    /// The account as it is stored.
    pub(super) async fn read(&self, account: AccountId) -> Result<Option<SiteAccount>, Refusal> {
        self.store().read(account).await.map_err(|error| unavailable(&error))
    }
}

fn to_store<T>(
    keys: &FleetKeys,
    before: Option<SiteAccount>,
    done: Done<T>,
    vote_keys: Vec<VoteKeyCertificate>,
) -> Step<T> {
    let Done { answer, account, evaluated, repeats, equivocations } = done;
    let noted = evaluated.is_some() || repeats > 0 || !equivocations.is_empty();
    if account == before && !noted {
        return Step::unchanged(answer);
    }
    let wake_at = account.as_ref().and_then(|account| wake_at(keys, account));
    Step::write(answer, Write { account, wake_at, vote_keys, evaluated, repeats, equivocations })
}

/// When the site has to look at an account without being asked: its box is due to be destroyed, or
/// all of it to be forgotten.
fn wake_at(keys: &FleetKeys, account: &SiteAccount) -> Option<u64> {
    account.ends_at(keys).into_iter().chain(account.forgotten_at()).min()
}

pub(super) fn unavailable(error: &StoreError) -> Refusal {
    // The store itself says when it fails, once.
    tracing::debug!(%error, "a request was not stored");
    Refusal::Unavailable { reason: "the site's storage failed".into() }
}
