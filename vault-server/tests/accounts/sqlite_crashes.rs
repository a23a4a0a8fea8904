//! The machine stops at any moment of a write.
//!
//! SQLite appends to its write-ahead log and, at times, copies it into the file. A crash therefore
//! leaves the file as it was with some beginning of the log, the last part of it perhaps never
//! written, or the file with some of the pages copied and the whole log. Each is made from the
//! files of a run, and opened.

use crate::samples::*;
use std::path::{Path, PathBuf};
use vault_server::accounts::{AccountStore, SqliteStore};
use vault_state::SiteAccount;

/// What was acknowledged when the log was so long.
struct Acknowledged {
    log: u64,
    account: SiteAccount,
}

fn log_of(dir: &Path) -> PathBuf {
    dir.join(format!("{}-wal", SqliteStore::FILE))
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn history() -> Vec<SiteAccount> {
    let first = registered(1);
    let tried = voted(&first, 1, &[1, 2, 3]);
    let again = voted(&tried, 2, &[1, 2, 3]);
    let done = confirmed(&again, 0);
    vec![first, tried, again, done.clone(), replaced(&with_passkeys(&done, 2), 2)]
}

/// Opens a copy of the files as they were left; the account in it.
async fn found(file: &[u8], log: &[u8]) -> Option<SiteAccount> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(SqliteStore::FILE), file).unwrap();
    std::fs::write(log_of(dir.path()), log).unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let account = store.read(id(1)).await.unwrap();
    // And it goes on from there.
    put(&store, registered(2)).await.unwrap();
    assert_eq!(store.read(id(1)).await.unwrap(), account);
    account
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_length_of_the_log_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let mut acknowledged = vec![];
    for account in history() {
        put(&store, account.clone()).await.unwrap();
        acknowledged.push(Acknowledged { log: length(&log_of(dir.path())), account });
    }
    let file = std::fs::read(dir.path().join(SqliteStore::FILE)).unwrap();
    let log = std::fs::read(log_of(dir.path())).unwrap();
    let made = log.len() as u64 - acknowledged.last().map_or(0, |last| last.log);
    assert_eq!(made, 0, "the last acknowledged step is in the log");
    let first = acknowledged[0].log;
    let mut seen = std::collections::BTreeSet::new();
    // Every 211 bytes: some fall into each frame's header and body.
    for cut in (first..=log.len() as u64).step_by(211).chain(acknowledged.iter().map(|a| a.log)) {
        let before = acknowledged.iter().rposition(|a| a.log <= cut).unwrap();
        let mut torn = log.clone();
        torn.truncate(cut as usize);
        let truncated = found(&file, &torn).await;
        // The rest may also be there, but as zeros: space that was given and never written.
        torn.resize(log.len(), 0);
        let zeroed = found(&file, &torn).await;
        for account in [truncated, zeroed] {
            assert_eq!(account.as_ref(), Some(&acknowledged[before].account), "cut at {cut}");
        }
        seen.insert(before);
    }
    assert_eq!(seen.len(), history().len(), "every step was crashed into");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_the_log_is_copied_into_the_file_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(SqliteStore::FILE);
    let store = SqliteStore::open(dir.path()).unwrap();
    for account in history() {
        put(&store, account).await.unwrap();
    }
    let before = std::fs::read(&path).unwrap();
    let log = std::fs::read(log_of(dir.path())).unwrap();
    // Copied, but the log is not cut: as if the machine stopped in between.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    let after = std::fs::read(&path).unwrap();
    assert_ne!(before, after);
    const PAGE: usize = 2048;
    let pages = after.len() / PAGE;
    for copied in 0..=pages {
        // Pages are copied in their order; the one at the edge perhaps in part.
        for within in [0, PAGE / 2] {
            let at = (copied * PAGE + within).min(after.len());
            let mut file = after[..at].to_vec();
            file.extend_from_slice(before.get(at..).unwrap_or_default());
            assert_eq!(
                found(&file, &log).await,
                history().pop(),
                "{copied} pages and {within} bytes"
            );
        }
    }
}
