//! What a site keeps for itself, apart from consensus: its own count of guesses, its evaluations, its device's log.
//!
//! The count here holds whatever consensus says, so fewer than t bad sites cannot raise the limit.

mod assertions;

use crate::audit::{Head, Known, head_of};
use crate::database::{Database, Schema, StoreError, get, put};
use crate::hsm::LogEntry;
use fleet_evidence::device_log::LivingLog;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use vault_protocol::{AccountId, Point, TryId, Version};

const SCHEMA: Schema = Schema {
    file: "local.sqlite",
    version: 2,
    tables: "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE guesses (account BLOB, round INTEGER, version INTEGER, try_id BLOB, beta BLOB,
        PRIMARY KEY (account, round, version, try_id)) WITHOUT ROWID;
    CREATE TABLE registrations (key BLOB PRIMARY KEY, beta BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE assertions (account BLOB PRIMARY KEY, failed INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE device_log (sequence INTEGER PRIMARY KEY, entry BLOB NOT NULL);
    ",
};
/// Half of the time for which the fleet remembers it: what is answered from here can still be registered.
const REGISTRATION_MEMORY: u64 = vault_state::PENDING_LIFETIME / 2;
const OPRF_CALLS: &str = "oprf calls";
const OPRF_ENTRIES: &str = "oprf entries";
const REPEATS: &str = "repeats";
const ANCHOR: &str = "anchor";
const LIVING_LOG: &str = "living log";

/// A guess, as this site names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    pub account: AccountId,
    pub version: Version,
    pub try_id: TryId,
    /// The account's round as proven by receipts when this site applied them.
    pub round: u64,
}

/// Whether this site may evaluate a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It is counted and durable: the device may evaluate.
    Granted,
    /// It was evaluated before, with this result: k_i * alpha.
    Known(Point),
    /// This site has evaluated as many different guesses as it ever will in this round.
    LimitReached,
}

/// Numbers that audit counts are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Entries of the device's log that were persisted here.
    pub entries: u64,
    /// Of these, successful ECDHs with the oprf key.
    pub oprf_entries: u64,
    /// ECDHs with the oprf key that this server asked for, counted before each.
    pub oprf_calls: u64,
    /// Evaluations begun again because the first came to no end, and device calls repeated without knowing that.
    pub repeats: u64,
}

/// The site's own file. Clones share it.
#[derive(Clone)]
pub struct Local(Database);

impl Local {
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self(Database::open(dir, &SCHEMA)?))
    }

    /// Counts a guess before the device evaluates it. The same guess again counts nothing.
    pub async fn begin(&self, guess: Guess, limit: u8) -> Result<Permission, StoreError> {
        self.0.write(move |connection| begin(connection, &guess, limit)).await
    }

    /// Remembers a guess's result, so that a retry needs no device.
    pub async fn finish(&self, guess: Guess, beta: Point) -> Result<(), StoreError> {
        let update = move |c: &Connection| {
            let sql = "UPDATE guesses SET beta = ? WHERE account = ? AND round = ? AND version = ? AND try_id = ?";
            let Guess { account, version, try_id, round } = guess;
            c.execute(sql, params![&beta.0[..], &account.0[..], signed(round), version, &try_id.0[..]])?;
            Ok(())
        };
        self.0.write(update).await
    }

    /// Whether this site evaluated the guess.
    pub async fn evaluated(&self, guess: Guess) -> Result<bool, StoreError> {
        self.0.read(move |connection| Ok(matches!(find(connection, &guess)?, Some(Some(_))))).await
    }

    pub async fn registration(&self, key: [u8; 32], now: u64) -> Result<Option<Point>, StoreError> {
        let select = move |c: &Connection| {
            let sql = "SELECT beta FROM registrations WHERE key = ? AND at >= ?";
            let since = signed(now.saturating_sub(REGISTRATION_MEMORY));
            let beta: Option<Vec<u8>> = c.query_row(sql, params![&key[..], since], |row| row.get(0)).optional()?;
            beta.map(|b| point(&b)).transpose()
        };
        self.0.read(select).await
    }

    pub async fn remember_registration(&self, key: [u8; 32], beta: Point, now: u64) -> Result<(), StoreError> {
        let insert = move |c: &Connection| {
            c.execute("DELETE FROM registrations WHERE at < ?", [signed(now.saturating_sub(REGISTRATION_MEMORY))])?;
            let sql = "INSERT OR REPLACE INTO registrations (key, beta, at) VALUES (?, ?, ?)";
            c.execute(sql, params![&key[..], &beta.0[..], signed(now)])?;
            Ok(())
        };
        self.0.write(insert).await
    }

    /// Counts an ECDH with the oprf key; call before the device does it. Blocks.
    pub fn count_oprf_call(&self) -> Result<(), StoreError> {
        self.0.write_now(|connection| add(connection, OPRF_CALLS, 1))
    }

    /// Counts uses of the oprf key that the device's log may show without anything that the fleet committed.
    pub async fn count_repeats(&self, n: u64) -> Result<(), StoreError> {
        self.0.write(move |connection| add(connection, REPEATS, n)).await
    }

    /// As [`Self::count_repeats`]. Blocks.
    pub fn count_repeats_now(&self, n: u64) -> Result<(), StoreError> {
        self.0.write_now(|connection| add(connection, REPEATS, n))
    }

    pub async fn counters(&self) -> Result<Counters, StoreError> {
        self.0.read(counters).await
    }

    /// Where the device's log must go on from: its last entry kept here, or the ceremony's last.
    pub async fn log_head(&self) -> Result<Option<Head>, StoreError> {
        self.0.read(log_head).await
    }

    /// What the device's log must go on from, and what it showed up to there.
    pub async fn known_log(&self) -> Result<Known, StoreError> {
        let read = |c: &Connection| {
            let living = get(c, LIVING_LOG)?.unwrap_or_else(LivingLog::from_anywhere);
            Ok(Known { head: log_head(c)?, living })
        };
        self.0.read(read).await
    }

    /// Sets the ceremony's last entry, unless entries are kept already.
    pub async fn set_anchor(&self, anchor: Head) -> Result<(), StoreError> {
        let set = move |c: &Connection| match log_head(c)? {
            Some(_) => Ok(()),
            None => put(c, LIVING_LOG, &LivingLog::since_ceremony()).and_then(|()| put(c, ANCHOR, &anchor)),
        };
        self.0.write(set).await
    }

    /// Keeps entries and what the log shows with them, durable on return; only then may the device forget them.
    pub async fn keep_entries(
        &self,
        entries: Vec<LogEntry>,
        oprf_entries: u64,
        living: LivingLog,
    ) -> Result<(), StoreError> {
        let insert = move |c: &Connection| {
            let mut statement = c.prepare_cached("INSERT INTO device_log (entry) VALUES (?)")?;
            for entry in &entries {
                statement.execute([&entry.0[..]])?;
            }
            put(c, LIVING_LOG, &living)?;
            add(c, OPRF_ENTRIES, oprf_entries)
        };
        self.0.write(insert).await
    }

    /// Kept entries with sequence numbers from `from` (1-based), at most `limit`.
    pub async fn entries(&self, from: u64, limit: u32) -> Result<Vec<LogEntry>, StoreError> {
        let select = move |c: &Connection| {
            let sql = "SELECT entry FROM device_log WHERE sequence >= ? ORDER BY sequence LIMIT ?";
            let mut statement = c.prepare_cached(sql)?;
            let rows = statement.query_map(params![signed(from), limit], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| entry(&row?)).collect()
        };
        self.0.read(select).await
    }
}

fn begin(c: &Connection, guess: &Guess, limit: u8) -> Result<Permission, StoreError> {
    match find(c, guess)? {
        Some(Some(beta)) => return Ok(Permission::Known(beta)),
        Some(None) => {
            add(c, REPEATS, 1)?;
            return Ok(Permission::Granted);
        }
        None => {}
    }
    let Guess { account, version, try_id, round } = guess;
    // Rounds only grow by t receipts. A round above this one would mean that consensus went back: count it too.
    let sql = "SELECT count(*) FROM guesses WHERE account = ? AND round >= ?";
    let evaluated: i64 = c.query_row(sql, params![&account.0[..], signed(*round)], |row| row.get(0))?;
    if evaluated >= i64::from(limit) {
        return Ok(Permission::LimitReached);
    }
    // The last confirmed try may still be asked for, so the round before is kept.
    let before = round.saturating_sub(1);
    c.execute("DELETE FROM guesses WHERE account = ? AND round < ?", params![&account.0[..], signed(before)])?;
    let sql = "INSERT INTO guesses (account, round, version, try_id) VALUES (?, ?, ?, ?)";
    c.execute(sql, params![&account.0[..], signed(*round), version, &try_id.0[..]])?;
    Ok(Permission::Granted)
}

fn find(c: &Connection, guess: &Guess) -> Result<Option<Option<Point>>, StoreError> {
    let sql = "SELECT beta FROM guesses WHERE account = ? AND round = ? AND version = ? AND try_id = ?";
    let Guess { account, version, try_id, round } = guess;
    let key = params![&account.0[..], signed(*round), version, &try_id.0[..]];
    let row: Option<Option<Vec<u8>>> = c.query_row(sql, key, |row| row.get(0)).optional()?;
    row.map(|beta| beta.map(|b| point(&b)).transpose()).transpose()
}

fn counters(c: &Connection) -> Result<Counters, StoreError> {
    let read = |key| Ok::<u64, StoreError>(get(c, key)?.unwrap_or_default());
    let entries: i64 = c.query_row("SELECT count(*) FROM device_log", [], |row| row.get(0))?;
    Ok(Counters {
        entries: entries.unsigned_abs(),
        oprf_entries: read(OPRF_ENTRIES)?,
        oprf_calls: read(OPRF_CALLS)?,
        repeats: read(REPEATS)?,
    })
}

fn log_head(c: &Connection) -> Result<Option<Head>, StoreError> {
    let sql = "SELECT entry FROM device_log ORDER BY sequence DESC LIMIT 1";
    let last: Option<Vec<u8>> = c.query_row(sql, [], |row| row.get(0)).optional()?;
    match last {
        Some(bytes) => Ok(Some(head_of(&entry(&bytes)?))),
        None => get(c, ANCHOR),
    }
}

fn add(c: &Connection, key: &str, n: u64) -> Result<(), StoreError> {
    let before: u64 = get(c, key)?.unwrap_or_default();
    put(c, key, &before.saturating_add(n))
}

fn entry(bytes: &[u8]) -> Result<LogEntry, StoreError> {
    bytes.try_into().map(LogEntry).map_err(|_| StoreError::Corrupt("log entry".into()))
}

fn point(bytes: &[u8]) -> Result<Point, StoreError> {
    Point::from_slice(bytes).ok_or_else(|| StoreError::Corrupt("point".into()))
}

/// SQLite integers are signed; none of these numbers gets near 2^63.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
