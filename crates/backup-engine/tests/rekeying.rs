//! The key of a backup is changed, because somebody else may have it.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::ListSink;
use backup_engine::format::{FileKind, Manifest, Pack, SnapshotName, open_file, seal_file};
use backup_engine::{
    BackupError, Depth, FaultyStore, MemoryStore, Repository, Retention, Store, Unobserved,
};
use sealed_keys::{BackupKey, OfflineKey, OsRng, SlotKind};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use support::*;

/// A backup with one snapshot of its first key, and then one of its second.
struct Changed {
    kit: Kit,
    new: BackupKey,
    /// Blobs of the time before.
    before: BTreeMap<String, Vec<u8>>,
}

fn small() -> Kit {
    let mut kit = kit();
    kit.source = backup_engine::fixture::ListSource::new(1);
    kit.source.record("alice", b"first");
    kit.source.media(&noise(5000));
    back_up(&kit.repository, &kit.source, 10).unwrap();
    kit
}

fn changed() -> Changed {
    let mut kit = small();
    let before = kit.store.snapshot();
    let new = BackupKey::generate(&mut OsRng);
    kit.repository.rekey(&new, ("desk", 15), |_| Ok(())).unwrap();
    kit.source.record("alice", b"second");
    kit.source.media(&noise(7000));
    back_up(&kit.repository, &kit.source, 20).unwrap();
    Changed { kit, new, before }
}

fn problems(repository: &Repository) -> Vec<String> {
    let report = repository.check(Depth::AllData, &Unobserved).unwrap();
    report.problems.iter().map(ToString::to_string).collect()
}

fn open(kit: &Kit, key: &BackupKey) -> Result<Repository, BackupError> {
    Repository::open_with_key(kit.store.clone(), key)
}

#[test]
fn a_thief_with_the_old_key_opens_no_byte_that_was_written_after() {
    let changed = changed();
    let keys = changed.kit.key.repository_keys(changed.kit.repository.header().repository);
    let mut looked_at = 0;
    for (path, bytes) in changed.kit.store.snapshot() {
        if changed.before.contains_key(&path) || path.ends_with("keepsake.json") {
            continue;
        }
        let (folder, name) = path.split_once('/').unwrap();
        let refused = match folder {
            "packs" => {
                Pack::parse(&bytes).unwrap().open(&keys, Pack::parse(&bytes).unwrap().id).err()
            }
            "index" => open_file(&keys, FileKind::Index, name, &bytes).err(),
            _ => open_file(&keys, FileKind::Snapshot, name, &bytes).err(),
        };
        assert!(matches!(refused, Some(BackupError::WrongKey { .. })), "{path}");
        looked_at += 1;
    }
    assert!(looked_at >= 8, "{looked_at}: packs, index and snapshots of a change and a backup");
    assert!(matches!(open(&changed.kit, &changed.kit.key), Err(BackupError::KeyChanged)));
}

#[test]
fn the_old_key_reads_what_is_older_and_writes_nothing() {
    let mut changed = changed();
    let old =
        Repository::open_with_former_key(changed.kit.store.clone(), &changed.kit.key).unwrap();
    assert_eq!(old.header_problems().len(), 1);
    let newest = old.newest().unwrap();
    assert_eq!(newest.snapshot.as_ref().unwrap().sequence(), 1);
    let mut sink = ListSink::default();
    old.restore(&newest.snapshot.unwrap(), &Default::default(), &mut sink, &Unobserved).unwrap();
    assert_eq!(records(&sink, "alice"), [b"first"]);
    changed.kit.source.record("alice", b"third");
    let before = changed.kit.store.snapshot();
    assert!(matches!(back_up(&old, &changed.kit.source, 30), Err(BackupError::KeyChanged)));
    assert!(matches!(prune(&old, Retention::default()), Err(BackupError::KeyChanged)));
    assert_eq!(changed.kit.store.snapshot(), before);
}

#[test]
fn a_program_that_opened_the_backup_before_the_change_writes_nothing_after_it() {
    let mut kit = small();
    let other = open(&kit, &kit.key).unwrap();
    kit.repository.rekey(&BackupKey::generate(&mut OsRng), ("desk", 15), |_| Ok(())).unwrap();
    kit.source.record("alice", b"second");
    let before = kit.store.snapshot();
    assert!(matches!(back_up(&other, &kit.source, 20), Err(BackupError::KeyChanged)));
    assert_eq!(kit.store.snapshot(), before);
}

#[test]
fn the_new_key_reads_everything() {
    let changed = changed();
    let repository = open(&changed.kit, &changed.new).unwrap();
    assert_eq!(problems(&repository), [""; 0]);
    let sink = restore_latest(&repository);
    assert_eq!(records(&sink, "alice"), [&b"first"[..], b"second"]);
    assert_eq!(sink.media.len(), 2);
    assert_eq!(restore(&repository, 1).records.len(), 1);
}

#[test]
fn prune_and_repair_go_on_over_a_change_of_the_key() {
    let mut changed = changed();
    let third = BackupKey::generate(&mut OsRng);
    changed.kit.repository.rekey(&third, ("desk", 25), |_| Ok(())).unwrap();
    for round in 0..10u64 {
        changed.kit.source.record("bob", format!("round {round}").as_bytes());
        back_up(&changed.kit.repository, &changed.kit.source, 30 + round).unwrap();
    }
    let repository = open(&changed.kit, &third).unwrap();
    // Small packs of all three keys are gathered into one of the third.
    let pruned = prune(&repository, Retention { last: 2, ..Retention::default() }).unwrap();
    assert!(pruned.packs_rewritten > 3, "{pruned:?}");
    assert_eq!(problems(&repository), [""; 0]);
    let sink = restore_latest(&repository);
    assert_eq!((sink.records.len(), sink.media.len()), (12, 2));

    // One pack is lost: what the others have stays, whichever key sealed it.
    let pack = changed.kit.store.list("packs").unwrap().into_iter().min_by_key(|f| f.len).unwrap();
    changed.kit.store.delete(&format!("packs/{}", pack.name)).unwrap();
    repair(&repository, 90);
    back_up(&repository, &changed.kit.source, 99).unwrap();
    assert_eq!(problems(&repository), [""; 0]);
    let sink = restore_latest(&repository);
    assert!(sink.records.len() >= 12 && sink.media.len() == 2);
}

#[test]
fn objects_of_a_damaged_pack_keep_their_names_when_they_move() {
    let mut kit = kit();
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let mut blobs = kit.store.snapshot();
    let largest = |blobs: &BTreeMap<String, Vec<u8>>| {
        let packs = blobs.iter().filter(|(path, _)| path.starts_with("packs/"));
        packs.max_by_key(|(_, bytes)| bytes.len()).unwrap().0.clone()
    };
    kit.repository.rekey(&BackupKey::generate(&mut OsRng), ("desk", 15), |_| Ok(())).unwrap();
    blobs.extend(kit.store.snapshot());
    let pack = largest(&blobs);
    let middle = blobs[&pack].len() / 2;
    blobs.get_mut(&pack).unwrap()[middle] ^= 1;
    kit.store.reset(blobs);
    let report = repair(&kit.repository, 20);
    assert!(report.objects_saved > 2 && report.parts_lost() == 1, "{report:?}");
    back_up(&kit.repository, &kit.source, 30).unwrap();
    let sink = restore_latest(&kit.repository);
    assert_eq!((sink.media.len(), sink.records.len() >= 2000), (6, true));
    // What was lost came back under a name of the new key: older snapshots go on lacking it.
    assert_eq!(problems(&kit.repository).len(), 1);
    prune(&kit.repository, Retention { last: 1, ..Retention::default() }).unwrap();
    assert_eq!(problems(&kit.repository), [""; 0]);
}

/// Whoever has the old key and may write to the store seals a snapshot of his own above all others.
#[test]
fn a_snapshot_that_the_old_key_sealed_after_the_change_counts_for_nothing() {
    let changed = changed();
    let repository = open(&changed.kit, &changed.new).unwrap();
    let keys = changed.kit.key.repository_keys(repository.header().repository);
    let forge = |sequence: u64| {
        let mut manifest = Manifest::first(sequence);
        manifest.computer = "thief".into();
        let sealed_as = SnapshotName::bare(sequence).sealed_as();
        let file = seal_file(&keys, FileKind::Snapshot, &sealed_as, &manifest.to_bytes());
        let name = SnapshotName::of(sequence, &sealed_keys::digest(&file));
        changed.kit.store.put(&format!("snapshots/{name}"), &file).unwrap();
        changed.kit.store.put(&format!("copies/{name}"), &file).unwrap();
    };
    forge(9);
    let newest = repository.newest().unwrap();
    assert_eq!(newest.snapshot.unwrap().sequence(), 3);
    assert!(newest.problems[0].to_string().contains("had given up"), "{:?}", newest.problems);
    // Nor in place of the last one of its own time.
    forge(1);
    let told = repository.snapshot(1).unwrap();
    assert_eq!(told.computer(), "laptop", "the copy in a pack is taken");
}

#[test]
fn an_old_header_put_back_is_undone_by_the_next_backup() {
    let mut changed = changed();
    let seen = changed.kit.repository.seen().unwrap().unwrap();
    for path in ["keepsake.json", "copies/keepsake.json"] {
        changed.kit.store.put(path, &changed.before["keepsake.json"]).unwrap();
    }
    let repository = open(&changed.kit, &changed.new).unwrap();
    assert_eq!(repository.header_problems(), ["keepsake.json and its copy cannot be used"]);
    repository.verify_seen(&seen).unwrap();
    changed.kit.source.record("alice", b"third");
    back_up(&repository, &changed.kit.source, 30).unwrap();
    assert!(matches!(open(&changed.kit, &changed.kit.key), Err(BackupError::KeyChanged)));
    assert_eq!(records(&restore_latest(&repository), "alice").len(), 3);
    assert_eq!(problems(&repository), [""; 0]);
}

#[test]
fn one_old_header_file_put_back_does_not_bring_the_old_key_back() {
    for path in ["keepsake.json", "copies/keepsake.json"] {
        let changed = changed();
        changed.kit.store.put(path, &changed.before["keepsake.json"]).unwrap();
        assert!(
            matches!(open(&changed.kit, &changed.kit.key), Err(BackupError::KeyChanged)),
            "{path}"
        );
        assert!(open(&changed.kit, &changed.new).is_ok());
    }
}

#[test]
fn without_any_header_the_new_key_still_opens_everything() {
    let changed = changed();
    for path in ["keepsake.json", "copies/keepsake.json"] {
        changed.kit.store.delete(path).unwrap();
    }
    let repository = open(&changed.kit, &changed.new).unwrap();
    assert_eq!(records(&restore_latest(&repository), "alice").len(), 2);
    repair(&repository, 30);
    assert_eq!(problems(&open(&changed.kit, &changed.new).unwrap()), [""; 0]);
    let digits = OfflineKey::parse(hex::encode(changed.new.secret().expose())).unwrap();
    Repository::open_offline(changed.kit.store, &digits).unwrap();
}

#[test]
fn a_change_may_die_at_any_write() {
    let mut kit = small();
    let before = kit.store.snapshot();
    kit.source.record("alice", b"second");
    for writes in 0.. {
        let store = MemoryStore::default();
        store.reset(before.clone());
        let faulty = Arc::new(FaultyStore::dies_after(store, writes));
        let new = BackupKey::generate(&mut OsRng);
        let paper = OfflineKey::generate(&mut OsRng);
        let mut dying = Repository::open_with_key(faulty.clone(), &kit.key).unwrap();
        let result = dying.rekey(&new, ("desk", 15), |header| {
            header.add_slot(
                &new,
                SlotKind::OfflineKey,
                json!({}),
                &paper.slot_key(),
                15,
                &mut OsRng,
            )
        });
        drop(dying);
        let after = Arc::new(MemoryStore::default());
        after.reset(faulty.inner.snapshot());
        // A process that died: its lock goes with it.
        let _ = after.delete("lock");
        let mut repository = match Repository::open_with_key(after.clone(), &kit.key) {
            Ok(repository) => repository,
            Err(BackupError::KeyChanged) => {
                Repository::open_offline(after.clone(), &paper).unwrap().0
            }
            Err(error) => panic!("after {writes} writes neither key opens it: {error}"),
        };
        assert_eq!(restore_latest(&repository).records.len(), 1);
        if *repository.key() == kit.key {
            repository.rekey(&new, ("desk", 16), |_| Ok(())).unwrap();
        }
        repository.settle_key("desk").unwrap();
        assert_eq!(problems(&repository), [""; 0], "after {writes} writes");
        back_up(&repository, &kit.source, 20).unwrap();
        assert_eq!(records(&restore_latest(&repository), "alice").len(), 2);
        assert!(matches!(Repository::open_with_key(after, &kit.key), Err(BackupError::KeyChanged)));
        if result.is_ok() && faulty.writes_left() > 0 {
            break;
        }
    }
}

#[test]
fn an_empty_backup_gets_another_key() {
    let mut kit = kit();
    let new = BackupKey::generate(&mut OsRng);
    kit.repository.rekey(&new, ("desk", 15), |_| Ok(())).unwrap();
    kit.repository.settle_key("desk").unwrap();
    back_up(&kit.repository, &kit.source, 20).unwrap();
    assert_eq!(problems(&open(&kit, &new).unwrap()), [""; 0]);
}
