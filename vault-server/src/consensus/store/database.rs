//! The SQLite file and how it is called from async code.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use vault_state::Untrusted;

const FILE: &str = "consensus.sqlite";
/// Bumped when the tables change; an unknown file is refused, never rewritten.
const SCHEMA: i64 = 1;
const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE log (position INTEGER PRIMARY KEY, entry BLOB NOT NULL);
    CREATE TABLE accounts (id BLOB PRIMARY KEY, body BLOB NOT NULL, exhausted_at INTEGER) WITHOUT ROWID;
    CREATE INDEX exhausted ON accounts (exhausted_at) WHERE exhausted_at IS NOT NULL;
";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("the store is of schema {found}, this program writes {SCHEMA}")]
    Schema { found: i64 },
    #[error("the snapshot of another site is not to be trusted: {0}")]
    Untrusted(#[from] Untrusted),
    #[error("a storage task was stopped")]
    Stopped,
}

/// The file of one site. Clones share it.
#[derive(Clone)]
pub struct Database {
    writer: Arc<Mutex<Connection>>,
    /// Sees the last commit; never waits for the writer.
    reader: Arc<Mutex<Connection>>,
    dir: Arc<PathBuf>,
}

impl Database {
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)?;
        let writer = connect(dir)?;
        prepare(&writer)?;
        let reader = connect(dir)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            reader: Arc::new(Mutex::new(reader)),
            dir: Arc::new(dir.to_owned()),
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Runs `step` in one transaction, kept only if it succeeds; durable on return.
    pub async fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        run(&self.writer, move |connection| {
            let transaction = connection.transaction()?;
            let value = step(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
        .await
    }

    /// Runs `step` on one consistent view.
    pub async fn read<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        run(&self.reader, move |connection| step(&*connection.transaction()?)).await
    }
}

async fn run<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    step: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let connection = connection.clone();
    let task = move || step(&mut *connection.lock().map_err(|_| StoreError::Stopped)?);
    tokio::task::spawn_blocking(task).await.map_err(|_| StoreError::Stopped)?
}

fn connect(dir: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(dir.join(FILE))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found {
        SCHEMA => Ok(()),
        0 => {
            connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;"))?;
            Ok(())
        }
        found => Err(StoreError::Schema { found }),
    }
}

pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(super) fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?")?;
    let value: Option<Vec<u8>> = statement.query_row([key], |row| row.get(0)).optional()?;
    value.map(|bytes| decode(&bytes)).transpose()
}

pub(super) fn put<T: Serialize>(connection: &Connection, key: &str, value: &T) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")?;
    statement.execute(params![key, encode(value)?])?;
    Ok(())
}
