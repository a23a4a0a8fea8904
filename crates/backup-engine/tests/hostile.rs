//! Whoever holds the store alters, cuts, swaps and puts back what lies there. Nothing wrong is ever
//! restored, and each refusal names the object.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::ListSink;
use backup_engine::format::{
    Catalog, FileKind, Manifest, Pack, SealedFile, SegmentRecords, SnapshotName, decode_payload,
    parse_index,
};
use backup_engine::{BackupError, Depth, PruneOptions, Repository, Retention, Store, Unobserved};
use proptest::prelude::*;
use sealed_keys::{BackupKey, OsRng};
use std::collections::BTreeMap;
use support::*;

type Blobs = BTreeMap<String, Vec<u8>>;

/// Two backups of a small source, so that every test can alter every byte range of interest.
fn small() -> (Kit, Blobs, Blobs) {
    let mut kit = kit();
    kit.source = backup_engine::fixture::ListSource::new(1);
    kit.source.record("alice", b"first");
    kit.source.media(&noise(5000));
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let first = kit.store.snapshot();
    kit.source.record("alice", b"second");
    back_up(&kit.repository, &kit.source, 20).unwrap();
    let second = kit.store.snapshot();
    (kit, first, second)
}

fn paths(blobs: &Blobs, folder: &str) -> Vec<String> {
    blobs.keys().filter(|p| p.starts_with(folder)).cloned().collect()
}

/// All that a check with all data and a fresh restore say.
fn problems(kit: &Kit) -> Vec<String> {
    let opened = match Repository::open_with_key(kit.store.clone(), &kit.key) {
        Ok(opened) => opened,
        Err(error) => return vec![error.to_string()],
    };
    let mut found: Vec<String> = opened
        .check(Depth::AllData, &Unobserved)
        .unwrap()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    let Ok(Some(latest)) = opened.latest() else { return found };
    let mut sink = ListSink::default();
    match opened.restore(&latest, &Default::default(), &mut sink, &Unobserved) {
        Ok(report) => found.extend(report.problems.iter().map(ToString::to_string)),
        Err(error) => found.push(error.to_string()),
    }
    for (_, record) in &sink.records {
        assert!(
            [&b"first"[..], b"second"].contains(&record.as_slice()),
            "something else was restored"
        );
    }
    for (hash, bytes) in &sink.media {
        assert_eq!(sealed_keys::digest(bytes), *hash);
    }
    found
}

#[test]
fn any_altered_byte_is_found_and_named() {
    let (kit, _, whole) = small();
    assert_eq!(problems(&kit), Vec::<String>::new());
    for (path, bytes) in &whole {
        // Every byte of what is short, a sample of what is long; the header's white space means
        // nothing.
        let step = if path == "keepsake.json" { bytes.len() } else { (bytes.len() / 150).max(1) };
        for at in (0..bytes.len()).step_by(step) {
            let mut blobs = whole.clone();
            blobs.get_mut(path).unwrap()[at] ^= 0x10;
            kit.store.reset(blobs);
            let found = problems(&kit);
            assert!(!found.is_empty(), "byte {at} of {path}");
            assert!(
                path == "keepsake.json" || found[0].contains(path.as_str()),
                "byte {at} of {path}: {found:?}"
            );
        }
    }
}

#[test]
fn any_cut_or_lengthened_file_is_found() {
    let (kit, _, whole) = small();
    for (path, bytes) in &whole {
        for len in [0, 1, 8, 87, 88, bytes.len() / 2, bytes.len() - 1, bytes.len() + 1] {
            let mut blobs = whole.clone();
            blobs.get_mut(path).unwrap().resize(len, 0);
            kit.store.reset(blobs);
            assert!(!problems(&kit).is_empty(), "{path} with {len} bytes");
        }
    }
}

#[test]
fn any_missing_file_is_found() {
    let (kit, _, whole) = small();
    for path in whole.keys() {
        // The newest snapshot's copy is written after it: without one, the next backup writes it.
        if path.starts_with(&format!("copies/{:016x}", 2)) {
            continue;
        }
        let mut blobs = whole.clone();
        blobs.remove(path);
        kit.store.reset(blobs);
        assert!(!problems(&kit).is_empty(), "without {path}");
    }
}

#[test]
fn files_that_change_places_are_found() {
    let (kit, _, whole) = small();
    for folder in ["packs/", "index/", "snapshots/", "copies/0"] {
        let both = paths(&whole, folder);
        let mut blobs = whole.clone();
        blobs.insert(both[0].clone(), whole[&both[1]].clone());
        blobs.insert(both[1].clone(), whole[&both[0]].clone());
        kit.store.reset(blobs);
        assert!(problems(&kit).iter().any(|p| p.contains(folder)), "{folder}");
    }
}

#[test]
fn files_of_another_backup_under_the_same_key_are_found() {
    let (kit, _, whole) = small();
    let (other, _, foreign) = small();
    for folder in ["packs/", "index/", "snapshots/"] {
        let mut blobs = whole.clone();
        blobs
            .insert(paths(&whole, folder)[0].clone(), foreign[&paths(&foreign, folder)[0]].clone());
        kit.store.reset(blobs);
        assert!(problems(&kit).iter().any(|p| p.contains(folder)), "{folder}");
    }
    drop(other);
}

#[test]
fn a_rolled_back_store_is_noticed_by_who_saw_more() {
    let (kit, first, second) = small();
    let seen = kit.repository.seen().unwrap().unwrap();
    kit.repository.verify_seen(&seen).unwrap();
    kit.store.reset(first);
    assert_eq!(problems(&kit), Vec::<String>::new(), "an older state is whole in itself");
    assert!(matches!(
        kit.repository.verify_seen(&seen),
        Err(BackupError::RolledBack { seen: 2, found: 1 })
    ));

    // The same number, but made anew after the rollback.
    let mut fork = backup_engine::fixture::ListSource::new(9);
    fork.record("alice", b"second");
    back_up(&kit.repository, &fork, 30).unwrap();
    assert!(matches!(
        kit.repository.verify_seen(&seen),
        Err(BackupError::Replaced { sequence: 2 })
    ));
    kit.store.reset(second);
    kit.repository.verify_seen(&seen).unwrap();
}

#[test]
fn an_old_header_put_back_is_noticed() {
    let (mut kit, _, _) = small();
    let old = kit.store.get("keepsake.json", 1 << 20).unwrap();
    let slot_key = sealed_keys::OfflineKey::generate(&mut OsRng).slot_key();
    let (key, kind) = (kit.key.clone(), sealed_keys::SlotKind::OfflineKey);
    let add = |h: &mut sealed_keys::Header| {
        h.add_slot(&key, kind, serde_json::json!({}), &slot_key, 2, &mut OsRng)
    };
    kit.repository.update_header(&kit.key, add).unwrap();
    let seen = kit.repository.seen().unwrap().unwrap();
    kit.store.put("keepsake.json", &old).unwrap();
    kit.store.put("copies/keepsake.json", &old).unwrap();
    let reopened = Repository::open_with_key(kit.store.clone(), &kit.key).unwrap();
    assert!(
        matches!(reopened.verify_seen(&seen), Err(BackupError::Damaged { object, .. }) if object == "keepsake.json")
    );
}

#[test]
fn a_wrong_key_is_a_wrong_key_and_not_damage() {
    let (kit, _, whole) = small();
    let wrong = BackupKey::generate(&mut OsRng);
    let opened = Repository::open_with_key(kit.store.clone(), &wrong).err();
    assert!(matches!(opened, Some(BackupError::WrongKey { object }) if object == "keepsake.json"));
    // Also for a single file: the commitment tells.
    let id = kit.repository.header().repository;
    let keys = wrong.repository_keys(id);
    let path = paths(&whole, "packs/").remove(0);
    let pack = Pack::parse(&whole[&path]).unwrap();
    assert!(
        matches!(pack.open(&keys, pack.id), Err(BackupError::WrongKey { object }) if object == path)
    );
    let file = &whole[&paths(&whole, "snapshots/")[0]];
    let name = SnapshotName::bare(1).sealed_as();
    let refused = backup_engine::format::open_file(&keys, FileKind::Snapshot, &name, file);
    assert!(matches!(refused, Err(BackupError::WrongKey { .. })));
}

#[test]
fn damage_in_one_place_leaves_the_rest_restorable() {
    let mut kit = kit();
    let photo = kit.source.media(&noise(9_000_000));
    back_up(&kit.repository, &kit.source, 10).unwrap();
    let mut blobs = kit.store.snapshot();
    let pack = paths(&blobs, "packs/").into_iter().max_by_key(|p| blobs[p].len()).unwrap();
    let middle = blobs[&pack].len() / 2;
    blobs.get_mut(&pack).unwrap()[middle] ^= 1;
    kit.store.reset(blobs);
    let snapshot = kit.repository.latest().unwrap().unwrap();
    let mut sink = ListSink::default();
    let report =
        kit.repository.restore(&snapshot, &Default::default(), &mut sink, &Unobserved).unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.problems[0].to_string().contains(&pack));
    assert_eq!(report.records + report.media + 1, 2007);
    assert!(sink.records.len() == 2000 || sink.media.contains_key(&photo));
}

#[test]
fn without_its_index_a_backup_is_read_by_the_packs_own_directories() {
    let (kit, _, whole) = small();
    let mut blobs = whole.clone();
    blobs.retain(|path, _| !path.starts_with("index/"));
    kit.store.reset(blobs.clone());
    assert_eq!(restore_latest(&kit.repository).records.len(), 2);
    assert!(problems(&kit)[0].contains("are in no index file"));
    // A prune writes it anew, and loses nothing.
    let options =
        PruneOptions { retention: Retention { last: 9, ..Retention::default() }, ..prune_all() };
    kit.repository.prune(&options, &Unobserved).unwrap();
    assert_eq!(problems(&kit), Vec::<String>::new());
    assert_eq!(restore(&kit.repository, 1).records.len(), 1);
}

#[test]
fn files_of_others_are_none_of_our_business() {
    let (kit, _, whole) = small();
    let mut blobs = whole.clone();
    for folder in ["", "index/", "packs/", "snapshots/", "copies/"] {
        for name in ["desktop.ini", "thumbs.db", "00", "0000000000000001.conflict"] {
            blobs.insert(format!("{folder}{name}"), b"[.ShellClassInfo]".to_vec());
        }
    }
    kit.store.reset(blobs);
    assert_eq!(problems(&kit), Vec::<String>::new());
    assert!(back_up(&kit.repository, &kit.source, 30).unwrap().unchanged);
}

fn parse_everything(bytes: &[u8]) {
    let _ = Pack::parse(bytes);
    let _ = SealedFile::parse(FileKind::Index, bytes);
    let _ = SealedFile::parse(FileKind::Snapshot, bytes);
    let _ = parse_index(bytes);
    let _ = Manifest::parse(bytes);
    let _ = Catalog::parse(bytes);
    let _ = decode_payload(bytes);
    let _ = SegmentRecords::new(bytes).count();
    let _ = sealed_keys::Header::parse(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        parse_everything(&bytes);
    }

    #[test]
    fn mutated_files_never_make_a_parser_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        static FILES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
        let mut bytes = which.get(FILES.get_or_init(|| small().2.into_values().collect())).clone();
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        parse_everything(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        parse_everything(&bytes);
    }
}
