//! An archive in which an earlier version left messages that it did not understand.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use chat_archive::*;

/// What the version that had never heard of polls and of `hologram` made of an export.
const POLL: &str = r#"{"id": 4, "type": "message", "date": "2024-05-01T10:00:00", "date_unixtime": "1714550400",
    "from": "Ada", "from_id": "user7", "text": "", "poll": {"question": "Which pier?",
    "answers": [{"text": "North", "voters": 2}]}}"#;
const HOLOGRAM: &str = r#"{"id": 5, "type": "hologram", "date": "2024-05-01T10:01:00", "date_unixtime": "1714550460"}"#;

fn archive(dir: &Path) -> Archive {
    Archive::open(dir, &ArchiveKey::new([1; 32]), Arc::new(MemoryVault::default())).unwrap()
}

fn left_by_an_earlier_version(archive: &mut Archive) {
    let mut session = archive.begin_import().unwrap();
    let id = session
        .add_conversation(&NewConversation {
            source: Source::Telegram,
            key: "user:7".into(),
            title: "Ada".into(),
            kind: ConversationKind::Direct,
            participants: Vec::new(),
            sample: Vec::new(),
        })
        .unwrap();
    for (number, ms, raw) in [("4", 1_714_550_400_000, POLL), ("5", 1_714_550_460_000, HOLOGRAM)] {
        let message = NewMessage {
            source_id: Some(number.into()),
            time: Timestamp { ms, precision: Precision::Second, zone: Zone::Utc },
            kind: MessageKind::Unknown,
            text: "Something that Keepsake does not understand yet (message)".into(),
            details: Details { raw: Some(raw.into()), ..Details::default() },
            ..NewMessage::default()
        };
        session.add_message(id, message, &mut NoMedia).unwrap();
    }
    session.commit().unwrap();
}

fn shown(archive: &Archive) -> Vec<(String, MessageKind, Option<String>)> {
    let id = archive.conversations().unwrap()[0].id;
    let messages = archive.messages_at(id, 0, 10).unwrap();
    messages.into_iter().map(|m| (m.record.text, m.record.kind, m.sender.map(|p| p.name))).collect()
}

#[test]
fn a_later_version_reads_what_an_earlier_one_stored_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut old = archive(&dir.path().join("old"));
    left_by_an_earlier_version(&mut old);

    // Through a backup, as on a new computer.
    let changes: Vec<Change> = old.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect();
    let mut archive = archive(&dir.path().join("new"));
    archive.apply_changes(changes.into_iter().map(Ok::<_, ArchiveError>)).unwrap();

    assert_eq!(chat_import::read_again(&mut archive).unwrap(), 1);
    let unknown = "Something that Keepsake does not understand yet (message)";
    let expected = [
        ("Which pier?\n• North (2)".to_owned(), MessageKind::Text, Some("Ada".to_owned())),
        (unknown.to_owned(), MessageKind::Unknown, None),
    ];
    assert_eq!(shown(&archive), expected);
    let left = archive.not_understood(MessageId(0), 10).unwrap();
    assert_eq!(left.len(), 1, "what nobody understands yet is still there");
    assert_eq!(left[0].record.details.raw.as_deref(), Some(HOLOGRAM), "as it was");

    let cursor = archive.latest_cursor().unwrap();
    assert_eq!(chat_import::read_again(&mut archive).unwrap(), 0, "these importers have looked");
    archive.set_readers(0).unwrap();
    assert_eq!(chat_import::read_again(&mut archive).unwrap(), 0, "and again find nothing new");
    assert_eq!((archive.latest_cursor().unwrap(), shown(&archive)), (cursor, expected.to_vec()));
}

/// A message of Signal with a poll, of ChatLab with a link: of senders whose names are in the
/// archive alone.
const OTHERS: &[(Source, &str, &str)] = &[
    (
        Source::Signal,
        r#"{"chatId": "1", "authorId": "2", "dateSent": "1714550400000", "poll": {"question": "Which pier?",
            "options": [{"option": "North"}]}}"#,
        "Which pier?",
    ),
    (
        Source::WhatsApp,
        r#"{"sender": "8", "timestamp": 1714550400, "type": 7, "content": "piers.example", "platformMessageId": "4"}"#,
        "piers.example",
    ),
];

#[test]
fn messages_of_other_formats_keep_their_senders() {
    for (source, raw, words) in OTHERS {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = archive(dir.path());
        left_unread(&mut archive, *source, raw, 1_714_550_400_000);
        assert_eq!(chat_import::read_again(&mut archive).unwrap(), 1, "{source:?}");
        let (text, kind, sender) = shown(&archive).remove(0);
        assert!(text.starts_with(words), "{text}");
        assert_eq!((kind, sender.as_deref()), (MessageKind::Text, Some("Ada")));
    }
}

#[test]
fn what_is_of_another_moment_is_another_message() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = archive(dir.path());
    left_unread(&mut archive, Source::Signal, OTHERS[0].1, 1_714_550_999_000);
    assert_eq!(chat_import::read_again(&mut archive).unwrap(), 0);
}

/// A message of Ada's that was stored as its export had it.
fn left_unread(archive: &mut Archive, source: Source, raw: &str, ms: i64) {
    let mut session = archive.begin_import().unwrap();
    let id = session
        .add_conversation(&NewConversation {
            source,
            key: "ada".into(),
            title: "Ada".into(),
            kind: ConversationKind::Direct,
            participants: Vec::new(),
            sample: Vec::new(),
        })
        .unwrap();
    let message = NewMessage {
        source_id: Some("4".into()),
        sender: Some(Participant::new("8", "Ada")),
        time: Timestamp { ms, precision: Precision::Second, zone: Zone::Utc },
        kind: MessageKind::Unknown,
        details: Details { raw: Some(raw.into()), ..Details::default() },
        ..NewMessage::default()
    };
    session.add_message(id, message, &mut NoMedia).unwrap();
    session.commit().unwrap();
}
