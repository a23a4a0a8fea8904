//! Entries of the device's own log, in the same file as the accounts: a disk that is set back is
//! set back as a whole, and the device's log then goes on from another entry than the one stored
//! here.

use super::store::SqliteStore;
use super::{chain, signed};
use crate::accounts::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

const OPRF_ENTRIES: &str = "oprf entries";
const ANCHOR: &str = "log anchor";
const NOTE: &str = "log note";

/// What is stored of a device's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogEntries {
    /// How many.
    pub entries: u64,
    /// Of these, successful ECDHs with the oprf key.
    pub oprf_entries: u64,
    /// The last one; none before the first was read.
    pub last: Option<[u8; 32]>,
}

impl SqliteStore {
    /// Stores entries, and what whoever reads them notes of all so far; durable on return. Only
    /// then may the device forget them.
    pub async fn keep_log(
        &self,
        entries: Vec<[u8; 32]>,
        oprf_entries: u64,
        note: Vec<u8>,
    ) -> Result<(), StoreError> {
        let keep = move |c: &Connection| {
            let mut insert = c.prepare_cached("INSERT INTO device_log (entry) VALUES (?)")?;
            for entry in &entries {
                insert.execute([&entry[..]])?;
            }
            let sql = "INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)";
            c.prepare_cached(sql)?.execute(params![NOTE, note])?;
            chain::count(c, OPRF_ENTRIES, oprf_entries)
        };
        self.write(keep).await
    }

    /// What was noted with the last entries.
    pub async fn log_note(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_with(|c| note(c, NOTE)).await
    }

    /// What is stored of the device's log.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn log(&self) -> Result<LogEntries, StoreError> {
        self.read_with(log).await
    }

    /// Entries from `from` on (1 is the first), at most `limit`.
    pub async fn log_entries(&self, from: u64, limit: u32) -> Result<Vec<[u8; 32]>, StoreError> {
        let select = move |c: &Connection| {
            let sql = "SELECT entry FROM device_log WHERE number >= ? ORDER BY number LIMIT ?";
            let mut select = c.prepare_cached(sql)?;
            let rows = select.query_map(params![signed(from), limit], |row| row.get(0))?;
            rows.map(|bytes| entry(bytes?)).collect()
        };
        self.read_with(select).await
    }

    /// The entry that the first one here has to follow: the ceremony's last. Set once.
    pub async fn set_log_anchor(&self, anchor: Vec<u8>) -> Result<(), StoreError> {
        let set = move |c: &Connection| {
            let sql = "INSERT OR IGNORE INTO notes (name, value) VALUES (?, ?)";
            c.prepare_cached(sql)?.execute(params![ANCHOR, anchor])?;
            Ok(())
        };
        self.write(set).await
    }

    /// What was set by [`Self::set_log_anchor`].
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn log_anchor(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_with(|c| note(c, ANCHOR)).await
    }
}

fn note(c: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = c.prepare_cached("SELECT value FROM notes WHERE name = ?")?;
    Ok(select.query_row([name], |row| row.get(0)).optional()?)
}

fn log(c: &Connection) -> Result<LogEntries, StoreError> {
    let sql = "SELECT number, entry FROM device_log ORDER BY number DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
    let last = c.prepare_cached(sql)?.query_row([], row).optional()?;
    let oprf_entries = chain::counter(c, OPRF_ENTRIES)?;
    let Some((entries, last)) = last else { return Ok(LogEntries::default()) };
    Ok(LogEntries { entries: super::unsigned(entries), oprf_entries, last: Some(entry(last)?) })
}

fn entry(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("an entry of the device's log".into()))
}
