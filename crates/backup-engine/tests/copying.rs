//! A backup at a second place.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::{
    BackupError, Depth, FaultyStore, MemoryStore, Repository, Retention, Unobserved, copy_backup,
};
use std::sync::Arc;
use support::*;

#[test]
fn a_copy_is_the_same_backup_and_is_brought_up_to_date_by_what_is_new() {
    let mut kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let to = Arc::new(MemoryStore::default());
    let first = copy_backup(kit.store.as_ref(), to.as_ref(), &Unobserved).unwrap();
    assert!(first.files > 4 && first.same == 0 && first.snapshots == 1, "{first:?}");
    assert!(to.snapshot() == kit.store.snapshot());

    kit.source.record("alice", b"later");
    back_up(&kit.repository, &kit.source, 20).unwrap();
    let second = copy_backup(kit.store.as_ref(), to.as_ref(), &Unobserved).unwrap();
    assert!(second.bytes < first.bytes / 2 && second.same >= 4, "{second:?}");
    let copy = Repository::open_with_key(to.clone(), &kit.key).unwrap();
    assert_eq!(restore_latest(&copy).records, restore_latest(&kit.repository).records);
    assert!(copy.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
}

#[test]
fn a_copy_that_was_stopped_anywhere_is_whole_and_goes_on() {
    let mut kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    kit.source.record("alice", b"later");
    back_up(&kit.repository, &kit.source, 20).unwrap();
    for writes in 0.. {
        let faulty = FaultyStore::dies_after(MemoryStore::default(), writes);
        let stopped = copy_backup(kit.store.as_ref(), &faulty, &Unobserved).is_err();
        let to = Arc::new(faulty.inner);
        match Repository::open_with_key(to.clone(), &kit.key) {
            Ok(copy) => {
                let problems = copy.check(Depth::AllData, &Unobserved).unwrap().problems;
                // Second copies of small files come last.
                let copy = |p: &BackupError| p.to_string().starts_with("copies/");
                assert!(problems.iter().all(copy), "after {writes} writes: {problems:?}");
            }
            Err(refused) => assert!(matches!(refused, BackupError::NotARepository), "{refused}"),
        }
        copy_backup(kit.store.as_ref(), to.as_ref(), &Unobserved).unwrap();
        assert!(to.snapshot() == kit.store.snapshot(), "after {writes} writes");
        if !stopped {
            break;
        }
    }
}

#[test]
fn a_copy_keeps_what_was_pruned_since_and_stays_whole() {
    let mut kit = kit();
    let to = Arc::new(MemoryStore::default());
    for day in 0..4 {
        kit.source.record("alice", format!("day {day}").as_bytes());
        back_up(&kit.repository, &kit.source, day * 86_400).unwrap();
        copy_backup(kit.store.as_ref(), to.as_ref(), &Unobserved).unwrap();
    }
    prune(&kit.repository, Retention { last: 1, ..Retention::default() }).unwrap();
    copy_backup(kit.store.as_ref(), to.as_ref(), &Unobserved).unwrap();
    let copy = Repository::open_with_key(to, &kit.key).unwrap();
    assert!(copy.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
    assert_eq!(copy.snapshots().unwrap().len(), 1, "what was given up is given up there, too");
    prune(&copy, Retention { last: 1, ..Retention::default() }).unwrap();
    assert!(copy.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
    assert_eq!(restore_latest(&copy).records, restore_latest(&kit.repository).records);
}

#[test]
fn another_backup_is_not_written_over() {
    let (ours, theirs) = (kit(), kit());
    let before = theirs.store.snapshot();
    let refused = copy_backup(ours.store.as_ref(), theirs.store.as_ref(), &Unobserved);
    assert!(matches!(refused, Err(BackupError::AlreadyExists)));
    assert!(theirs.store.snapshot() == before);
    let nothing = copy_backup(&MemoryStore::default(), theirs.store.as_ref(), &Unobserved);
    assert!(matches!(nothing, Err(BackupError::NotARepository)));
}
