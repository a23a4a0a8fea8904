//! What is known beside messages: leftovers, unclaimed files, exports, who the owner is.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

fn with_leftovers(archive: &mut Archive) -> ImportReport {
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Bo")).unwrap();
    session.add_message(id, says("Ada", 0, "hi"), &mut NoMedia).unwrap();
    for line in ["~ 12 ~", "~ 12 ~", "another"] {
        session.add_leftover(id, "line before the first message", line.as_bytes()).unwrap();
    }
    session.add_leftover(id, "bytes", b"\xff\xfe").unwrap();
    session.add_leftover(id, "long", &[b'x'; 100_000]).unwrap();
    session
        .add_unclaimed_file(id, "photo.jpg", Some("image/jpeg"), &mut b"JPEG".as_slice())
        .unwrap();
    let export = ExportRead { name: "Bo.zip".into(), sha256: "ab".repeat(32), bytes: 9 };
    session.add_export(id, &export, 7).unwrap();
    session.finish_conversation(id, &mut NoMedia).unwrap();
    session.commit().unwrap()
}

#[test]
fn what_is_not_understood_is_there_as_it_was_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let report = with_leftovers(&mut archive);
    let counted: Vec<_> =
        report.not_understood.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    assert_eq!(counted, [("bytes", 1), ("line before the first message", 3), ("long", 1)]);
    let id = archive.conversations().unwrap()[0].id;
    let raw: Vec<Raw> = archive.leftovers(id).unwrap().into_iter().map(|l| l.raw).collect();
    assert_eq!(raw[..3], ["~ 12 ~", "~ 12 ~", "another"].map(|t| Raw::Text(t.into())));
    assert_eq!(raw[3], Raw::Hex("fffe".into()));
    let Raw::File { hash, size: 100_000 } = raw[4] else { panic!("{:?}", raw[4]) };
    archive.open_media(&hash).unwrap();

    let cursor = archive.latest_cursor().unwrap();
    with_leftovers(&mut archive);
    assert_eq!(archive.latest_cursor().unwrap(), cursor, "the same export again is no news");
}

#[test]
fn an_unclaimed_file_is_there_and_goes_to_the_message_that_turns_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    with_leftovers(&mut archive);
    let id = archive.conversations().unwrap()[0].id;
    let unclaimed = archive.unclaimed_files(id).unwrap();
    assert_eq!((unclaimed[0].name.as_str(), unclaimed[0].size), ("photo.jpg", 4));
    assert!(
        archive.present_media().unwrap().iter().any(|(hash, _)| *hash == unclaimed[0].hash),
        "a backup takes it"
    );

    import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 1, Some("photo.jpg"))],
        &mut Files::default(),
    );
    assert!(archive.unclaimed_files(id).unwrap().is_empty());
    let photo = &all_messages(&archive)[1].record.attachments[0];
    assert_eq!(photo.content.hash(), Some(unclaimed[0].hash));
}

#[test]
fn a_file_that_was_missing_is_filled_in_when_it_turns_up_unnamed() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 1, Some("photo.jpg"))],
        &mut Files::default(),
    );
    let report = with_leftovers(&mut archive);
    assert_eq!((report.attachments_appeared, report.unclaimed_files), (1, 0));
    assert_eq!(archive.conversations().unwrap()[0].attachments_missing, 0);
}

#[test]
fn facts_travel_with_a_backup() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut archive = open(a.path());
    with_leftovers(&mut archive);
    let id = archive.conversations().unwrap()[0].id;
    archive.set_own(id, Some("ada"), true, 5).unwrap();
    let stream = everything(&archive);
    let json = serde_json::to_string(&stream).unwrap();
    let read: Vec<Change> = serde_json::from_str(&json).unwrap();
    let mut restored = open(b.path());
    restored.apply_changes(read.into_iter().map(Ok::<_, ArchiveError>)).unwrap();
    assert_eq!(everything(&restored), stream);
    assert_eq!(restored.leftovers(id).unwrap(), archive.leftovers(id).unwrap());
    assert_eq!(restored.exports_read(id).unwrap()[0].name, "Bo.zip");
    assert_eq!(own(&restored), ["Ada"]);
}

/// Names of the senders of own messages.
fn own(archive: &Archive) -> Vec<String> {
    let own =
        all_messages(archive).into_iter().filter_map(|m| m.sender.filter(|p| p.own == Some(true)));
    own.map(|p| p.name).collect()
}

#[test]
fn the_owner_says_once_who_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let lines = || vec![says("Ada", 0, "hi"), says("Bo", 1, "yo")];
    import(&mut archive, &chat("Bo"), lines(), &mut Files::default());
    let id = archive.conversations().unwrap()[0].id;
    assert!(own(&archive).is_empty());
    archive.set_own(id, Some("ada"), true, 1).unwrap();
    assert_eq!(own(&archive), ["Ada"]);
    import(
        &mut archive,
        &chat("Cy"),
        vec![says("Cy", 0, "one"), says("Ada", 1, "two")],
        &mut Files::default(),
    );
    assert_eq!(own(&archive).len(), 2, "the next chat knows it already");

    archive.set_own(id, Some("bo"), false, 2).unwrap();
    let mut names = own(&archive);
    names.sort();
    assert_eq!(names, ["Ada", "Bo"], "changed in one chat only");
    archive.set_own(id, None, false, 3).unwrap();
    assert_eq!(own(&archive), ["Ada"]);
    archive.forget_own_name(Source::WhatsApp, "ada", 4).unwrap();
    assert!(own(&archive).is_empty());
    let refusal = archive.set_own(id, Some("nobody"), false, 5).unwrap_err();
    assert_eq!(refusal.code(), "archive.not_found");
}

#[test]
fn what_the_source_tells_of_the_owner_needs_no_question() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut mine = says("Me", 0, "hi");
    mine.sender = Some(person("Me").with_own(Some(true)));
    import(&mut archive, &chat("Bo"), vec![mine, says("Bo", 1, "yo")], &mut Files::default());
    assert_eq!(own(&archive), ["Me"]);
}
