//! A SQLite file and how it is called from async code.
//!
//! `synchronous = FULL`: what a write has returned for is on disk.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use vault_state::Untrusted;

/// The tables of one file. `version` is bumped when they change; an unknown file is refused, never rewritten.
pub struct Schema {
    pub file: &'static str,
    pub version: i64,
    pub tables: &'static str,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("the file is of schema {found}, this program knows {known}")]
    Schema { found: i64, known: i64 },
    #[error("the snapshot of another site is not to be trusted: {0}")]
    Untrusted(#[from] Untrusted),
    #[error("a storage task was stopped")]
    Stopped,
}

/// One open file. Clones share it.
#[derive(Clone)]
pub struct Database {
    writer: Arc<Mutex<Connection>>,
    /// Sees the last commit; never waits for the writer.
    reader: Arc<Mutex<Connection>>,
    dir: Arc<PathBuf>,
}

impl Database {
    /// Opens or creates the file in `dir`.
    pub fn open(dir: &Path, schema: &Schema) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)?;
        let writer = connect(dir, schema)?;
        prepare(&writer, schema)?;
        let reader = connect(dir, schema)?;
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

    /// As [`Self::write`], on this thread.
    pub fn write_now<T>(&self, step: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.writer.lock().map_err(|_| StoreError::Stopped)?;
        in_transaction(&mut connection, step)
    }

    /// Runs `step` in one transaction, kept only if it succeeds; durable on return.
    pub async fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        run(&self.writer, move |connection| in_transaction(connection, step)).await
    }

    /// Runs `step` on one consistent view.
    pub async fn read<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        run(&self.reader, move |connection| step(&*connection.transaction()?)).await
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    step: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction()?;
    let value = step(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

async fn run<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    step: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let connection = connection.clone();
    let task = move || step(&mut *connection.lock().map_err(|_| StoreError::Stopped)?);
    tokio::task::spawn_blocking(task).await.map_err(|_| StoreError::Stopped)?
}

fn connect(dir: &Path, schema: &Schema) -> Result<Connection, StoreError> {
    let connection = Connection::open(dir.join(schema.file))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is destroyed is overwritten, not only forgotten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

fn prepare(connection: &Connection, schema: &Schema) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let Schema { version, tables, .. } = schema;
    match found {
        known if known == *version => Ok(()),
        0 => Ok(connection.execute_batch(&format!("BEGIN; {tables} PRAGMA user_version = {version}; COMMIT;"))?),
        found => Err(StoreError::Schema { found, known: *version }),
    }
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(crate) fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?")?;
    let value: Option<Vec<u8>> = statement.query_row([key], |row| row.get(0)).optional()?;
    value.map(|bytes| decode(&bytes)).transpose()
}

pub(crate) fn put<T: Serialize>(connection: &Connection, key: &str, value: &T) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")?;
    statement.execute(params![key, encode(value)?])?;
    Ok(())
}
