//! The program dies, or the disk fills, at every single write: the last snapshot is whole and work
//! can go on.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::ListSource;
use backup_engine::{
    BackupError, Depth, FaultyStore, MemoryStore, Repository, Retention, Store, Unobserved,
};
use sealed_keys::{BackupKey, OsRng};
use std::sync::Arc;
use support::*;

fn source() -> ListSource {
    let mut source = ListSource::new(1);
    for i in 0..50 {
        source.record("alice", format!("message {i}").as_bytes());
        source.media(&noise(30_000));
    }
    source
}

/// A backup with one snapshot, as blobs.
fn one_snapshot(source: &ListSource, key: &BackupKey) -> MemoryStore {
    let store = Arc::new(MemoryStore::default());
    back_up(&create(store.clone(), key), source, 10).unwrap();
    copy(&store)
}

fn copy(store: &MemoryStore) -> MemoryStore {
    let copy = MemoryStore::default();
    copy.reset(store.snapshot());
    copy
}

/// After a crash: the first snapshot restores, the check finds nothing, and the next backup
/// succeeds.
fn is_whole(blobs: MemoryStore, key: &BackupKey, source: &ListSource, snapshots: usize) {
    // The crashed program's own lock: its process is gone, which a test within one process cannot
    // show.
    let _ = blobs.delete("lock");
    let store: Arc<dyn Store> = Arc::new(blobs);
    let repository = Repository::open_with_key(store, key).unwrap();
    let report = repository.check(Depth::AllData, &Unobserved).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert!(repository.snapshots().unwrap().len() >= snapshots);
    restore_latest(&repository);
    back_up(&repository, source, 99).unwrap();
    let sink = restore_latest(&repository);
    assert_eq!(
        sink.records.len() as u64 + sink.media.len() as u64,
        backup_engine::Source::head(source).unwrap()
    );
    prune(&repository, Retention { last: 10, ..Retention::default() }).unwrap();
    let report = repository.check(Depth::AllData, &Unobserved).unwrap();
    assert!(report.problems.is_empty() && report.stray_packs == 0, "{report:?}");
    restore_latest(&repository);
}

#[test]
fn a_backup_may_die_at_any_write() {
    let key = BackupKey::generate(&mut OsRng);
    let mut source = source();
    let before = one_snapshot(&source, &key);
    source.record("alice", b"new");
    source.media(&noise(70_000));
    for writes in 0.. {
        let faulty = Arc::new(FaultyStore::dies_after(copy(&before), writes));
        let repository = Repository::open_with_key(faulty.clone(), &key).unwrap();
        let result = back_up(&repository, &source, 20);
        is_whole(copy(&faulty.inner), &key, &source, 1);
        if result.is_ok() {
            assert!(writes >= 4, "lock, pack, index, snapshot");
            break;
        }
    }
}

#[test]
fn a_full_disk_says_so_and_spoils_nothing() {
    let key = BackupKey::generate(&mut OsRng);
    let mut source = source();
    let before = one_snapshot(&source, &key);
    source.record("alice", b"new");
    for writes in 0..4 {
        let faulty = Arc::new(FaultyStore::full_after(copy(&before), writes));
        let repository = Repository::open_with_key(faulty.clone(), &key).unwrap();
        assert!(
            matches!(back_up(&repository, &source, 20), Err(BackupError::DiskFull)),
            "after {writes} writes"
        );
        is_whole(copy(&faulty.inner), &key, &source, 1);
    }
}

#[test]
fn a_large_backup_stops_soon_when_the_disk_is_full() {
    let key = BackupKey::generate(&mut OsRng);
    let mut source = ListSource::new(1);
    for _ in 0..40 {
        source.media(&noise(2_000_000));
    }
    let faulty = Arc::new(FaultyStore::full_after(MemoryStore::default(), 3));
    let repository = create(faulty, &key);
    assert!(matches!(back_up(&repository, &source, 20), Err(BackupError::DiskFull)));
}

#[test]
fn a_prune_may_die_at_any_write() {
    let key = BackupKey::generate(&mut OsRng);
    let store = Arc::new(MemoryStore::default());
    let repository = create(store.clone(), &key);
    let mut source = ListSource::new(1);
    for round in 0..12u64 {
        source.record("alice", format!("round {round}").as_bytes());
        source.media(&noise(40_000));
        back_up(&repository, &source, 10 + round).unwrap();
    }
    let before = copy(&store);
    let retention = Retention { last: 2, ..Retention::default() };
    for writes in 0.. {
        let faulty = Arc::new(FaultyStore::dies_after(copy(&before), writes));
        let repository = Repository::open_with_key(faulty.clone(), &key).unwrap();
        let result = prune(&repository, retention);
        is_whole(copy(&faulty.inner), &key, &source, 2);
        if result.is_ok() && faulty.writes_left() > 0 {
            break;
        }
    }
}

#[test]
fn what_a_prune_keeps_stays_and_the_rest_goes() {
    let key = BackupKey::generate(&mut OsRng);
    let store = Arc::new(MemoryStore::default());
    let repository = create(store.clone(), &key);
    let mut source = ListSource::new(1);
    for day in 0..30u64 {
        source.record("alice", format!("day {day}").as_bytes());
        back_up(&repository, &source, day * 86_400).unwrap();
    }
    let seen = repository.seen().unwrap().unwrap();
    let packs = store.list("packs").unwrap().len();
    let retention = Retention { last: 3, daily: 5, weekly: 2, monthly: 1, yearly: 0 };
    let report = prune(&repository, retention).unwrap();
    assert!(report.dropped.len() > 20 && report.bytes_freed > 0, "{report:?}");
    assert!(store.list("packs").unwrap().len() < packs / 4, "small packs are gathered");
    assert_eq!(store.list("index").unwrap().len(), 1);
    repository.verify_seen(&seen).unwrap();
    for snapshot in repository.snapshots().unwrap() {
        assert_eq!(
            restore(&repository, snapshot.sequence()).records.len() as u64,
            snapshot.totals().records
        );
    }
    // An attacker who removes one of the kept ones is noticed.
    let kept = repository.snapshots().unwrap()[0].sequence();
    delete_snapshot(store.as_ref(), kept);
    let packs = store
        .list("packs")
        .unwrap()
        .iter()
        .map(|f| format!("packs/{}", f.name))
        .collect::<Vec<_>>();
    packs.iter().for_each(|path| store.delete(path).unwrap());
    assert!(matches!(repository.snapshots(), Err(BackupError::Missing { .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_real_full_disk_leaves_the_last_snapshot_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mount = |args: &[&str]| {
        std::process::Command::new(args[0])
            .args(&args[1..])
            .arg(dir.path())
            .status()
            .is_ok_and(|s| s.success())
    };
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs"]) {
        eprintln!("skipped: mounting a small tmpfs needs root");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        let store = Arc::new(backup_engine::FolderStore::new(dir.path().join("backup")).unwrap());
        let repository = create(store, &BackupKey::generate(&mut OsRng));
        let mut source = ListSource::new(1);
        source.media(&noise(6_000_000));
        back_up(&repository, &source, 10).unwrap();
        for _ in 0..30 {
            source.media(&noise(1_000_000));
        }
        assert!(matches!(back_up(&repository, &source, 20), Err(BackupError::DiskFull)));
        assert_eq!(restore_latest(&repository).media.len(), 1);
        let report = repository.check(Depth::AllData, &Unobserved).unwrap();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    });
    mount(&["umount"]);
    result.unwrap();
}

#[test]
fn what_a_killed_first_backup_wrote_is_found_and_used() {
    let key = BackupKey::generate(&mut OsRng);
    let mut source = ListSource::new(1);
    for _ in 0..40 {
        source.media(&noise(2_000_000));
    }
    let whole = Arc::new(MemoryStore::default());
    let needed = back_up(&create(whole, &key), &source, 10).unwrap().bytes_written;
    // The header and its copy, the lock, and four packs of 16 MiB.
    let faulty = Arc::new(FaultyStore::dies_after(MemoryStore::default(), 3 + 4));
    assert!(back_up(&create(faulty.clone(), &key), &source, 20).is_err());
    let store = Arc::new(copy(&faulty.inner));
    forget_writers(store.as_ref());
    let repository = Repository::open_with_key(store.clone(), &key).unwrap();
    let checked = repository.check(Depth::AllData, &Unobserved).unwrap();
    assert!(checked.problems.is_empty(), "{checked:?}");
    // A pack that waited for the next is smaller, and on a slow machine one of the writes renews
    // the lock.
    assert!(
        (3..=4).contains(&checked.stray_packs) && checked.stray_bytes > 40_000_000,
        "{checked:?}"
    );

    let resumed = back_up(&repository, &source, 30).unwrap();
    assert!(
        resumed.bytes_written + checked.stray_bytes < needed + 1_000_000,
        "nothing is written twice"
    );
    assert_eq!(restore_latest(&repository).media.len(), 40);
    assert_eq!(repository.check(Depth::AllData, &Unobserved).unwrap().stray_packs, 0);
}

#[test]
fn a_prune_frees_what_a_killed_first_backup_wrote() {
    let key = BackupKey::generate(&mut OsRng);
    let mut source = ListSource::new(1);
    for _ in 0..20 {
        source.media(&noise(2_000_000));
    }
    let faulty = Arc::new(FaultyStore::dies_after(MemoryStore::default(), 5));
    assert!(back_up(&create(faulty.clone(), &key), &source, 20).is_err());
    let store = Arc::new(copy(&faulty.inner));
    forget_writers(store.as_ref());
    let repository = Repository::open_with_key(store.clone(), &key).unwrap();
    let report = prune(&repository, Retention::default()).unwrap();
    assert!(report.strays_deleted == 2 && report.bytes_freed > 1_000_000, "{report:?}");
    assert!(store.list("packs").unwrap().is_empty());
    back_up(&repository, &source, 30).unwrap();
    assert_eq!(restore_latest(&repository).media.len(), 20);
}
