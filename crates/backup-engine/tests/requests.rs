//! How often a place is asked, where each request takes its time.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::ListSink;
use backup_engine::{
    Distance, MemoryStore, RememberingStore, Repository, RestoreOptions, Store, StoreEntry,
    StoreError, Unobserved,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use support::*;

/// A place far away that counts what it is asked.
#[derive(Default)]
struct FarStore {
    inner: MemoryStore,
    reads: AtomicU64,
    bytes: AtomicU64,
    asked: Mutex<Vec<String>>,
}

impl FarStore {
    fn read(&self, bytes: Result<Vec<u8>, StoreError>) -> Result<Vec<u8>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let len = bytes.as_ref().map_or(0, Vec::len);
        self.bytes.fetch_add(len as u64, Ordering::Relaxed);
        bytes
    }

    fn ask(&self, what: &str, path: &str) {
        self.asked.lock().unwrap().push(format!("{what} {path}"));
    }

    /// Requests since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// Reads and bytes since the last time.
    fn counted(&self) -> (u64, u64) {
        (self.reads.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed))
    }
}

impl Store for FarStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.ask("put", path);
        self.inner.put(path, bytes)
    }

    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.ask("put_new", path);
        self.inner.put_new(path, bytes)
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        self.ask("get", path);
        self.read(self.inner.get(path, limit))
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        self.ask("get_range", path);
        self.read(self.inner.get_range(path, start, len))
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        self.ask("list", folder);
        self.inner.list(folder)
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.ask("exists", path);
        self.inner.exists(path)
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.ask("delete", path);
        self.inner.delete(path)
    }

    fn distance(&self) -> Distance {
        Distance::Away
    }
}

/// 40 chats with pictures: 48 MB in 160 pictures and 2,000 messages.
fn far_backup() -> (Arc<FarStore>, Repository) {
    let store = Arc::new(FarStore::default());
    let mut kit = kit();
    let repository = create(store.clone(), &kit.key);
    for chat in 0..40 {
        for message in 0..50 {
            let text = format!("chat {chat}, message {message}");
            kit.source.record(&format!("chat {chat}"), text.as_bytes());
        }
        for _ in 0..4 {
            kit.source.media(&noise(300_000));
        }
    }
    back_up(&repository, &kit.source, 10).unwrap();
    store.counted();
    (store, repository)
}

#[test]
fn everything_comes_back_by_whole_packs_each_read_once() {
    let (store, repository) = far_backup();
    let snapshot = repository.latest().unwrap().unwrap();
    let packs = store.list("packs").unwrap();
    store.counted();
    let mut sink = ListSink::default();
    let report =
        repository.restore(&snapshot, &Default::default(), &mut sink, &Unobserved).unwrap();
    assert!(report.problems.is_empty() && sink.media.len() >= 160, "{report:?}");
    let (reads, bytes) = store.counted();
    let stored: u64 = packs.iter().map(|pack| pack.len).sum();
    // Each pack, some for records as well as for media, the index, and the catalog.
    assert!(reads <= 2 * packs.len() as u64 + 3, "{reads} reads of {} packs", packs.len());
    assert!(bytes < stored * 3 / 2, "{bytes} of {stored} bytes");
}

#[test]
fn one_chat_comes_back_without_the_rest() {
    let (store, repository) = far_backup();
    let snapshot = repository.latest().unwrap().unwrap();
    let stored: u64 = store.list("packs").unwrap().iter().map(|pack| pack.len).sum();
    store.counted();
    let options = RestoreOptions {
        streams: Some(vec![b"chat 7".to_vec()]),
        media: Some(Default::default()),
        ..RestoreOptions::default()
    };
    let mut sink = ListSink::default();
    repository.restore(&snapshot, &options, &mut sink, &Unobserved).unwrap();
    assert_eq!(sink.records.len(), 50);
    let (reads, bytes) = store.counted();
    assert!(bytes * 50 < stored, "{bytes} of {stored} bytes in {reads} reads");
}

#[test]
fn a_damaged_pack_read_whole_loses_only_what_is_damaged() {
    let (store, repository) = far_backup();
    let snapshot = repository.latest().unwrap().unwrap();
    let largest = store.list("packs").unwrap().into_iter().max_by_key(|pack| pack.len).unwrap();
    let path = format!("packs/{}", largest.name);
    let mut bytes = store.get(&path, usize::MAX).unwrap();
    bytes[1_000_000] ^= 1;
    store.put(&path, &bytes).unwrap();
    let mut sink = ListSink::default();
    let report =
        repository.restore(&snapshot, &Default::default(), &mut sink, &Unobserved).unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.problems[0].to_string().contains(&path));
}

/// Requests that are sent one after the other: those that go out at the same time count once.
#[test]
fn a_place_far_away_is_asked_little() {
    let store = Arc::new(FarStore::default());
    let mut kit = kit();
    back_up(&create(store.clone(), &kit.key), &kit.source, 10).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let opened = || {
        let near = RememberingStore::on_disk(store.clone(), cache.path().into()).unwrap();
        Repository::open_with_key(Arc::new(near), &kit.key).unwrap()
    };
    back_up(&opened(), &kit.source, 20).unwrap();

    store.asked();
    assert!(back_up(&opened(), &kit.source, 30).unwrap().unchanged);
    let asked = store.asked();
    // Both headers, a lock that was left over, and five lists at the same time.
    assert_eq!(asked.len(), 8, "{asked:#?}");

    kit.source.record("alice", b"something new");
    let again = || {
        let near = RememberingStore::on_disk(store.clone(), cache.path().into()).unwrap();
        Repository::open_with_key(Arc::new(near), &kit.key).unwrap()
    };
    let report = back_up(&again(), &kit.source, 40).unwrap();
    let asked = store.asked();
    let written = asked.iter().filter(|a| a.starts_with("put")).count();
    assert!(report.packs == 2 && written == 6, "{asked:#?}");
    assert!(asked.len() <= 29, "{asked:#?}");
}

#[test]
fn what_is_remembered_and_rots_is_asked_for_again() {
    let store = Arc::new(FarStore::default());
    let kit = kit();
    back_up(&create(store.clone(), &kit.key), &kit.source, 10).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let near = || {
        let near = RememberingStore::on_disk(store.clone(), cache.path().into()).unwrap();
        Repository::open_with_key(Arc::new(near), &kit.key).unwrap()
    };
    let whole = restore_latest(&near()).records;
    let mut rotted = 0;
    for folder in ["index", "snapshots"] {
        for file in std::fs::read_dir(cache.path().join(folder)).unwrap() {
            let path = file.unwrap().path();
            let mut bytes = std::fs::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(&path, bytes).unwrap();
            rotted += 1;
        }
    }
    assert_eq!(rotted, 2);
    assert!(restore_latest(&near()).records == whole);
}
