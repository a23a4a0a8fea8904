//! Each store does what stores must do.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::{FaultyStore, FolderStore, MemoryStore, Process, Store, conformance};
use std::fs;

#[test]
fn the_memory_store_conforms() {
    conformance::check(&MemoryStore::default());
}

#[test]
fn the_folder_store_conforms() {
    let dir = tempfile::tempdir().unwrap();
    conformance::check(&FolderStore::new(dir.path().join("backup")).unwrap());
}

#[test]
fn a_faulty_store_without_faults_conforms() {
    conformance::check(&FaultyStore::dies_after(MemoryStore::default(), 1000));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("backup");
    let store = FolderStore::new(&root).unwrap();
    store.put("keepsake.json", b"{}").unwrap();
    store.put_new("packs/00", b"x").unwrap();
    let mode = |p: &str| fs::metadata(root.join(p)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        [mode("keepsake.json"), mode("packs/00"), mode("packs"), mode("")],
        [0o600, 0o600, 0o700, 0o700]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_write_is_not_seen_and_is_swept_once_its_process_ended() {
    let dir = tempfile::tempdir().unwrap();
    let store = FolderStore::new(dir.path()).unwrap();
    store.put_new("packs/00", b"x").unwrap();
    let own = Process::own();
    let gone = Process { number: u32::MAX, ..own.clone() };
    let other = Process { system: Some("another computer".into()), ..own.clone() };
    for process in [own, gone, other] {
        fs::write(dir.path().join(format!("packs/.unfinished-{}-abc", process.tag())), b"half")
            .unwrap();
    }
    assert_eq!(store.list("packs").unwrap().len(), 1);
    assert_eq!(store.sweep().unwrap(), 1);
    assert_eq!(store.sweep().unwrap(), 0);
    assert_eq!(fs::read_dir(dir.path().join("packs")).unwrap().count(), 3);
}
