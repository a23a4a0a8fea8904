//! A program in another language, written from the specification alone, reads what this crate wrote.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::{BackupOptions, FolderStore, Repository, Unobserved};
use sealed_keys::{BackupKey, OfflineKey, OsRng, SlotKind};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use support::*;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/backup_decrypt.py");

fn decrypt(backup: &Path, output: &Path, digits: &str) -> Output {
    let mut child = Command::new("python3")
        .arg(SCRIPT)
        .args([backup, output])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(digits.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn python_is_ready() -> bool {
    let imports = ["-c", "import cryptography, zstandard"];
    let ready = Command::new("python3").args(imports).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    if !ready {
        eprintln!("skipped: needs python3 with cryptography and zstandard");
    }
    ready
}

#[test]
fn python_reads_the_same_records_and_media() {
    if !python_is_ready() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (place, out) = (dir.path().join("backup"), dir.path().join("out"));
    let mut kit = kit();
    let mut repository = create(Arc::new(FolderStore::new(&place).unwrap()), &kit.key);
    let paper = OfflineKey::generate(&mut OsRng);
    let add = |h: &mut sealed_keys::Header| {
        let parameters = serde_json::json!({"note": "caf\u{e9}", "b": 1, "a": [true, null]});
        h.add_slot(&kit.key, SlotKind::OfflineKey, parameters, &paper.slot_key(), 2, &mut OsRng)
    };
    repository.update_header(&kit.key, add).unwrap();
    back_up(&repository, &kit.source, 10).unwrap();
    kit.source.record("alice", "later: \u{1f600}".as_bytes());
    repository.backup(&kit.source, &BackupOptions::new("desk", 20), &Unobserved).unwrap();

    let printed = paper.display();
    for (digits, out) in [(printed.expose(), out.join("a")), (&*hex::encode(kit.key.secret().expose()), out.join("b"))]
    {
        let ran = decrypt(&place, &out, digits);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let sink = restore_latest(&repository);
        for stream in ["alice", "bob"] {
            let mut expected = Vec::new();
            records(&sink, stream).iter().for_each(|r| backup_engine::format::push_record(&mut expected, r));
            assert_eq!(fs::read(out.join("streams").join(hex::encode(stream) + ".bin")).unwrap(), expected);
        }
        for (hash, bytes) in &sink.media {
            assert_eq!(fs::read(out.join("media").join(hex::encode(hash))).unwrap(), *bytes);
        }
    }
}

#[test]
fn python_refuses_a_wrong_key_and_an_altered_pack() {
    if !python_is_ready() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("backup");
    let kit = kit();
    let repository: Repository = create(Arc::new(FolderStore::new(&place).unwrap()), &kit.key);
    back_up(&repository, &kit.source, 10).unwrap();
    let refused = |digits: &str| {
        let ran = decrypt(&place, &dir.path().join("out"), digits);
        assert!(!ran.status.success());
        String::from_utf8(ran.stderr).unwrap()
    };
    let wrong = hex::encode(BackupKey::generate(&mut OsRng).secret().expose());
    assert_eq!(refused(&wrong).trim(), "refused: these digits do not open this backup");
    for pack in fs::read_dir(place.join("packs")).unwrap() {
        let pack = pack.unwrap().path();
        let mut bytes = fs::read(&pack).unwrap();
        bytes[100] ^= 1;
        fs::write(&pack, bytes).unwrap();
    }
    assert!(refused(&hex::encode(kit.key.secret().expose())).contains("is damaged or was altered"));
}
