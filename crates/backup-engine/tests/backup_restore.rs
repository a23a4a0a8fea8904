//! What goes in comes out, and only what is new goes in.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::{ListSink, ListSource};
use backup_engine::{
    BackupError, BackupOptions, Depth, MemoryStore, Observer, Progress, Repository, RestoreOptions,
    Unobserved,
};
use sealed_keys::{BackupKey, OfflineKey, OsRng, SlotKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use support::*;

#[test]
fn everything_comes_back_in_order() {
    let kit = kit();
    let report = back_up(&kit.repository, &kit.source, 10).unwrap();
    assert_eq!(
        (report.records, report.media, report.sequence, report.unchanged),
        (2000, 6, 1, false)
    );
    assert!(report.missing_media.is_empty());
    let sink = restore_latest(&kit.repository);
    let expected: Vec<Vec<u8>> =
        (0..1000).map(|i| format!("message {}", 2 * i + 1).into_bytes()).collect();
    assert_eq!(records(&sink, "bob"), expected);
    for (hash, bytes) in &sink.media {
        assert_eq!(sealed_keys::digest(bytes), *hash);
    }
    assert_eq!(sink.done.len(), 2);
}

#[test]
fn nothing_new_writes_nothing() {
    let kit = kit();
    let first = back_up(&kit.repository, &kit.source, 10).unwrap();
    let before = kit.store.snapshot();
    let second = back_up(&kit.repository, &kit.source, 20).unwrap();
    assert!(second.unchanged);
    assert_eq!((second.sequence, second.bytes_read, second.bytes_written), (first.sequence, 0, 0));
    assert_eq!(kit.store.snapshot(), before);
}

#[test]
fn a_few_new_records_cost_little() {
    let mut kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    kit.source.record("alice", b"one more");
    kit.source.record("carol", b"hello");
    let report = back_up(&kit.repository, &kit.source, 20).unwrap();
    assert_eq!(
        (report.records, report.media, report.packs),
        (2, 0, 2),
        "one with the records, one of second copies"
    );
    assert!(report.bytes_written < 8 * 1024, "{} bytes", report.bytes_written);
    let sink = restore_latest(&kit.repository);
    assert_eq!(records(&sink, "alice").last().unwrap(), b"one more");
    assert_eq!(restore(&kit.repository, 1).records.len(), 2000, "the old snapshot is as it was");
}

#[test]
fn known_media_are_not_stored_twice() {
    let mut kit = kit();
    let photo = noise(300_000);
    kit.source.media(&photo);
    back_up(&kit.repository, &kit.source, 10).unwrap();
    kit.source.media(&photo);
    let report = back_up(&kit.repository, &kit.source, 20).unwrap();
    assert_eq!(report.media, 0);
    assert!(report.bytes_written < 8 * 1024);
}

#[test]
fn media_that_is_gone_is_listed() {
    let mut kit = kit();
    let lost = kit.source.media(b"was here");
    kit.source.lose_media(&lost);
    let report = back_up(&kit.repository, &kit.source, 10).unwrap();
    assert_eq!(report.missing_media.iter().map(|m| m.hash).collect::<Vec<_>>(), [lost]);
    assert!(!restore_latest(&kit.repository).media.contains_key(&lost));
}

#[test]
fn two_computers_share_one_backup() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let mut other = ListSource::new(2);
    other.record("bob", b"from the other computer");
    let desk = Repository::open_with_key(kit.store.clone(), &kit.key).unwrap();
    back_up(&desk, &other, 20).unwrap();
    assert!(back_up(&kit.repository, &kit.source, 30).unwrap().unchanged);
    let sink = restore_latest(&kit.repository);
    assert_eq!(sink.records.len(), 2001);
    assert_eq!(records(&sink, "bob").last().unwrap(), b"from the other computer");
}

#[test]
fn computers_that_write_at_once_spoil_nothing() {
    let key = BackupKey::generate(&mut OsRng);
    let store = Arc::new(MemoryStore::default());
    create(store.clone(), &key);
    std::thread::scope(|scope| {
        for computer in 1..=6u8 {
            let (store, key) = (store.clone(), key.clone());
            scope.spawn(move || {
                let repository = Repository::open_with_key(store, &key).unwrap();
                let mut source = ListSource::new(computer);
                for round in 0..5 {
                    source.record("shared", format!("{computer} {round}").as_bytes());
                    source.media(&noise(50_000));
                    while let Err(error) = back_up(&repository, &source, 10) {
                        assert!(
                            matches!(error, BackupError::Locked { .. } | BackupError::LockLost),
                            "{error}"
                        );
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    let repository = Repository::open_with_key(store, &key).unwrap();
    let sink = restore_latest(&repository);
    assert_eq!((sink.records.len(), sink.media.len()), (30, 30));
    assert_eq!(repository.snapshots().unwrap().len(), 30);
    let report = repository.check(Depth::AllData, &Unobserved).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[test]
fn many_backups_merge_their_catalogs() {
    let mut kit = kit();
    for round in 0..200u64 {
        kit.source.record("alice", format!("round {round}").as_bytes());
        back_up(&kit.repository, &kit.source, 10 + round).unwrap();
    }
    let sink = restore_latest(&kit.repository);
    assert_eq!(records(&sink, "alice").len(), 1200);
    assert_eq!(records(&sink, "alice").last().unwrap(), b"round 199");
    assert_eq!(restore(&kit.repository, 100).records.len(), 2100);
}

/// Stops after so many looks.
struct Impatient(AtomicU64);

impl Observer for Impatient {
    fn cancelled(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err()
    }
}

#[test]
fn a_cancelled_backup_goes_on_where_it_was() {
    let kit = kit();
    let impatient = Impatient(AtomicU64::new(2012));
    let stopped = kit.repository.backup(&kit.source, &BackupOptions::new("laptop", 1), &impatient);
    assert!(matches!(stopped, Err(BackupError::Cancelled)));
    assert!(kit.repository.latest().unwrap().is_none(), "no half snapshot");
    let report = back_up(&kit.repository, &kit.source, 10).unwrap();
    assert_eq!((report.records, report.media), (2000, 6));
    assert!(report.bytes_written < report.bytes_read / 2, "what was there is not written again");
    restore_latest(&kit.repository);
}

#[test]
fn a_cancelled_restore_goes_on_where_it_was() {
    let mut kit = kit();
    for i in 0..40 {
        kit.source.record(&format!("chat {i}"), b"hi");
    }
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let snapshot = kit.repository.latest().unwrap().unwrap();
    let mut sink = ListSink::default();
    let impatient = Impatient(AtomicU64::new(20));
    let stopped = kit.repository.restore(&snapshot, &Default::default(), &mut sink, &impatient);
    assert!(matches!(stopped, Err(BackupError::Cancelled)));
    let resume = sink.points.last().copied();
    assert_eq!(resume.unwrap().segments, 20);
    let options = RestoreOptions { resume, ..RestoreOptions::default() };
    kit.repository.restore(&snapshot, &options, &mut sink, &Unobserved).unwrap();
    assert_eq!((sink.records.len(), sink.media.len()), (2040, 6));
}

#[test]
fn one_chat_and_chosen_media_can_come_back_alone() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let snapshot = kit.repository.latest().unwrap().unwrap();
    let streams: Vec<_> = kit.repository.streams(&snapshot).unwrap();
    assert_eq!(streams.iter().map(|(_, records, _)| records).sum::<u64>(), 2000);
    let options = RestoreOptions {
        streams: Some(vec![b"alice".to_vec()]),
        media: Some(Default::default()),
        resume: None,
    };
    let mut sink = ListSink::default();
    kit.repository.restore(&snapshot, &options, &mut sink, &Unobserved).unwrap();
    assert_eq!((sink.records.len(), sink.media.len()), (1000, 0));
    assert_eq!(records(&sink, "alice").len(), 1000);
}

#[test]
fn a_restored_computer_does_not_upload_what_it_was_given() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let mut restored = ListSource::new(2);
    restored.record("alice", b"came from the backup");
    restored.record("alice", b"written after");
    let options = BackupOptions { already_stored: Some(1), ..BackupOptions::new("new laptop", 20) };
    assert_eq!(kit.repository.backup(&restored, &options, &Unobserved).unwrap().records, 1);
}

#[test]
fn progress_never_goes_back() {
    struct Growing(AtomicU64);
    impl Observer for Growing {
        fn progress(&self, progress: Progress) {
            assert!(self.0.fetch_max(progress.bytes, Ordering::SeqCst) <= progress.bytes);
        }
    }
    let kit = kit();
    let growing = Growing(AtomicU64::new(0));
    kit.repository.backup(&kit.source, &BackupOptions::new("laptop", 1), &growing).unwrap();
    assert!(growing.0.load(Ordering::SeqCst) > 7_000_000);
}

#[test]
fn paper_opens_the_backup_without_anything_else() {
    let mut kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let paper = OfflineKey::generate(&mut OsRng);
    let digits = paper.display();
    let add = |h: &mut sealed_keys::Header| {
        h.add_slot(
            &kit.key,
            SlotKind::OfflineKey,
            serde_json::json!({}),
            &paper.slot_key(),
            2,
            &mut OsRng,
        )
    };
    kit.repository.update_header(&kit.key, add).unwrap();
    let (opened, key) =
        Repository::open_offline(kit.store.clone(), &OfflineKey::parse(&digits).unwrap()).unwrap();
    assert_eq!(key, kit.key);
    assert_eq!(restore_latest(&opened).records.len(), 2000);
    // The backup key's own digits do as well.
    let own = OfflineKey::parse(hex::encode(kit.key.secret().expose())).unwrap();
    assert!(Repository::open_offline(kit.store.clone(), &own).is_ok());
    let wrong =
        Repository::open_offline(kit.store.clone(), &OfflineKey::generate(&mut OsRng)).err();
    assert!(matches!(wrong, Some(BackupError::WrongKey { .. })), "{wrong:?}");
}

#[test]
fn creating_never_overwrites() {
    let kit = kit();
    let header = kit.repository.header().clone();
    let again = Repository::create(kit.store.clone(), header, &kit.key).err();
    assert!(matches!(again, Some(BackupError::AlreadyExists)));
    let empty = Repository::read_header(&MemoryStore::default()).err();
    assert!(matches!(empty, Some(BackupError::NotARepository)));
}
