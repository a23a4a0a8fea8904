//! Accounts in memory, for tests and simulations.

use super::{AccountStore, Changes, MAX_EQUIVOCATIONS, Step, StoreError, Totals, Write, is_news};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vault_protocol::{
    AccountId, AccountTag, Equivocation, EvaluatedTry, SiteIndex, VoteKey, VoteKeyCertificate,
};
use vault_state::SiteAccount;

/// A site's storage in memory. Clones share it, so it outlives a site that is dropped as a disk
/// does.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Contents>>);

#[derive(Clone, Default)]
struct Contents {
    accounts: BTreeMap<AccountId, Stored>,
    by_change: BTreeMap<u64, AccountId>,
    last_change: u64,
    evaluated: Vec<EvaluatedTry>,
    totals: Totals,
    vote_keys: Vec<VoteKeyCertificate>,
    equivocations: Vec<Equivocation>,
    marks: BTreeMap<SiteIndex, u64>,
}

#[derive(Clone)]
struct Stored {
    account: SiteAccount,
    change: u64,
    wake_at: Option<u64>,
}

impl MemoryStore {
    /// A copy that shares nothing: what a disk that is set back later comes back to.
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.lock().clone())))
    }

    /// Every account that is stored, in the order of their ids.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.lock().accounts.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn apply(&mut self, id: AccountId, write: Write) {
        for certificate in write.vote_keys {
            self.keep_vote_key(certificate);
        }
        for proof in write.equivocations {
            self.keep_equivocation(proof);
        }
        if let Some(entry) = write.evaluated {
            self.totals.evaluated += 1;
            self.totals.evaluated_head = entry.chained(&self.totals.evaluated_head);
            self.evaluated.push(entry);
        }
        self.totals.repeats += write.repeats;
        match write.account {
            Some(account) => self.put(id, account, write.wake_at),
            None => self.forget(&id),
        }
    }

    fn put(&mut self, id: AccountId, account: SiteAccount, wake_at: Option<u64>) {
        let before = self.accounts.get(&id);
        let mut change = before.map_or(0, |stored| stored.change);
        if is_news(before.map(|stored| &stored.account), &account) {
            self.by_change.remove(&change);
            self.last_change += 1;
            change = self.last_change;
            self.by_change.insert(change, id);
        }
        self.accounts.insert(id, Stored { account, change, wake_at });
    }

    fn forget(&mut self, id: &AccountId) {
        if let Some(stored) = self.accounts.remove(id) {
            self.by_change.remove(&stored.change);
        }
    }

    fn keep_vote_key(&mut self, certificate: VoteKeyCertificate) {
        let VoteKeyCertificate { site, key, .. } = certificate;
        if !self.vote_keys.iter().any(|known| known.site == site && known.key == key) {
            self.vote_keys.push(certificate);
        }
    }

    fn keep_equivocation(&mut self, proof: Equivocation) {
        let site = proof.first.1.site;
        let of_site = self.equivocations.iter().filter(|known| known.first.1.site == site).count();
        if of_site < MAX_EQUIVOCATIONS && !self.equivocations.contains(&proof) {
            self.equivocations.push(proof);
        }
    }
}

impl AccountStore for MemoryStore {
    async fn read(&self, account: AccountId) -> Result<Option<SiteAccount>, StoreError> {
        Ok(self.lock().accounts.get(&account).map(|stored| stored.account.clone()))
    }

    async fn update<T: Send + 'static>(
        &self,
        id: AccountId,
        step: impl FnOnce(Option<SiteAccount>) -> Step<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut contents = self.lock();
        let before = contents.accounts.get(&id).map(|stored| stored.account.clone());
        let Step { answer, write } = step(before);
        if let Some(write) = write {
            contents.apply(id, write);
        }
        Ok(answer)
    }

    async fn knows(&self, tag: AccountTag) -> Result<bool, StoreError> {
        Ok(self.lock().accounts.keys().any(|id| AccountTag::of(id) == tag))
    }

    async fn count_registrations(&self, evaluations: u64) -> Result<(), StoreError> {
        self.lock().totals.registration_evaluations += evaluations;
        Ok(())
    }

    async fn count_repeats(&self, repeats: u64) -> Result<(), StoreError> {
        self.lock().totals.repeats += repeats;
        Ok(())
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        Ok(self.lock().totals)
    }

    async fn evaluated(&self, from: u64, limit: u32) -> Result<Vec<EvaluatedTry>, StoreError> {
        Ok(page(&self.lock().evaluated, from, limit))
    }

    async fn changed_since(&self, from: u64, limit: u32) -> Result<Changes, StoreError> {
        let contents = self.lock();
        let changed = contents.by_change.range(from..).take(limit as usize);
        let (numbers, accounts): (Vec<u64>, Vec<AccountId>) =
            changed.map(|(n, id)| (*n, *id)).unzip();
        let full = accounts.len() == limit as usize;
        let last = numbers.last().copied().filter(|_| full).unwrap_or(contents.last_change);
        Ok(Changes { accounts, next: last + 1 })
    }

    async fn due(&self, now: u64, limit: u32) -> Result<Vec<AccountId>, StoreError> {
        let contents = self.lock();
        let wake = |(id, stored): (&AccountId, &Stored)| stored.wake_at.map(|at| (at, *id));
        let mut due: Vec<_> =
            contents.accounts.iter().filter_map(wake).filter(|(at, _)| *at <= now).collect();
        due.sort_unstable();
        Ok(due.into_iter().take(limit as usize).map(|(_, id)| id).collect())
    }

    async fn keep_vote_key(&self, certificate: VoteKeyCertificate) -> Result<(), StoreError> {
        self.lock().keep_vote_key(certificate);
        Ok(())
    }

    async fn vote_keys(
        &self,
        wanted: Vec<(SiteIndex, VoteKey)>,
    ) -> Result<Vec<VoteKeyCertificate>, StoreError> {
        let contents = self.lock();
        let known = contents.vote_keys.iter().filter(|c| wanted.contains(&(c.site, c.key)));
        Ok(known.copied().collect())
    }

    async fn vote_keys_of(
        &self,
        site: SiteIndex,
        from: u64,
        limit: u32,
    ) -> Result<Vec<VoteKeyCertificate>, StoreError> {
        let contents = self.lock();
        let of_site: Vec<_> =
            contents.vote_keys.iter().filter(|c| c.site == site).copied().collect();
        Ok(page(&of_site, from, limit))
    }

    async fn equivocations(&self) -> Result<Vec<Equivocation>, StoreError> {
        Ok(self.lock().equivocations.clone())
    }

    async fn peer_mark(&self, peer: SiteIndex) -> Result<u64, StoreError> {
        Ok(self.lock().marks.get(&peer).copied().unwrap_or(1))
    }

    async fn set_peer_mark(&self, peer: SiteIndex, next: u64) -> Result<(), StoreError> {
        self.lock().marks.insert(peer, next);
        Ok(())
    }
}

/// Items `from` (1 is the first) and after it.
fn page<T: Clone>(items: &[T], from: u64, limit: u32) -> Vec<T> {
    let skipped = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
    items.iter().skip(skipped).take(limit as usize).cloned().collect()
}
