//! Backup reads changes; restore and merge put them back.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

fn apply(archive: &mut Archive, changes: Vec<Change>) -> ApplyReport {
    archive.apply_changes(changes.into_iter().map(Ok::<_, ArchiveError>)).unwrap()
}

#[test]
fn a_restore_gives_the_same_archive() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut archive = open(a.path());
    let mut files = Files::of(&[("a.jpg", "A")]);
    let messages = vec![
        says("Ada", 0, "x"),
        says("Ada", 0, "x"),
        sends("Bo", 0, Some("a.jpg")),
        says("Bo", 1, "z"),
    ];
    import(&mut archive, &chat("Bo"), messages, &mut files);
    import(&mut archive, &chat("Club"), vec![says("Cy", 5, "hi")], &mut files);
    let stream = everything(&archive);
    let mut restored = open(b.path());
    let report = apply(&mut restored, stream.clone());
    assert_eq!((report.conversations_new, report.messages_new), (2, 5));
    assert_eq!(everything(&restored), stream);
    assert_eq!(texts(&restored), texts(&archive));
    assert_eq!(apply(&mut restored, stream.clone()).messages_known, 5);
    assert_eq!(everything(&restored), stream);
    assert_ne!(restored.id().unwrap(), archive.id().unwrap());
}

#[test]
fn a_cursor_gives_only_what_is_new_or_changed() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(
        &mut archive,
        &chat("Bo"),
        vec![says("Ada", 0, "x"), sends("Ada", 1, None)],
        &mut Files::default(),
    );
    import(&mut archive, &chat("Cy"), vec![says("Cy", 0, "quiet")], &mut Files::default());
    let cursor = archive.latest_cursor().unwrap();
    assert_eq!(archive.changes_since(cursor).unwrap().count(), 0);
    let mut files = Files::of(&[("a.jpg", "A")]);
    import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 1, Some("a.jpg")), says("Bo", 2, "new")],
        &mut files,
    );
    let changes = archive.changes_since(cursor).unwrap();
    assert_eq!(changes.through(), archive.latest_cursor().unwrap());
    let changes: Vec<_> = changes.map(Result::unwrap).collect();
    let [Change::Conversation(head), Change::Message(filled), Change::Message(new)] =
        changes.as_slice()
    else {
        panic!("one conversation with two messages, not {changes:?}");
    };
    assert_eq!((head.title.as_str(), new.text.as_str()), ("Bo", "new"));
    assert!(filled.attachments[0].content.hash().is_some());
}

#[test]
fn merging_never_replaces_newer_by_older_nor_deletes() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let telegram = NewConversation { source: Source::Telegram, ..chat("Bo") };
    let (mut old, mut new) = (open(a.path()), open(b.path()));
    import(
        &mut old,
        &telegram,
        vec![numbered(1, says("Ada", 0, "old")), numbered(2, says("Ada", 1, "only here"))],
        &mut Files::default(),
    );
    let edited = NewMessage { edited: true, edited_at: Some(9), ..says("Ada", 0, "new") };
    import(&mut new, &telegram, vec![numbered(1, edited)], &mut Files::default());
    let (from_old, from_new) = (everything(&old), everything(&new));
    apply(&mut new, from_old);
    apply(&mut old, from_new);
    assert_eq!(texts(&new), ["new", "only here"]);
    assert_eq!(texts(&old), ["new", "only here"]);
}

#[test]
fn records_survive_serialisation() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 0, Some("a.jpg"))],
        &mut Files::of(&[("a.jpg", "A")]),
    );
    let stream = everything(&archive);
    let json = serde_json::to_string(&stream).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Change>>(&json).unwrap(), stream);
}

/// The record as a backup has it.
fn record(change: &Change) -> String {
    let mut bytes = Vec::new();
    change.clone().write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_record_leaves_out_a_key_that_follows_from_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let twice = vec![
        says("Ada", 0, "x"),
        says("Ada", 0, "x"),
        sends("Ada", 1, Some("A.jpg")),
        sends("Ada", 1, None),
    ];
    import(&mut archive, &chat("Bo"), twice, &mut Files::of(&[("A.jpg", "A")]));
    let telegram = NewConversation { source: Source::Telegram, ..chat("Cy") };
    import(&mut archive, &telegram, vec![numbered(70, says("Cy", 5, "y"))], &mut Files::default());
    let stream = everything(&archive);
    let records: Vec<String> = stream.iter().map(record).collect();
    assert_eq!(records[1], r#"{"message":{"sender":"ada","time":28401120,"text":"x"}}"#);
    assert_eq!(
        records[2],
        r#"{"message":{"key":"1","sender":"ada","time":28401120,"tie":1024,"text":"x"}}"#
    );
    let keys = |record: &&String| record.contains(r#""message":{"key":"#);
    assert_eq!(records.iter().filter(keys).count(), 1, "{records:#?}");
    let read: Vec<Change> =
        records.iter().map(|record| Change::read(record.as_bytes()).unwrap()).collect();
    assert_eq!(read, stream);
}

#[test]
fn a_record_has_the_key_that_an_edit_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(&mut archive, &chat("Bo"), vec![says("Ada", 0, "at nine")], &mut Files::default());
    let edited = NewMessage { edited: true, ..says("Ada", 0, "at nine, or ten") };
    import(&mut archive, &chat("Bo"), vec![edited], &mut Files::default());
    let stream = everything(&archive);
    let records: Vec<String> = stream.iter().map(record).collect();
    let Change::Message(message) = &stream[1] else { panic!("{stream:?}") };
    assert!(records[1].contains(&format!("{:?}", message.key)), "{}", records[1]);
    assert_eq!(Change::read(records[1].as_bytes()).unwrap(), stream[1]);
}

#[test]
fn a_record_that_cannot_be_is_refused() {
    for bad in [
        r#"{"message":{"time":1e3,"text":"x"}}"#,
        r#"{"message":{"time":18446744073709551615,"text":"x"}}"#,
        r#"{"message":{"time":-9223372036854775808,"text":"x"}}"#,
        r#"{"message":{"time":1,"text":"x","key":"4294967296"}}"#,
        r#"{"message":{"time":1,"text":"x","key":"00"#,
        r#"{"message":{"time":1,"text":"x","key":"zz"}}"#,
        r#"{"message":{"text":"x"}}"#,
        "",
    ] {
        assert_eq!(
            Change::read(bad.as_bytes()).unwrap_err().code(),
            "archive.invalid_record",
            "{bad}"
        );
    }
}

#[test]
fn a_record_is_written_without_what_is_empty_and_read_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(&mut archive, &chat("Bo"), vec![says("Ada", 0, "x")], &mut Files::default());
    let message =
        everything(&archive).into_iter().find(|c| matches!(c, Change::Message(_))).unwrap();
    let mut json = serde_json::to_value(&message).unwrap();
    let fields = json["message"].as_object_mut().unwrap();
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["key", "sender", "time", "text"]);
    // As it was written before.
    let Change::Message(known) = &message else { panic!("{message:?}") };
    fields["time"] = serde_json::to_value(known.time).unwrap();
    fields.insert("kind".into(), "text".into());
    for name in ["source_id", "reply_to", "forwarded_from", "edited_at"] {
        fields.insert(name.into(), serde_json::Value::Null);
    }
    for (name, empty) in [
        ("edited", "false"),
        ("unsent", "false"),
        ("tie", "0"),
        ("reactions", "[]"),
        ("attachments", "[]"),
    ] {
        fields.insert(name.into(), serde_json::from_str(empty).unwrap());
    }
    assert_eq!(serde_json::from_value::<Change>(json).unwrap(), message);
}

#[test]
fn a_broken_stream_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(&mut archive, &chat("Bo"), vec![says("Ada", 0, "x")], &mut Files::default());
    let mut stream: Vec<_> = everything(&archive).into_iter().map(Ok).collect();
    let orphan = stream.pop().unwrap();
    let target = tempfile::tempdir().unwrap();
    let mut other = open(target.path());
    let refusal: ArchiveError = other.apply_changes([orphan]).unwrap_err();
    assert_eq!(refusal.code(), "archive.invalid_record");
    stream.push(Err(ArchiveError::NotFound("pack")));
    assert!(other.apply_changes(stream).is_err());
    assert!(other.conversations().unwrap().is_empty());
}

#[test]
fn a_stream_ends_where_it_was_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(&mut archive, &chat("Mira"), vec![says("mira", 1, "one")], &mut Files::default());
    let until = archive.latest_cursor().unwrap();
    import(&mut archive, &chat("Mira"), vec![says("mira", 2, "two")], &mut Files::default());
    let words = |changes: Changes<'_>| -> Vec<String> {
        let text = |c: Change| if let Change::Message(m) = c { Some(m.text) } else { None };
        changes.filter_map(|c| text(c.unwrap())).collect()
    };
    assert_eq!(words(archive.changes_since(Cursor(0)).unwrap().up_to(until)), ["one"]);
    assert_eq!(words(archive.changes_since(until).unwrap()), ["two"]);
}

#[test]
fn a_conversation_that_is_named_again_merges_nothing_that_is_two() {
    let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut archive = open(from.path());
    let omitted = vec![sends("mira", 1, None), sends("mira", 1, None)];
    import(&mut archive, &chat("Mira"), omitted, &mut Files::default());
    let [head, first, second] = everything(&archive).try_into().unwrap();
    let mut other = open(into.path());
    let stream = [head.clone(), first, head, second].map(Ok::<_, ArchiveError>);
    let report = other.apply_changes(stream).unwrap();
    assert_eq!((report.messages_new, report.before), (2, Cursor(0)));
    assert_eq!(report.after, other.latest_cursor().unwrap());
}
