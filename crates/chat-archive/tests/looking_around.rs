//! What the window asks beside pages of messages: how many hits, the next picture, numbers.
#![allow(clippy::unwrap_used)]

mod support;

use chat_archive::*;
use support::*;

fn archive() -> (tempfile::TempDir, Archive, ConversationId) {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Lake")).unwrap();
    let mut media = Files::default();
    for (minute, name, mime) in [
        (1, "a.jpg", "image/jpeg"),
        (2, "list.pdf", "application/pdf"),
        (3, "b.mp4", "video/mp4"),
        (500_000, "c.png", "image/png"),
    ] {
        media.0.insert(name.into(), name.into());
        let file = NewAttachment {
            name: Some(name.into()),
            mime: Some(mime.into()),
            file: Ok(name.into()),
        };
        let message = NewMessage { attachments: vec![file], ..says("Ada", minute, "look") };
        session.add_message(id, message, &mut media).unwrap();
    }
    session.add_message(id, says("Bo", 600_000, "look at this"), &mut media).unwrap();
    session.finish_conversation(id, &mut media).unwrap();
    session.commit().unwrap();
    (dir, archive, id)
}

fn words(text: &str) -> SearchQuery {
    SearchQuery { text: text.into(), limit: 10, ..SearchQuery::default() }
}

#[test]
fn hits_are_counted_as_far_as_asked() {
    let (_dir, archive, _) = archive();
    assert_eq!(archive.count_hits(&words("look"), 100).unwrap(), 5);
    assert_eq!(archive.count_hits(&words("look"), 2).unwrap(), 2);
    assert_eq!(archive.count_hits(&words("…"), 100).unwrap(), 0, "signs find nothing");
    let bo = SearchQuery { sender: Some("bo".into()), ..words("look") };
    assert_eq!(archive.count_hits(&bo, 100).unwrap(), 1);
}

#[test]
fn files_are_found_by_their_sort() {
    let (_dir, archive, _) = archive();
    for (sort, found) in
        [(FileSort::Picture, 2), (FileSort::Video, 1), (FileSort::Sound, 0), (FileSort::Other, 1)]
    {
        let query = SearchQuery { file: Some(sort), ..words("look") };
        assert_eq!(archive.search(&query).unwrap().hits.len(), found, "{sort:?}");
        assert_eq!(archive.count_hits(&query, 100).unwrap(), found as u64, "{sort:?}");
    }
}

#[test]
fn the_next_picture_or_video_is_found_both_ways() {
    let (_dir, archive, id) = archive();
    let page = archive.messages_at(id, 0, 10).unwrap();
    let name = |found: Option<MediaItem>| found.and_then(|item| item.attachment.name);
    let beside = |n: usize, towards| name(archive.neighbour_media(page[n].id, 0, towards).unwrap());
    assert_eq!(beside(0, Towards::Newer).as_deref(), Some("b.mp4"), "the list is no picture");
    assert_eq!(beside(2, Towards::Newer).as_deref(), Some("c.png"));
    assert_eq!(beside(2, Towards::Older).as_deref(), Some("a.jpg"));
    assert_eq!(beside(0, Towards::Older), None);
    assert_eq!(beside(3, Towards::Newer), None);
    assert!(archive.neighbour_media(MessageId(999), 0, Towards::Newer).is_err());
}

#[test]
fn a_conversation_in_numbers() {
    let (_dir, archive, id) = archive();
    let told = archive.statistics(id).unwrap();
    let years: Vec<(i32, u64)> = told.years.iter().map(|y| (y.year, y.messages)).collect();
    assert_eq!(years, [(2024, 4), (2025, 1)]);
    let people: Vec<(&str, u64)> =
        told.people.iter().map(|p| (p.name.as_str(), p.messages)).collect();
    assert_eq!(people, [("Ada", 4), ("Bo", 1)]);
    assert_eq!((told.first, told.last), (Some(minutes(1).ms), Some(minutes(600_000).ms)));
}

#[test]
fn an_empty_conversation_has_no_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let told = open(dir.path()).statistics(ConversationId(1)).unwrap();
    assert_eq!((told.years.len(), told.people.len(), told.first), (0, 0, None));
}
