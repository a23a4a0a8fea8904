//! Accounts in one SQLite file.
//!
//! One thread writes: steps that wait for it share a transaction, each in a savepoint of its own,
//! and are answered when that is on disk (`synchronous = FULL`). Readers see the last commit and
//! never wait for the writer. Only what changed of an account is written: its record hardly ever
//! does, its progress with every vote.

mod account;
mod chain;
mod changes;
mod checkpoints;
mod device_log;
mod readers;
mod rows;
mod schema;
mod statements;
mod store;
mod timers;
mod vote_keys;
mod writer;

pub use device_log::LogEntries;
pub use store::SqliteStore;

use super::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Corrupt(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<postcard::Error> for StoreError {
    fn from(error: postcard::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// SQLite's integers are signed; none of these numbers gets near 2^63.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(n: i64) -> u64 {
    n.unsigned_abs()
}
