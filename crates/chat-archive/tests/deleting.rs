//! A chat that its owner wants gone.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

fn two_chats(dir: &std::path::Path) -> Archive {
    let mut archive = open(dir);
    let mut files = Files::of(&[("a.jpg", "A"), ("b.jpg", "B")]);
    let mira = vec![
        says("Mira", 0, "only here"),
        sends("Mira", 1, Some("a.jpg")),
        sends("Mira", 2, Some("b.jpg")),
    ];
    import(&mut archive, &chat("Mira"), mira, &mut files);
    import(
        &mut archive,
        &chat("Noor"),
        vec![says("Noor", 0, "and here"), sends("Noor", 1, Some("b.jpg"))],
        &mut files,
    );
    archive
}

fn id_of(archive: &Archive, title: &str) -> ConversationId {
    archive.conversations().unwrap().iter().find(|c| c.title == title).unwrap().id
}

fn found(archive: &Archive, text: &str) -> usize {
    let query = SearchQuery { text: text.into(), limit: 10, ..SearchQuery::default() };
    archive.search(&query).unwrap().hits.len()
}

#[test]
fn nothing_of_a_deleted_chat_is_left_and_nothing_else_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = two_chats(dir.path());
    let before = everything(&archive);
    let mira = id_of(&archive, "Mira");
    let deleted = archive.delete_conversation(mira).unwrap();
    let (only_hers, _) = MediaHash::of_reader(&mut b"A".as_slice()).unwrap();
    assert_eq!(deleted, Deleted { messages: 3, media: vec![only_hers] });
    assert_eq!(texts(&archive), ["and here", ""]);
    assert_eq!((found(&archive, "only"), found(&archive, "here")), (0, 1));
    assert_eq!(everything(&archive), before[before.len() - 3..]);
    assert_eq!(archive.delete_conversation(mira).unwrap_err().code(), "archive.not_found");
    archive.check().unwrap();
}

#[test]
fn a_deleted_chat_comes_back_with_its_export() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = two_chats(dir.path());
    let before = texts(&archive);
    let mira = id_of(&archive, "Mira");
    archive.delete_conversation(mira).unwrap();
    two_chats(dir.path());
    let mut after = texts(&archive);
    after.sort();
    let mut before = before;
    before.sort();
    assert_eq!(after, before);
    assert_eq!(found(&archive, "only"), 1);
}

#[test]
fn chats_that_are_shown_as_one_go_together() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = two_chats(dir.path());
    let (mira, noor) = (id_of(&archive, "Mira"), id_of(&archive, "Noor"));
    let one = archive.unite(mira, noor, 0).unwrap();
    assert_eq!(archive.threads_of(one).unwrap().len(), 2);
    let deleted = archive.delete_conversation(one).unwrap();
    assert_eq!((deleted.messages, deleted.media.len()), (5, 2));
    assert!(archive.conversations().unwrap().is_empty() && everything(&archive).is_empty());
    archive.check().unwrap();
}
