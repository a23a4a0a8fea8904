//! A backup that a program of the first format wrote is read, and brought up to date by the first
//! who writes.
//!
//! `first-format/` has three snapshots, the last made by a prune, and one slot of each of two
//! kinds. Its offline key is below; whoever reads this may open it.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::{Depth, MemoryStore, Repository, Retention, Store, Unobserved};
use sealed_keys::{BackupKey, OfflineKey};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use support::*;

const KEY: &str = "b80e257131a87df9d6493346fee0666f4191816b498daf2a87c18f60703ed6ef";

/// A copy in memory, and its key.
fn old_backup() -> (Arc<MemoryStore>, Repository, BackupKey) {
    let store = Arc::new(MemoryStore::default());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first-format");
    store.put("keepsake.json", &fs::read(folder.join("keepsake.json")).unwrap()).unwrap();
    for name in ["packs", "index", "snapshots"] {
        for file in fs::read_dir(folder.join(name)).unwrap() {
            let file = file.unwrap();
            let path = format!("{name}/{}", file.file_name().to_str().unwrap());
            store.put(&path, &fs::read(file.path()).unwrap()).unwrap();
        }
    }
    let (repository, key) =
        Repository::open_offline(store.clone(), &OfflineKey::parse(KEY).unwrap()).unwrap();
    (store, repository, key)
}

fn texts(repository: &Repository) -> String {
    let sink = restore_latest(repository);
    sink.records.iter().map(|(_, r)| String::from_utf8(r.clone()).unwrap() + "\n").collect()
}

#[test]
fn an_old_backup_opens_and_is_whole() {
    let (_, repository, _) = old_backup();
    assert!(!repository.header().is_current_format());
    assert_eq!(
        repository.snapshots().unwrap().iter().map(|s| s.sequence()).collect::<Vec<_>>(),
        [2, 3, 4]
    );
    let report = repository.check(Depth::AllData, &Unobserved).unwrap();
    assert!(report.problems.is_empty() && report.stray_packs == 0, "{report:?}");
    assert!(texts(&repository).contains("Zoë says hi 👋"));
    assert_eq!(restore_latest(&repository).media.len(), 1);
}

#[test]
fn the_first_backup_brings_it_up_to_date() {
    let (store, repository, key) = old_backup();
    let before = texts(&repository);
    let mut source = backup_engine::fixture::ListSource::new(9);
    source.record("new", b"written by a newer program");
    back_up(&repository, &source, 2_000_000_000).unwrap();

    let renewed = Repository::open_with_key(store.clone(), &key).unwrap();
    assert!(renewed.header().is_current_format());
    assert_eq!(store.list("copies").unwrap().len(), 5, "the header and four snapshots");
    let report = renewed.check(Depth::AllData, &Unobserved).unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    let after = texts(&renewed);
    assert!(before.lines().all(|line| after.contains(line)) && after.contains("newer program"));

    // From now on it survives the loss of what was in it once.
    let packs = store.list("packs").unwrap();
    for lost in packs.iter().map(|f| format!("packs/{}", f.name)) {
        let bytes = store.get(&lost, 1 << 20).unwrap();
        store.delete(&lost).unwrap();
        let mut sink = backup_engine::fixture::ListSink::default();
        let latest = renewed.latest().unwrap().unwrap();
        renewed.restore(&latest, &Default::default(), &mut sink, &Unobserved).unwrap();
        assert!(!sink.records.is_empty(), "without {lost}");
        store.put(&lost, &bytes).unwrap();
    }
    prune(&renewed, Retention::default()).unwrap();
    assert_eq!(renewed.snapshots().unwrap().len(), 1);
    assert!(renewed.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
}

#[test]
fn an_old_backup_that_lost_its_only_snapshot_is_repaired_from_its_catalogs() {
    let (store, repository, key) = old_backup();
    let before = texts(&repository);
    for file in store.list("snapshots").unwrap() {
        store.put(&format!("snapshots/{}", file.name), b"rotten").unwrap();
    }
    assert!(repository.latest().is_err());
    let report = repair(&repository, 50);
    assert_eq!((report.snapshots_lost, report.sequence), (3, Some(5)), "{report:?}");
    let repaired = Repository::open_with_key(store, &key).unwrap();
    let after = texts(&repaired);
    assert!(before.lines().all(|line| after.contains(line)));
    assert!(repaired.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
}
