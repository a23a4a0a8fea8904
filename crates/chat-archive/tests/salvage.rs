//! A damaged database file: everything on its whole pages comes back, and the archive goes on as
//! the same one.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chat_archive::*;
use support::*;

const PAGE: usize = 4096;
/// The schema and the first page of every table lie before it.
const FIRST_ROWS: usize = 60;

/// A chat of `count` messages of about 190 bytes, with an attachment at every tenth.
fn filled(dir: &Path, count: i64) -> Archive {
    let mut archive = open(dir);
    let mut files = Files::default();
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Mira")).unwrap();
    for n in 0..count {
        let name = format!("{n}.jpg");
        files.0.insert(name.clone(), n.to_be_bytes().to_vec());
        let mut message = says("Mira", n, &format!("number{n} {}", "words ".repeat(30)));
        if n % 10 == 0 {
            message.attachments = sends("Mira", n, Some(&name)).attachments;
        }
        session.add_message(id, message, &mut files).unwrap();
    }
    session.commit().unwrap();
    archive
}

fn texts(archive: &Archive) -> BTreeSet<String> {
    archive
        .changes_since(Cursor(0))
        .unwrap()
        .filter_map(|change| match change.unwrap() {
            Change::Message(message) => Some(message.text),
            _ => None,
        })
        .collect()
}

fn flip(dir: &Path, pages: &[usize]) {
    let path = dir.join("archive.db");
    let mut bytes = fs::read(&path).unwrap();
    pages.iter().for_each(|page| bytes[page * PAGE + 100] ^= 1);
    fs::write(path, bytes).unwrap();
}

fn salvage(dir: &Path) -> Result<Salvaged, ArchiveError> {
    Archive::salvage(dir, &ArchiveKey::new(KEY))
}

#[test]
fn each_single_page_may_be_damaged() {
    let whole = tempfile::tempdir().unwrap();
    let archive = filled(whole.path(), 400);
    let (id, cursor, all) =
        (archive.id().unwrap(), archive.latest_cursor().unwrap(), texts(&archive));
    drop(archive);
    let pages = fs::metadata(whole.path().join("archive.db")).unwrap().len() as usize / PAGE;
    let (mut refused, mut inner) = (0, 0);
    for page in 0..pages {
        let dir = tempfile::tempdir().unwrap();
        for file in fs::read_dir(whole.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
        }
        flip(dir.path(), &[page]);
        let before = fs::read(dir.path().join("archive.db")).unwrap();
        let salvaged = match salvage(dir.path()) {
            Ok(salvaged) => salvaged,
            Err(error) => {
                assert_eq!(error.code(), "archive.corrupt", "page {page}");
                assert_eq!(
                    fs::read(dir.path().join("archive.db")).unwrap(),
                    before,
                    "nothing was changed"
                );
                refused += 1;
                continue;
            }
        };
        assert_eq!(fs::read(&salvaged.set_aside).unwrap(), before, "the damaged file stays");
        let archive = open(dir.path());
        archive.check().unwrap();
        let saved = texts(&archive);
        assert!(saved.is_subset(&all), "page {page}");
        let lost = (all.len() - saved.len()) as u64;
        inner += usize::from(lost > 60);
        assert_eq!(salvaged.messages, saved.len() as u64, "page {page}");
        assert!(
            salvaged.messages_lost.is_none_or(|told| told == lost),
            "page {page}: {salvaged:?}"
        );
        assert!(
            archive.latest_cursor().unwrap() >= cursor || archive.id().unwrap() != id,
            "page {page}"
        );
        if let Some(text) = saved.first() {
            let word = text.split(' ').next().unwrap();
            let query =
                SearchQuery { text: format!("{word} "), limit: 10, ..SearchQuery::default() };
            assert_eq!(archive.search(&query).unwrap().hits.len(), 1, "page {page}");
        }
    }
    assert!((1..=6).contains(&refused), "the head and the schema: {refused} of {pages}");
    assert!(
        inner <= 1,
        "only the root of the messages leads to more than a page of them: {inner} of {pages}"
    );
}

#[test]
fn what_was_lost_comes_back_with_the_same_import() {
    let dir = tempfile::tempdir().unwrap();
    let all = texts(&filled(dir.path(), 2_000));
    let pages = fs::metadata(dir.path().join("archive.db")).unwrap().len() as usize / PAGE;
    flip(dir.path(), &(FIRST_ROWS..pages).step_by(9).collect::<Vec<_>>());
    let salvaged = salvage(dir.path()).unwrap();
    assert!((1_000..2_000).contains(&salvaged.messages), "{salvaged:?}");
    assert!(!salvaged.tables_damaged.is_empty());
    assert_eq!(texts(&filled(dir.path(), 2_000)), all);
    open(dir.path()).check().unwrap();
}

#[test]
fn a_whole_database_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let archive = filled(dir.path(), 300);
    let before: Vec<_> = archive.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect();
    let id = archive.id().unwrap();
    drop(archive);
    let salvaged = salvage(dir.path()).unwrap();
    assert_eq!((salvaged.messages, salvaged.messages_lost), (300, Some(0)));
    let archive = open(dir.path());
    let after: Vec<_> = archive.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect();
    assert!(after == before && archive.id().unwrap() == id);
}

#[test]
fn another_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 10));
    let refused = Archive::salvage(dir.path(), &ArchiveKey::new([8; 32])).unwrap_err();
    assert_eq!(refused.code(), "archive.wrong_key");
}
