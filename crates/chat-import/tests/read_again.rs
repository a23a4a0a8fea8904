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
