//! Keys, damage, rights, and a disk that is full.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use chat_archive::*;

fn filled(dir: &Path) {
    let mut archive = open(dir);
    let messages = (0..2_000).map(|n| says("Ada", n, &format!("very private words {n}"))).collect();
    import(&mut archive, &chat("Bo"), messages, &mut Files::default());
}

fn open_error(dir: &Path, key: [u8; 32]) -> ArchiveError {
    match Archive::open(dir, &ArchiveKey::new(key), Arc::new(MemoryVault::default())) {
        Ok(archive) => {
            archive.check().expect_err("this archive must not open, or not pass its check")
        }
        Err(error) => error,
    }
}

#[test]
fn the_right_key_opens_and_a_wrong_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    assert_eq!(open_error(dir.path(), [8; 32]).code(), "archive.wrong_key");
    let archive = open(dir.path());
    archive.check().unwrap();
    assert_eq!(archive.message_count(archive.conversations().unwrap()[0].id).unwrap(), 2_000);
}

#[test]
fn a_wrong_key_is_named_even_without_the_check_file() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    fs::remove_file(dir.path().join("archive.key-check")).unwrap();
    assert_eq!(open_error(dir.path(), [8; 32]).code(), "archive.wrong_key");
    open(dir.path());
}

#[test]
fn damage_is_told_from_a_wrong_key() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let path = dir.path().join("archive.db");
    let whole = fs::read(&path).unwrap();
    for at in [100, whole.len() / 2, whole.len() - 100] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert_eq!(open_error(dir.path(), KEY).code(), "archive.corrupt", "a bit at {at}");
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(open_error(dir.path(), KEY).code(), "archive.corrupt", "cut in half");
}

#[test]
fn nothing_readable_lies_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    for entry in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|w| w == b"very private"));
        assert!(!bytes.starts_with(b"SQLite format 3"));
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("new");
    let archive = open(&dir);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    drop(archive);
}

/// A vault on a full disk.
struct FullVault;

impl MediaVault for FullVault {
    fn put(&self, _content: &mut dyn Read) -> io::Result<StoredMedia> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn open(&self, _hash: &MediaHash) -> io::Result<Box<dyn Read + Send>> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn contains(&self, _hash: &MediaHash) -> io::Result<bool> {
        Ok(false)
    }
    fn delete(&self, _hash: &MediaHash) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_for_media_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open_with(dir.path(), Arc::new(FullVault));
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Bo")).unwrap();
    let refusal = session
        .add_message(id, sends("Ada", 0, Some("a.jpg")), &mut Files::of(&[("a.jpg", "A")]))
        .unwrap_err();
    assert_eq!(refusal.code(), "archive.disk_full");
}

#[test]
fn a_reader_sees_the_state_before_an_import_until_it_commits() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let (mut writer, reader) = (open(dir.path()), open(dir.path()));
    let id = reader.conversations().unwrap()[0].id;
    let mut session = writer.begin_import().unwrap();
    let open = session.add_conversation(&chat("Bo")).unwrap();
    session.add_message(open, says("Ada", 9_999, "new"), &mut NoMedia).unwrap();
    assert_eq!(reader.message_count(id).unwrap(), 2_000);
    session.finish_conversation(open, &mut NoMedia).unwrap();
    session.commit().unwrap();
    assert_eq!(reader.message_count(id).unwrap(), 2_001);
}

#[test]
fn a_plain_folder_keeps_one_copy_of_each_file() {
    let dir = tempfile::tempdir().unwrap();
    let vault = PlainDirVault::open(&dir.path().join("media")).unwrap();
    let first = vault.put(&mut b"content".as_slice()).unwrap();
    let second = vault.put(&mut b"content".as_slice()).unwrap();
    assert_eq!((first.created, second.created, first.hash), (true, false, second.hash));
    let mut back = String::new();
    vault.open(&first.hash).unwrap().read_to_string(&mut back).unwrap();
    assert_eq!(back, "content");
    vault.delete(&first.hash).unwrap();
    vault.delete(&first.hash).unwrap();
    assert!(!vault.contains(&first.hash).unwrap());
}
