//! The file as it is opened, and steps that fail.

use crate::samples::*;
use vault_protocol::AccountTag;
use vault_server::accounts::{AccountStore, SqliteStore, Step, StoreError, Write};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_schema_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(dir.path()).unwrap());
    let file = dir.path().join(SqliteStore::FILE);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 77).unwrap();
    connection.close().unwrap();
    let before = std::fs::read(&file).unwrap();
    let refused = SqliteStore::open(dir.path()).err().unwrap().to_string();
    assert!(refused.contains("schema 77"), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_takes_nobody_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    put(&store, registered(1)).await.unwrap();
    let panics = store.update(id(1), |_| -> Step<()> { panic!("on purpose") });
    let fine = put(&store, registered(3));
    let (panicked, stored) = tokio::join!(panics, fine);
    assert!(matches!(panicked, Err(StoreError::Failed(_))), "{panicked:?}");
    stored.unwrap();
    assert_eq!(store.read(id(1)).await.unwrap(), Some(registered(1)));
    assert_eq!(store.read(id(3)).await.unwrap(), Some(registered(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_without_the_certificate_of_its_vote_key_is_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let write = Write { account: Some(registered(1)), ..Write::default() };
    let refused = put_with(&store, id(1), write).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert_eq!(store.read(id(1)).await.unwrap(), None);
    assert!(!store.knows(AccountTag::of(&id(1))).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    put(&store, registered(1)).await.unwrap();
    let file = dir.path().join(SqliteStore::FILE);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute("UPDATE progress SET body = x'ff'", []).unwrap();
    let read = store.read(id(1)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    connection.execute("DELETE FROM progress", []).unwrap();
    let read = store.read(id(1)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_enrolled_takes_less_than_1600_bytes() {
    const ACCOUNTS: u32 = 600;
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    // Twenty people at once share a transaction.
    for people in (0..ACCOUNTS).collect::<Vec<_>>().chunks(20) {
        futures::future::join_all(people.iter().map(|n| enrol(&store, *n))).await;
    }
    store.close().await;
    let size = std::fs::metadata(dir.path().join(SqliteStore::FILE)).unwrap().len();
    assert!(size < 1600 * u64::from(ACCOUNTS), "{size}");
}

async fn enrol(store: &SqliteStore, n: u32) {
    let first = registered_for(n);
    let tried = voted(&first, 1, &[1, 2, 3, 4, 5]);
    let done = confirmed(&tried, 0);
    for step in [first.clone(), tried, done] {
        store.update(first.facts.account(), move |_| Step::write((), write(step))).await.unwrap();
    }
}
