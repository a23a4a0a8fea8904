//! A program in another language, written from the specification alone, reads what this crate
//! wrote.
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

fn decrypt(python: &str, backup: &Path, output: &Path, digits: &str) -> Output {
    let mut child = Command::new(python)
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

/// Debian's own Python has the packages; another one first on the path may not.
fn python() -> Option<&'static str> {
    let ready = |python: &&str| {
        let imports = ["-c", "import cryptography, zstandard"];
        Command::new(python).args(imports).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(ready);
    if found.is_none() {
        eprintln!("skipped: needs python3 with cryptography and zstandard");
    }
    found
}

#[test]
fn python_reads_a_backup_of_the_first_format() {
    let Some(python) = python() else { return };
    let out = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first-format");
    let key = "b80e257131a87df9d6493346fee0666f4191816b498daf2a87c18f60703ed6ef";
    let ran = decrypt(python, &old, out.path(), key);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout).trim(),
        "snapshot 4: 10 records, 1 media files"
    );
}

#[test]
fn python_reads_the_same_records_and_media() {
    let Some(python) = python() else { return };
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
    for (digits, out) in [
        (printed.expose(), out.join("a")),
        (&*hex::encode(kit.key.secret().expose()), out.join("b")),
    ] {
        let ran = decrypt(python, &place, &out, digits);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let sink = restore_latest(&repository);
        for stream in ["alice", "bob"] {
            let mut expected = Vec::new();
            records(&sink, stream)
                .iter()
                .for_each(|r| backup_engine::format::push_record(&mut expected, r));
            assert_eq!(
                fs::read(out.join("streams").join(hex::encode(stream) + ".bin")).unwrap(),
                expected
            );
        }
        for (hash, bytes) in &sink.media {
            assert_eq!(fs::read(out.join("media").join(hex::encode(hash))).unwrap(), *bytes);
        }
    }
}

#[test]
fn python_reads_a_backup_whose_key_was_changed() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (place, out) = (dir.path().join("backup"), dir.path().join("out"));
    let mut kit = kit();
    let mut repository = create(Arc::new(FolderStore::new(&place).unwrap()), &kit.key);
    back_up(&repository, &kit.source, 10).unwrap();
    let new = BackupKey::generate(&mut OsRng);
    repository.rekey(&new, ("desk", 15), |_| Ok(())).unwrap();
    kit.source.record("alice", b"after the change");
    back_up(&repository, &kit.source, 20).unwrap();
    let alice =
        |out: &Path| fs::read(out.join("streams").join(hex::encode("alice") + ".bin")).unwrap();
    let key = |key: &BackupKey| hex::encode(key.secret().expose());

    let ran = decrypt(python, &place, &out.join("new"), &key(&new));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(alice(&out.join("new")).ends_with(b"after the change"));
    assert_eq!(fs::read_dir(out.join("new/media")).unwrap().count(), 6);

    // The old key opens what is of its time, and says that there is more.
    let ran = decrypt(python, &place, &out.join("old"), &key(&kit.key));
    assert_eq!(ran.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&ran.stderr).contains("wrong key for snapshots/0000000000000003")
    );
    assert!(alice(&out.join("old")).ends_with(b"message 1998"));

    // The header's copy in a pack has the old key for whoever has the new one.
    fs::remove_file(place.join("keepsake.json")).unwrap();
    fs::remove_file(place.join("copies/keepsake.json")).unwrap();
    let ran = decrypt(python, &place, &out.join("bare"), &key(&new));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(alice(&out.join("bare")), alice(&out.join("new")));
}

#[test]
fn python_refuses_a_wrong_key_and_an_altered_pack() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("backup");
    let kit = kit();
    let repository: Repository = create(Arc::new(FolderStore::new(&place).unwrap()), &kit.key);
    back_up(&repository, &kit.source, 10).unwrap();
    let refused = |digits: &str| {
        let ran = decrypt(python, &place, &dir.path().join("out"), digits);
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
