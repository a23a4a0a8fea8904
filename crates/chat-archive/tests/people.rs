//! One person across chats and messengers, as the owner says.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

fn handle(source: Source, key: &str) -> Handle {
    Handle { source, key: key.into() }
}

fn number() -> Handle {
    handle(Source::WhatsApp, "+49 170 1")
}

fn nele() -> Handle {
    handle(Source::Telegram, "user7")
}

/// Nele by her number in WhatsApp, by an id in Telegram, and somebody else who has her name in
/// Signal.
fn two_messengers(archive: &mut Archive) {
    import(
        archive,
        &chat("+49 170 1"),
        vec![says("+49 170 1", 0, "from a boat")],
        &mut Files::default(),
    );
    let telegram =
        NewConversation { source: Source::Telegram, key: "chat1".into(), ..chat("Nele") };
    let hello = NewMessage {
        sender: Some(Participant::new("user7", "Nele")),
        ..says("", 1, "from a train")
    };
    import(archive, &telegram, vec![hello], &mut Files::default());
    let signal = NewConversation { source: Source::Signal, key: "chat2".into(), ..chat("Walkers") };
    let other = NewMessage {
        sender: Some(Participant::new("pni:3", "Nele")),
        ..says("", 2, "from a hill")
    };
    import(archive, &signal, vec![other], &mut Files::default());
}

fn titles(archive: &Archive) -> Vec<String> {
    let mut titles: Vec<String> =
        archive.conversations().unwrap().into_iter().map(|c| c.title).collect();
    titles.sort();
    titles
}

fn senders(archive: &Archive, words: &str) -> Vec<String> {
    let query = SearchQuery { text: words.into(), limit: 10, ..SearchQuery::default() };
    archive.search(&query).unwrap().hits.into_iter().filter_map(|hit| hit.sender).collect()
}

fn names(archive: &Archive) -> Vec<(String, usize)> {
    archive.people().unwrap().into_iter().map(|p| (p.name, p.known_as.len())).collect()
}

fn listed(all: &[(&str, usize)]) -> Vec<(String, usize)> {
    all.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

#[test]
fn nobody_is_linked_before_the_owner_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    two_messengers(&mut archive);
    assert_eq!(names(&archive), listed(&[("+49 170 1", 1), ("Nele", 1), ("Nele", 1)]));
}

#[test]
fn a_linked_number_has_the_name_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    two_messengers(&mut archive);
    archive.link_people(&number(), &nele(), 1).unwrap();
    assert_eq!(names(&archive), listed(&[("Nele", 2), ("Nele", 1)]));
    assert_eq!(titles(&archive), ["Nele", "Nele", "Walkers"], "the list of chats");
    assert_eq!(senders(&archive, "boat"), ["Nele"], "hits and messages");
    let boat = archive
        .search(&SearchQuery { text: "boat".into(), limit: 1, ..SearchQuery::default() })
        .unwrap();
    assert_eq!(boat.hits[0].title, "Nele");
    let by_her = SearchQuery { sender: Some("nele".into()), limit: 9, ..SearchQuery::default() };
    assert_eq!(archive.search(&by_her).unwrap().hits.len(), 3, "found by the name that is shown");
    let mut text = Vec::new();
    archive.export_text(boat.hits[0].conversation, &mut text).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("Nele: from a boat"));

    archive.part_people(&number(), &nele(), 2).unwrap();
    assert_eq!(senders(&archive, "boat"), ["+49 170 1"], "undone");
    assert_eq!(titles(&archive), ["+49 170 1", "Nele", "Walkers"]);
    assert_eq!(archive.part_people(&number(), &nele(), 3).unwrap_err().code(), "archive.not_found");
}

#[test]
fn a_name_that_the_owner_gives_goes_before_all_others_until_it_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    two_messengers(&mut archive);
    archive.link_people(&number(), &nele(), 1).unwrap();
    archive.name_person(&number(), Some("Mum"), 1).unwrap();
    assert_eq!(senders(&archive, "train"), ["Mum"]);
    archive.name_person(&nele(), None, 1).unwrap();
    assert_eq!(senders(&archive, "train"), ["Nele"]);
    let refused = archive.name_person(&handle(Source::Signal, "nobody"), Some("x"), 2).unwrap_err();
    assert_eq!(refused.code(), "archive.not_found");
}

#[test]
fn whoever_is_unlinked_leaves_the_others_together() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    two_messengers(&mut archive);
    let walker = handle(Source::Signal, "pni:3");
    archive.link_people(&number(), &nele(), 1).unwrap();
    archive.link_people(&nele(), &walker, 2).unwrap();
    assert_eq!(names(&archive), listed(&[("Nele", 3)]));
    archive.unlink_person(&nele(), 3).unwrap();
    assert_eq!(names(&archive), listed(&[("Nele", 2), ("Nele", 1)]));
    let pair = archive.people().unwrap().into_iter().find(|p| p.known_as.len() == 2).unwrap();
    let handles: Vec<Handle> = pair.known_as.into_iter().map(|k| k.handle).collect();
    assert_eq!(handles, [number(), walker]);
}

#[test]
fn a_chat_that_comes_later_has_the_name_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    two_messengers(&mut archive);
    archive.link_people(&number(), &nele(), 1).unwrap();
    import(&mut archive, &chat("Boats"), vec![says("+49 170 1", 5, "ahoy")], &mut Files::default());
    assert_eq!(senders(&archive, "ahoy"), ["Nele"]);
}

#[test]
fn people_travel_with_a_backup_and_an_older_one_takes_nothing_back() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut archive = open(a.path());
    two_messengers(&mut archive);
    archive.link_people(&number(), &nele(), 1).unwrap();
    let older = everything(&archive);
    archive.name_person(&number(), Some("Mum"), 2).unwrap();
    archive.unlink_person(&nele(), 3).unwrap();
    let newer = everything(&archive);
    for order in [[&older, &newer], [&newer, &older]] {
        let mut restored =
            open(&b.path().join(order[0].len().to_string()).join(order[1].len().to_string()));
        for stream in order {
            restored.apply_changes(stream.iter().cloned().map(Ok::<_, ArchiveError>)).unwrap();
        }
        assert_eq!(restored.people().unwrap(), archive.people().unwrap());
    }
}
