//! A backup to try things on.
#![allow(dead_code)]

use backup_engine::fixture::{ListSink, ListSource};
use backup_engine::{
    BackupError, BackupOptions, BackupReport, MemoryStore, PruneOptions, PruneReport,
    RepairOptions, RepairReport, Repository, Retention, Snapshot, Store, Unobserved,
};
use sealed_keys::{BackupKey, Header, OsRng, RepositoryId, RngCore};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Kit {
    pub key: BackupKey,
    pub store: Arc<MemoryStore>,
    pub repository: Repository,
    pub source: ListSource,
}

/// An empty backup and a source with two chats and media of several sizes.
pub(crate) fn kit() -> Kit {
    let key = BackupKey::generate(&mut OsRng);
    let store = Arc::new(MemoryStore::default());
    let repository = create(store.clone(), &key);
    let mut source = ListSource::new(1);
    for i in 0..2000 {
        source.record(["alice", "bob"][i % 2], format!("message {i}").as_bytes());
    }
    for len in [0, 1, 1000, 100_000, 2 * 1024 * 1024 - 9, 5_000_000] {
        source.media(&noise(len));
    }
    Kit { key, store, repository, source }
}

pub(crate) fn create(store: Arc<dyn Store>, key: &BackupKey) -> Repository {
    let header = Header::create(RepositoryId::generate(&mut OsRng), 1, key);
    Repository::create(store, header, key).unwrap()
}

pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

pub(crate) fn back_up(
    repository: &Repository,
    source: &ListSource,
    now: u64,
) -> Result<BackupReport, BackupError> {
    repository.backup(source, &BackupOptions::new("laptop", now), &Unobserved)
}

/// Everything of the newest snapshot; panics on any problem.
pub(crate) fn restore_latest(repository: &Repository) -> ListSink {
    let latest = repository.latest().unwrap().expect("a snapshot");
    restore_all_of(repository, &latest)
}

pub(crate) fn restore(repository: &Repository, sequence: u64) -> ListSink {
    restore_all_of(repository, &repository.snapshot(sequence).unwrap())
}

fn restore_all_of(repository: &Repository, snapshot: &Snapshot) -> ListSink {
    let mut sink = ListSink::default();
    let report = repository.restore(snapshot, &Default::default(), &mut sink, &Unobserved).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.records, snapshot.totals().records);
    assert_eq!(report.media, snapshot.totals().media);
    sink
}

/// Records of a stream in the order in which they came back.
pub(crate) fn records(sink: &ListSink, stream: &str) -> Vec<Vec<u8>> {
    sink.records.iter().filter(|(s, _)| s == stream.as_bytes()).map(|(_, r)| r.clone()).collect()
}

/// Keeps the newest snapshot only.
pub(crate) fn prune_all() -> PruneOptions {
    PruneOptions {
        retention: Retention::default(),
        computer: "laptop".into(),
        grace: Duration::ZERO,
        dry_run: false,
    }
}

pub(crate) fn prune(
    repository: &Repository,
    retention: Retention,
) -> Result<PruneReport, BackupError> {
    repository.prune(&PruneOptions { retention, ..prune_all() }, &Unobserved)
}

pub(crate) fn repair(repository: &Repository, now: u64) -> RepairReport {
    let options = RepairOptions { computer: "laptop".into(), now, seen: None };
    repository.repair(&options, &Unobserved).unwrap()
}

/// As a store does that loses both files of a snapshot.
pub(crate) fn delete_snapshot(store: &dyn Store, sequence: u64) {
    for folder in ["snapshots", "copies"] {
        for file in store.list(folder).unwrap() {
            if file.name.starts_with(&format!("{sequence:016x}")) {
                store.delete(&format!("{folder}/{}", file.name)).unwrap();
            }
        }
    }
}

/// As after a while, when nobody takes killed writers for alive any more.
pub(crate) fn forget_writers(store: &dyn Store) {
    let _ = store.delete("lock");
    for file in store.list("writers").unwrap() {
        store.delete(&format!("writers/{}", file.name)).unwrap();
    }
}
