//! The store as a whole.

use super::readers::Readers;
use super::writer::{Noted, Writer};
use super::{account, chain, changes, schema, signed, timers, unsigned, vote_keys};
use crate::accounts::{AccountStore, Changes, Step, StoreError, Totals};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use vault_protocol::{
    AccountId, AccountTag, Equivocation, EvaluatedTry, SiteIndex, VoteKey, VoteKeyCertificate,
};
use vault_state::SiteAccount;

/// One site's accounts in one SQLite file. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
}

impl SqliteStore {
    /// Name of the file in its folder. Beside it are SQLite's own: `-wal` and `-shm`.
    pub const FILE: &str = schema::FILE;

    /// Opens the file in `dir`, or makes it.
    ///
    /// # Errors
    /// The disk's; a file of another schema.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let writer = Writer::start(schema::open_writer(dir)?)?;
        Ok(Self { writer, readers: Readers::of(dir) })
    }

    /// Finishes what is under way and closes the file, whoever still has a clone.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }

    /// Why the last write failed; none if it did not.
    pub fn failure(&self) -> Option<String> {
        self.writer.failure()
    }

    /// Writes something of no meaning, to find out whether writes are taken again.
    pub async fn try_to_write(&self) {
        let note = |c: &Connection| {
            let sql =
                "INSERT OR REPLACE INTO notes (name, value) VALUES ('written', randomblob(8))";
            c.prepare_cached(sql)?.execute([])?;
            Ok(())
        };
        // What came of it is told by `failure`.
        let _ = self.write(note).await;
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(move |c, _| step(c)).await
    }

    pub(super) async fn read_with<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(step).await
    }
}

impl AccountStore for SqliteStore {
    async fn read(&self, id: AccountId) -> Result<Option<SiteAccount>, StoreError> {
        let read = move |c: &Connection| Ok(account::read(c, &id)?.map(|stored| stored.account));
        self.read_with(read).await
    }

    async fn update<T: Send + 'static>(
        &self,
        id: AccountId,
        step: impl FnOnce(Option<SiteAccount>) -> Step<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let update = move |c: &Connection, noted: &mut Noted| {
            let before = account::read(c, &id)?;
            let Step { answer, write } = step(before.as_ref().map(|stored| stored.account.clone()));
            if let Some(write) = write {
                noted.erased |= account::apply(c, id, before, write)?;
            }
            Ok(answer)
        };
        self.writer.write(update).await
    }

    async fn knows(&self, tag: AccountTag) -> Result<bool, StoreError> {
        self.read_with(move |c| account::knows(c, &tag)).await
    }

    async fn count_registrations(&self, evaluations: u64) -> Result<(), StoreError> {
        self.write(move |c| chain::count(c, chain::REGISTRATIONS, evaluations)).await
    }

    async fn count_repeats(&self, repeats: u64) -> Result<(), StoreError> {
        self.write(move |c| chain::count(c, chain::REPEATS, repeats)).await
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        self.read_with(chain::totals).await
    }

    async fn evaluated(&self, from: u64, limit: u32) -> Result<Vec<EvaluatedTry>, StoreError> {
        self.read_with(move |c| chain::entries(c, from, limit)).await
    }

    async fn changed_since(&self, from: u64, limit: u32) -> Result<Changes, StoreError> {
        self.read_with(move |c| changes::since(c, from, limit)).await
    }

    async fn due(&self, now: u64, limit: u32) -> Result<Vec<AccountId>, StoreError> {
        self.read_with(move |c| timers::due(c, now, limit)).await
    }

    async fn keep_vote_key(&self, certificate: VoteKeyCertificate) -> Result<(), StoreError> {
        self.write(move |c| vote_keys::keep(c, &certificate)).await
    }

    async fn vote_keys(
        &self,
        wanted: Vec<(SiteIndex, VoteKey)>,
    ) -> Result<Vec<VoteKeyCertificate>, StoreError> {
        let find = move |c: &Connection| {
            let found = wanted.iter().map(|(site, key)| vote_keys::certificate(c, *site, key));
            found.filter_map(Result::transpose).collect()
        };
        self.read_with(find).await
    }

    async fn vote_keys_of(
        &self,
        site: SiteIndex,
        from: u64,
        limit: u32,
    ) -> Result<Vec<VoteKeyCertificate>, StoreError> {
        self.read_with(move |c| vote_keys::of_site(c, site, from, limit)).await
    }

    async fn equivocations(&self) -> Result<Vec<Equivocation>, StoreError> {
        self.read_with(vote_keys::equivocations).await
    }

    async fn peer_mark(&self, peer: SiteIndex) -> Result<u64, StoreError> {
        let select = move |c: &Connection| {
            let mut select = c.prepare_cached("SELECT next FROM marks WHERE peer = ?")?;
            let next: Option<i64> = select.query_row([peer.0], |row| row.get(0)).optional()?;
            Ok(next.map_or(1, unsigned))
        };
        self.read_with(select).await
    }

    async fn set_peer_mark(&self, peer: SiteIndex, next: u64) -> Result<(), StoreError> {
        let set = move |c: &Connection| {
            let sql = "INSERT OR REPLACE INTO marks (peer, next) VALUES (?, ?)";
            c.prepare_cached(sql)?.execute(params![peer.0, signed(next)])?;
            Ok(())
        };
        self.write(set).await
    }
}
