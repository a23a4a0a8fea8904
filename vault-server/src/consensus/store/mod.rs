//! Vote, log, state machine and snapshot of one site in one SQLite file.
//!
//! One writing connection with `synchronous = FULL`: what a call has returned for is on disk. Any storage error goes up
//! to openraft, which stops; the node then exits (module `node`), because a site whose disk fails must not vote.

mod accounts;
mod log;
mod machine;
mod snapshot;

pub use log::LogStore;
pub use machine::{SnapshotBuilder, StateMachine};

use crate::database::{Database, Schema, StoreError};
use openraft::{AnyError, ErrorSubject, ErrorVerb, StorageError, StorageIOError};
use std::path::Path;
use vault_protocol::{AccountId, SiteIndex};
use vault_state::{Account, FleetKeys, Pending, Totals};

const SCHEMA: Schema = Schema {
    file: "consensus.sqlite",
    version: 3,
    tables: "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE log (position INTEGER PRIMARY KEY, entry BLOB NOT NULL);
    CREATE TABLE accounts (id BLOB PRIMARY KEY, body BLOB NOT NULL, exhausted_at INTEGER) WITHOUT ROWID;
    CREATE INDEX exhausted ON accounts (exhausted_at) WHERE exhausted_at IS NOT NULL;
    ",
};

/// Opens the store in `dir`, creating it if needed.
///
/// # Errors
/// If the directory cannot be written or the file is not this version's.
pub fn open(dir: &Path, keys: FleetKeys) -> Result<(LogStore, StateMachine, Reader), StoreError> {
    let database = Database::open(dir, &SCHEMA)?;
    let machine = StateMachine::new(database.clone(), keys);
    Ok((LogStore::new(database.clone()), machine, Reader(database)))
}

/// Reads what this site has applied; it may lag behind the fleet.
#[derive(Clone)]
pub struct Reader(Database);

impl Reader {
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.0.read(move |connection| accounts::load(connection, &id)).await
    }

    /// What a registration of this account is decided by.
    pub async fn before_registration(&self, id: AccountId) -> Result<(Option<Account>, Pending), StoreError> {
        self.0.read(move |c| Ok((accounts::load(c, &id)?, accounts::load_pending(c)?))).await
    }

    pub async fn totals(&self) -> Result<Totals, StoreError> {
        self.0.read(accounts::load_totals).await
    }

    /// Whether some account has spent its last try and still has its boxes.
    pub async fn any_exhausted(&self, at: u64) -> Result<bool, StoreError> {
        self.0.read(move |connection| Ok(!accounts::exhausted(connection, at)?.is_empty())).await
    }

    /// Registration evaluations that the fleet recorded for `site`.
    pub async fn registration_evaluations(&self, site: SiteIndex) -> Result<u64, StoreError> {
        Ok(self.totals().await?.registration_evaluations.get(&site).copied().unwrap_or(0))
    }
}

fn storage_error(verb: ErrorVerb, error: StoreError) -> StorageError<u64> {
    tracing::error!(%error, "the consensus store failed");
    StorageIOError::new(ErrorSubject::Store, verb, AnyError::new(&error)).into()
}

fn reading(error: StoreError) -> StorageError<u64> {
    storage_error(ErrorVerb::Read, error)
}

fn writing(error: StoreError) -> StorageError<u64> {
    storage_error(ErrorVerb::Write, error)
}
