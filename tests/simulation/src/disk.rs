//! A site's disk: a memory store behind the port, with time, crashes, and what a bad disk does.

use crate::dice::Dice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use vault_protocol::{
    AccountId, AccountTag, Equivocation, EvaluatedTry, SiteIndex, VoteKey, VoteKeyCertificate,
};
use vault_server::accounts::{AccountStore, Changes, MemoryStore, Step, StoreError, Totals};
use vault_state::SiteAccount;

/// One run of a site's program: what it begins after its end does not happen.
#[derive(Clone, Default)]
pub struct Life(Arc<AtomicBool>);

impl Life {
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What outlives a program: the store, and what it was before its last write.
#[derive(Clone)]
pub struct Disk {
    store: MemoryStore,
    /// Of a disk that loses its last write in a crash.
    before_last_write: Arc<Mutex<Option<MemoryStore>>>,
    dice: Dice,
    /// A planted fault: writes are acknowledged before they are durable.
    pub loses_last_write: bool,
    /// Milliseconds that a write takes, at most.
    pub slowest: u64,
}

/// A disk as one run of a program uses it.
#[derive(Clone)]
pub struct MountedDisk {
    disk: Disk,
    life: Life,
}

impl Disk {
    pub fn empty(dice: Dice) -> Self {
        let store = MemoryStore::default();
        let before_last_write = Arc::default();
        Self { store, before_last_write, dice, loses_last_write: false, slowest: 3 }
    }

    pub fn mount(&self, life: Life) -> MountedDisk {
        MountedDisk { disk: self.clone(), life }
    }

    /// What is stored.
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// The machine lost power.
    pub fn lose_power(&mut self) {
        let before = self.before_last_write.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = before.filter(|_| self.loses_last_write) {
            self.store = before;
        }
    }

    /// Sets it to what it was before.
    pub fn set_back(&mut self, before: &MemoryStore) {
        self.store = before.copy();
    }
}

impl MountedDisk {
    /// A write takes its time, and the program may be over before it begins.
    async fn before_write(&self) -> Result<(), StoreError> {
        self.pass_time().await?;
        if self.disk.loses_last_write {
            let mut last =
                self.disk.before_last_write.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some(self.disk.store.copy());
        }
        Ok(())
    }

    /// It may also be over by the end.
    async fn pass_time(&self) -> Result<(), StoreError> {
        let Disk { dice, slowest, .. } = &self.disk;
        let time = dice.millis(0, *slowest);
        tokio::time::sleep(time).await;
        self.alive()
    }

    fn alive(&self) -> Result<(), StoreError> {
        if self.life.is_over() {
            return Err(StoreError::Failed("the program was killed".into()));
        }
        Ok(())
    }
}

impl AccountStore for MountedDisk {
    async fn read(&self, account: AccountId) -> Result<Option<SiteAccount>, StoreError> {
        self.alive()?;
        self.disk.store.read(account).await
    }

    async fn update<T: Send + 'static>(
        &self,
        account: AccountId,
        step: impl FnOnce(Option<SiteAccount>) -> Step<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.before_write().await?;
        let written = self.disk.store.update(account, step).await;
        self.pass_time().await?;
        written
    }

    async fn knows(&self, tag: AccountTag) -> Result<bool, StoreError> {
        self.disk.store.knows(tag).await
    }

    async fn count_registrations(&self, evaluations: u64) -> Result<(), StoreError> {
        self.before_write().await?;
        let written = self.disk.store.count_registrations(evaluations).await;
        self.pass_time().await?;
        written
    }

    async fn count_repeats(&self, repeats: u64) -> Result<(), StoreError> {
        self.before_write().await?;
        let written = self.disk.store.count_repeats(repeats).await;
        self.pass_time().await?;
        written
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        self.disk.store.totals().await
    }

    async fn evaluated(&self, from: u64, limit: u32) -> Result<Vec<EvaluatedTry>, StoreError> {
        self.disk.store.evaluated(from, limit).await
    }

    async fn changed_since(&self, from: u64, limit: u32) -> Result<Changes, StoreError> {
        self.alive()?;
        self.disk.store.changed_since(from, limit).await
    }

    async fn due(&self, now: u64, limit: u32) -> Result<Vec<AccountId>, StoreError> {
        self.alive()?;
        self.disk.store.due(now, limit).await
    }

    async fn keep_vote_key(&self, certificate: VoteKeyCertificate) -> Result<(), StoreError> {
        self.before_write().await?;
        let written = self.disk.store.keep_vote_key(certificate).await;
        self.pass_time().await?;
        written
    }

    async fn vote_keys(
        &self,
        wanted: Vec<(SiteIndex, VoteKey)>,
    ) -> Result<Vec<VoteKeyCertificate>, StoreError> {
        self.disk.store.vote_keys(wanted).await
    }

    async fn vote_keys_of(
        &self,
        site: SiteIndex,
        from: u64,
        limit: u32,
    ) -> Result<Vec<VoteKeyCertificate>, StoreError> {
        self.disk.store.vote_keys_of(site, from, limit).await
    }

    async fn equivocations(&self) -> Result<Vec<Equivocation>, StoreError> {
        self.disk.store.equivocations().await
    }

    async fn peer_mark(&self, peer: SiteIndex) -> Result<u64, StoreError> {
        self.disk.store.peer_mark(peer).await
    }

    async fn set_peer_mark(&self, peer: SiteIndex, next: u64) -> Result<(), StoreError> {
        self.before_write().await?;
        let written = self.disk.store.set_peer_mark(peer, next).await;
        self.pass_time().await?;
        written
    }
}
