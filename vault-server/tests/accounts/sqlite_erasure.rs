//! What is destroyed is nowhere in the folder any more.

use crate::samples::*;
use std::path::Path;
use std::time::Duration;
use vault_protocol::box_of;
use vault_server::accounts::{SqliteStore, Write};

fn is_anywhere(dir: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().any(|file| {
        let contents = std::fs::read(file).unwrap();
        contents.windows(bytes.len()).any(|window| window == bytes)
    })
}

async fn until_gone(dir: &Path, bytes: &[u8]) {
    while is_anywhere(dir, bytes) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boxes_of_destroyed_replaced_removed_and_forgotten_accounts_are_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let sealed = registered(1).facts.sealed().unwrap().clone();
    let secret = box_of(&sealed.boxes, vault_protocol::SiteIndex(3), 7).unwrap().0.clone();
    let endings =
        [write(destroyed(&registered(1))), write(removed(&registered(1))), Write::default()];
    for ending in endings {
        put(&store, registered(1)).await.unwrap();
        assert!(is_anywhere(dir.path(), &secret));
        put_with(&store, id(1), ending).await.unwrap();
        until_gone(dir.path(), &secret).await;
        put_with(&store, id(1), Write::default()).await.unwrap();
    }
}
