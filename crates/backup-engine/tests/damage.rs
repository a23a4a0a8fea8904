//! Damage costs what was damaged, and the next backup brings it again.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::{ListSink, ListSource};
use backup_engine::format::Pack;
use backup_engine::{BackupOptions, Depth, MemoryStore, Repository, Retention, Store, Unobserved};
use sealed_keys::{BackupKey, OsRng};
use std::collections::BTreeSet;
use std::sync::Arc;
use support::*;

fn problems(repository: &Repository) -> usize {
    repository.check(Depth::AllData, &Unobserved).unwrap().problems.len()
}

/// Alters a byte of the first object of every pack that `which` picks by its length.
fn damage(store: &MemoryStore, which: impl Fn(usize) -> bool) {
    let mut blobs = store.snapshot();
    for (path, bytes) in &mut blobs {
        if path.starts_with("packs/") && which(bytes.len()) {
            bytes[100] ^= 1;
        }
    }
    store.reset(blobs);
}

#[test]
fn every_segment_begins_with_its_streams_opening() {
    let key = BackupKey::generate(&mut OsRng);
    let store = Arc::new(MemoryStore::default());
    let repository = create(store.clone(), &key);
    let mut source = ListSource::new(1);
    source.opening("alice", b"this is alice");
    for _ in 0..300 {
        source.record("alice", &noise(10_000));
    }
    back_up(&repository, &source, 10).unwrap();
    let whole = restore_latest(&repository);
    let openings = whole.records.iter().filter(|(_, r)| r == b"this is alice").count();
    assert_eq!((openings, whole.records.len()), (3, 303));

    damage(&store, |_| true);
    let mut sink = ListSink::default();
    let latest = repository.latest().unwrap().unwrap();
    let report = repository.restore(&latest, &Default::default(), &mut sink, &Unobserved).unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(sink.records[0].1, b"this is alice");
    assert!((190..300).contains(&sink.records.len()), "{}", sink.records.len());
}

#[test]
fn openings_alone_and_too_long_ones_are_kept() {
    let repository = create(Arc::new(MemoryStore::default()), &BackupKey::generate(&mut OsRng));
    let mut source = ListSource::new(1);
    source.opening("empty", b"nobody said anything");
    source.opening("long", &noise(600_000));
    source.record("long", &noise(600_000));
    source.opening("full", b"x");
    source.record("full", &noise(backup_engine::limits::MAX_RECORD));
    let report = back_up(&repository, &source, 10).unwrap();
    assert_eq!((report.records, report.cursor), (3, 5), "an opening that is too long is a record");
    assert_eq!(restore_latest(&repository).records.len(), 5);
}

#[test]
fn a_rotten_file_keeps_nothing_else_out() {
    let mut kit = kit();
    let rotten = kit.source.media(&noise(3_000_000));
    kit.source.spoil_media(&rotten);
    let report = back_up(&kit.repository, &kit.source, 10).unwrap();
    assert_eq!((report.media, report.missing_media.len()), (6, 1));
    assert_eq!(
        (report.missing_media[0].hash, report.missing_media[0].why.as_str()),
        (rotten, "the file is rotten")
    );
    assert_eq!(restore_latest(&kit.repository).media.len(), 6);
}

#[test]
fn what_is_missing_is_recorded_said_again_and_brought_when_it_is_there() {
    let mut kit = kit();
    let gone = kit.source.media(b"was here once");
    kit.source.lose_media(&gone);
    assert_eq!(back_up(&kit.repository, &kit.source, 10).unwrap().missing_media.len(), 1);
    let again = back_up(&kit.repository, &kit.source, 20).unwrap();
    assert!(again.unchanged && again.missing_media[0].hash == gone, "{again:?}");
    kit.source.record("alice", b"later");
    assert_eq!(back_up(&kit.repository, &kit.source, 30).unwrap().missing_media.len(), 1);
    let restored = |sink: &mut ListSink| {
        let latest = kit.repository.latest().unwrap().unwrap();
        (
            latest.totals().missing,
            kit.repository.restore(&latest, &Default::default(), sink, &Unobserved).unwrap(),
        )
    };
    let (missing, report) = restored(&mut ListSink::default());
    assert_eq!((missing, report.missing.len(), report.problems.len()), (1, 1, 0));
    assert_eq!((report.missing[0].hash, report.missing[0].why.as_str()), (gone, "it is gone"));
    // Whoever has the file misses nothing.
    let mut has_it = ListSink::default();
    has_it.media.insert(gone, b"was here once".to_vec());
    assert!(restored(&mut has_it).1.missing.is_empty());

    kit.source.find_media(b"was here once");
    let healed = back_up(&kit.repository, &kit.source, 40).unwrap();
    assert_eq!((healed.unchanged, healed.media, healed.missing_media.len()), (false, 1, 0));
    assert_eq!(kit.repository.latest().unwrap().unwrap().totals().missing, 0);
    assert_eq!(restore_latest(&kit.repository).media[&gone], b"was here once");
}

#[test]
fn a_file_that_stays_rotten_makes_no_snapshots() {
    let mut kit = kit();
    let rotten = kit.source.media(&noise(3_000_000));
    kit.source.spoil_media(&rotten);
    for now in [10, 20, 30] {
        assert_eq!(back_up(&kit.repository, &kit.source, now).unwrap().missing_media.len(), 1);
    }
    assert_eq!(kit.repository.snapshots().unwrap().len(), 1);
}

#[test]
fn a_repair_of_what_is_whole_changes_no_snapshot() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let report = repair(&kit.repository, 20);
    assert_eq!((report.packs_dropped, report.sequence, report.problems.len()), (0, None, 0));
    assert!(back_up(&kit.repository, &kit.source, 30).unwrap().unchanged);
    assert_eq!(problems(&kit.repository), 0);
}

fn same_as_source(repository: &Repository, whole: &ListSink) {
    let set = |sink: &ListSink| sink.records.iter().cloned().collect::<BTreeSet<_>>();
    let healed = restore_latest(repository);
    assert_eq!(set(&healed), set(whole));
    assert_eq!(healed.media, whole.media);
}

#[test]
fn damaged_packs_are_written_again_by_the_next_backup() {
    for whole_files in [false, true] {
        let mut kit = kit();
        back_up(&kit.repository, &kit.source, 10).unwrap();
        kit.source.record("alice", b"later");
        kit.source.media(&noise(9_000_000));
        back_up(&kit.repository, &kit.source, 20).unwrap();
        let whole = restore_latest(&kit.repository);
        if whole_files {
            let mut blobs = kit.store.snapshot();
            blobs.retain(|path, bytes| !path.starts_with("packs/") || bytes.len() < 1_000_000);
            kit.store.reset(blobs);
        } else {
            damage(&kit.store, |_| true);
        }
        let broken = problems(&kit.repository);
        assert!(broken > 0);
        let report = repair(&kit.repository, 30);
        assert!(report.packs_dropped > 0 && report.sequence == Some(3), "{report:?}");
        let healed = back_up(&kit.repository, &kit.source, 40).unwrap();
        assert!(!healed.unchanged && healed.missing_media.is_empty(), "{healed:?}");
        same_as_source(&kit.repository, &whole);
    }
}

#[test]
fn what_survived_is_not_named_twice() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let mut blobs = kit.store.snapshot();
    let pack = blobs
        .iter_mut()
        .filter(|(path, _)| path.starts_with("packs/"))
        .max_by_key(|(_, b)| b.len())
        .unwrap()
        .1;
    let middle = pack.len() / 2;
    pack[middle] ^= 1;
    kit.store.reset(blobs);
    let report = repair(&kit.repository, 20);
    assert_eq!((report.segments_lost, report.media_lost), (0, 1), "{report:?}");
    let healed = back_up(&kit.repository, &kit.source, 30).unwrap();
    assert_eq!((healed.records, healed.media), (0, 1));
    assert_eq!(restore_latest(&kit.repository).records.len(), 2000);
    assert_eq!(problems(&kit.repository), 0, "the older snapshot is whole again too");
}

#[test]
fn what_only_a_damaged_pack_had_is_saved() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    // The directory at the end: every object is still there, and nobody has the source any more.
    let mut blobs = kit.store.snapshot();
    for (_, bytes) in blobs.iter_mut().filter(|(path, _)| path.starts_with("packs/")) {
        let directory = Pack::parse(bytes).unwrap().directory.len();
        let at = bytes.len() - 4 - directory;
        bytes[at] ^= 1;
    }
    kit.store.reset(blobs);
    let report = repair(&kit.repository, 20);
    assert!(report.packs_dropped > 0 && report.objects_saved > 0, "{report:?}");
    assert_eq!((report.sequence, report.segments_lost, report.media_lost), (None, 0, 0));
    prune(&kit.repository, Retention { last: 10, ..Retention::default() }).unwrap();
    assert_eq!(restore_latest(&kit.repository).records.len(), 2000);
    assert_eq!(problems(&kit.repository), 0);
}

#[test]
fn a_lost_index_and_a_lost_catalog_are_repaired() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let whole = restore_latest(&kit.repository);
    let mut blobs = kit.store.snapshot();
    blobs.retain(|path, _| !path.starts_with("index/") && !path.starts_with("packs/"));
    kit.store.reset(blobs);
    let report = repair(&kit.repository, 20);
    assert_eq!((report.catalogs_lost, report.sequence), (1, Some(2)));
    back_up(&kit.repository, &kit.source, 30).unwrap();
    same_as_source(&kit.repository, &whole);
}

#[test]
fn after_a_repair_nothing_is_taken_for_stored_because_it_was_restored_once() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let mut blobs = kit.store.snapshot();
    blobs.retain(|path, _| !path.starts_with("packs/"));
    kit.store.reset(blobs);
    repair(&kit.repository, 20);
    let mut restored = ListSource::new(2);
    restored.record("alice", b"message 0");
    let mut options = BackupOptions::new("desk", 30);
    options.already_stored = Some(1);
    kit.repository.backup(&restored, &options, &Unobserved).unwrap();
    assert_eq!(restore_latest(&kit.repository).records.len(), 1);
    assert!(kit.store.exists("keepsake.json").unwrap());
}
