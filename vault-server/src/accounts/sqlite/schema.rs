//! The tables of the file, and how it is opened.

use crate::accounts::StoreError;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

pub(super) const FILE: &str = "site.sqlite";

/// Bumped when the tables change; an unknown file is refused, never rewritten.
const VERSION: i64 = 2;

/// A page holds a record of five boxes, a round's votes, or three accounts' progress: a step
/// rewrites whole pages, so that larger ones would cost more for each.
const PAGE_SIZE: i64 = 1024;
/// Pages of the write-ahead log before it is copied into the file: 8 MiB. A page that several steps
/// wrote is copied once.
const CHECKPOINT: i64 = 8000;

const TABLES: &str = "
-- What an owner signed: written once for each version of a code.
CREATE TABLE records (id INTEGER PRIMARY KEY, tag BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX records_by_tag ON records (tag);
-- Only of accounts that have a roster.
CREATE TABLE passkeys (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
-- What stays of an account from one round to the next.
CREATE TABLE progress (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
-- Only of accounts with tries in their present round: apart, or each page of progress would keep the room for them.
CREATE TABLE rounds (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
-- Of each account its last change that concerns other sites.
CREATE TABLE changes (number INTEGER PRIMARY KEY, account BLOB NOT NULL);
CREATE TABLE timers (at INTEGER, account BLOB, PRIMARY KEY (at, account)) WITHOUT ROWID;
-- Statements elsewhere name their vote key by its id here.
CREATE TABLE vote_keys (id INTEGER PRIMARY KEY, site INTEGER NOT NULL, key BLOB NOT NULL,
    certificate BLOB NOT NULL, UNIQUE (site, key));
CREATE TABLE evaluated (number INTEGER PRIMARY KEY, body BLOB NOT NULL, head BLOB NOT NULL);
CREATE TABLE equivocations (id INTEGER PRIMARY KEY, site INTEGER NOT NULL, proof BLOB NOT NULL UNIQUE);
CREATE TABLE marks (peer INTEGER PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE device_log (number INTEGER PRIMARY KEY, entry BLOB NOT NULL);
CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE checkpoints (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
";

/// Opens the file to write, and makes it if it is not there.
pub(super) fn open_writer(dir: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(dir.join(FILE))?;
    // Before the first table: the page size is the file's for ever.
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    prepare(&connection)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    create(&connection)?;
    Ok(connection)
}

/// Opens the file to read the last commit.
pub(super) fn open_reader(dir: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(dir.join(FILE))?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is destroyed is overwritten, not only forgotten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn create(connection: &Connection) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found {
        VERSION => Ok(()),
        0 => Ok(connection
            .execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?),
        found => Err(StoreError::Corrupt(format!(
            "{FILE} is of schema {found}; this program knows {VERSION}"
        ))),
    }
}
