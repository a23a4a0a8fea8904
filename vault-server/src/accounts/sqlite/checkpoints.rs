//! Counts that the site signed once a day.

use super::signed;
use super::store::SqliteStore;
use crate::accounts::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

impl SqliteStore {
    /// Stores counts as they were signed.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn add_checkpoint(&self, body: Vec<u8>) -> Result<(), StoreError> {
        let add = move |c: &Connection| {
            c.prepare_cached("INSERT INTO checkpoints (body) VALUES (?)")?.execute([body])?;
            Ok(())
        };
        self.write(add).await
    }

    /// Checkpoints from `from` on (1 is the first), at most `limit`.
    pub async fn checkpoints(&self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let select = move |c: &Connection| {
            let sql = "SELECT body FROM checkpoints WHERE number >= ? ORDER BY number LIMIT ?";
            let mut select = c.prepare_cached(sql)?;
            let rows = select.query_map(params![signed(from), limit], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.read_with(select).await
    }

    /// The newest, if there is one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn last_checkpoint(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let select = |c: &Connection| {
            let sql = "SELECT body FROM checkpoints ORDER BY number DESC LIMIT 1";
            Ok(c.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
        };
        self.read_with(select).await
    }
}
