//! Vote and log.

use super::{reading, writing};
use crate::consensus::Vault;
use crate::database::{Database, StoreError};
use crate::database::{decode, encode, get, put};
use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{Entry, LogId, LogState, OptionalSend, RaftLogId, RaftLogReader, StorageError, Vote};
use rusqlite::{Connection, OptionalExtension, params};
use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};

const VOTE: &str = "vote";
const PURGED: &str = "purged";

/// openraft's log storage over [`Database`].
#[derive(Clone)]
pub struct LogStore(Database);

impl LogStore {
    pub(super) fn new(database: Database) -> Self {
        Self(database)
    }
}

impl RaftLogReader<Vault> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry<Vault>>, StorageError<u64>> {
        let (from, until) = half_open(&range);
        self.0.read(move |connection| entries(connection, from, until)).await.map_err(reading)
    }
}

impl RaftLogStorage<Vault> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Vault>, StorageError<u64>> {
        self.0.read(log_state).await.map_err(reading)
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<u64>) -> Result<(), StorageError<u64>> {
        let vote = *vote;
        self.0.write(move |connection| put(connection, VOTE, &vote)).await.map_err(writing)
    }

    async fn read_vote(&mut self) -> Result<Option<Vote<u64>>, StorageError<u64>> {
        self.0.read(|connection| get(connection, VOTE)).await.map_err(reading)
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<Vault>) -> Result<(), StorageError<u64>>
    where
        I: IntoIterator<Item = Entry<Vault>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<_> = entries.into_iter().collect();
        self.0.write(move |connection| insert(connection, &entries)).await.map_err(writing)?;
        callback.log_io_completed(Ok(()));
        Ok(())
    }

    async fn truncate(&mut self, log_id: LogId<u64>) -> Result<(), StorageError<u64>> {
        let delete = move |connection: &Connection| {
            connection.execute("DELETE FROM log WHERE position >= ?", [signed(log_id.index)])?;
            Ok(())
        };
        self.0.write(delete).await.map_err(writing)
    }

    async fn purge(&mut self, log_id: LogId<u64>) -> Result<(), StorageError<u64>> {
        let delete = move |connection: &Connection| {
            put(connection, PURGED, &log_id)?;
            connection.execute("DELETE FROM log WHERE position <= ?", [signed(log_id.index)])?;
            Ok(())
        };
        self.0.write(delete).await.map_err(writing)
    }
}

fn log_state(connection: &Connection) -> Result<LogState<Vault>, StoreError> {
    let purged: Option<LogId<u64>> = get(connection, PURGED)?;
    let last: Option<Vec<u8>> = connection
        .query_row("SELECT entry FROM log ORDER BY position DESC LIMIT 1", [], |row| row.get(0))
        .optional()?;
    let last: Option<Entry<Vault>> = last.map(|bytes| decode(&bytes)).transpose()?;
    Ok(LogState { last_purged_log_id: purged, last_log_id: last.map(|e| *e.get_log_id()).or(purged) })
}

fn entries(connection: &Connection, from: u64, until: u64) -> Result<Vec<Entry<Vault>>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT entry FROM log WHERE position >= ? AND position < ? ORDER BY position")?;
    let rows = statement.query_map(params![signed(from), signed(until)], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| decode(&row?)).collect()
}

fn insert(connection: &Connection, entries: &[Entry<Vault>]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO log (position, entry) VALUES (?, ?)")?;
    for entry in entries {
        statement.execute(params![signed(entry.get_log_id().index), encode(entry)?])?;
    }
    Ok(())
}

fn half_open(range: &impl RangeBounds<u64>) -> (u64, u64) {
    let from = match range.start_bound() {
        Bound::Included(n) => *n,
        Bound::Excluded(n) => n.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let until = match range.end_bound() {
        Bound::Included(n) => n.saturating_add(1),
        Bound::Excluded(n) => *n,
        Bound::Unbounded => u64::MAX,
    };
    (from, until)
}

/// SQLite integers are signed; a log never gets near 2^63 entries.
fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
