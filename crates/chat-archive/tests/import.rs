//! Importing: repeats survive, importing again adds nothing, overlapping exports merge.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

#[test]
fn importing_again_adds_nothing_and_repeats_survive() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let export = || {
        vec![says("Ada", 0, "ok"), says("Ada", 0, "ok"), says("Bo", 0, "ok"), says("Ada", 1, "ok")]
    };
    let first = import(&mut archive, &chat("Bo"), export(), &mut Files::default());
    assert_eq!((first.conversations_new, first.messages_new, first.duplicates_skipped), (1, 4, 0));
    let cursor = archive.latest_cursor().unwrap();
    let again = import(&mut archive, &chat("Bo"), export(), &mut Files::default());
    assert_eq!((again.conversations_new, again.messages_new, again.duplicates_skipped), (0, 0, 4));
    assert_eq!(archive.latest_cursor().unwrap(), cursor, "a repeated import is no change");
    assert_eq!(texts(&archive).len(), 4);
}

#[test]
fn a_long_export_that_is_known_but_for_some_messages_adds_only_these() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let minute = |n: i64| n / 3 * 7;
    let text = |n: i64| format!("{}", n % 5);
    let all: Vec<NewMessage> =
        (0..900).map(|n| says(["Ada", "Bo"][n as usize % 2], minute(n), &text(n))).collect();
    let is_new = |n: usize| n > 880 || n.is_multiple_of(97) || (300..310).contains(&n);
    let known =
        all.iter().enumerate().filter(|(n, _)| !is_new(*n)).map(|(_, m)| m.clone()).collect();
    import(&mut archive, &chat("Bo"), known, &mut Files::default());
    let new = (0..900).filter(|n| is_new(*n)).count() as u64;
    let report = import(&mut archive, &chat("Bo"), all.clone(), &mut Files::default());
    assert_eq!((report.messages_new, report.duplicates_skipped), (new, 900 - new));
    assert_eq!(texts(&archive), (0..900).map(text).collect::<Vec<_>>());
    let cursor = archive.latest_cursor().unwrap();
    let again = import(&mut archive, &chat("Bo"), all.clone(), &mut Files::default());
    assert_eq!((again.messages_new, again.duplicates_skipped), (0, 900));
    assert_eq!(archive.latest_cursor().unwrap(), cursor);
    // The same chat once more, with one message of each minute doubled.
    let doubled: Vec<NewMessage> =
        all.iter().step_by(3).flat_map(|m| [m.clone(), m.clone()]).collect();
    let report = import(&mut archive, &chat("Bo"), doubled, &mut Files::default());
    assert_eq!((report.messages_new, report.duplicates_skipped), (300, 300));
}

#[test]
fn overlapping_exports_of_two_phones_merge_even_with_other_precision() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let old_phone = vec![says("Ada", 0, "one"), says("Bo", 1, "two"), says("Ada", 2, "three")];
    import(&mut archive, &chat("Bo"), old_phone, &mut Files::default());
    let mut two = says("Bo", 1, "two");
    two.time =
        Timestamp { ms: two.time.ms + 42_000, precision: Precision::Second, zone: Zone::Local };
    let new_phone =
        vec![two, says("Ada", 2, "three"), says("Bo", 2, "four"), says("Bo", 3, "five")];
    let report = import(&mut archive, &chat("Bo"), new_phone, &mut Files::default());
    assert_eq!(
        (report.messages_new, report.messages_updated, report.duplicates_skipped),
        (2, 1, 1)
    );
    assert_eq!(texts(&archive), ["one", "two", "three", "four", "five"]);
    assert_eq!(all_messages(&archive)[1].record.time.precision, Precision::Second);
}

#[test]
fn a_later_export_with_media_fills_what_was_missing() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let without = vec![sends("Ada", 0, None), sends("Ada", 0, None), says("Bo", 1, "nice")];
    let report = import(&mut archive, &chat("Bo"), without, &mut Files::default());
    assert_eq!((report.attachments_missing, report.missing.len()), (2, 2));
    let with = || {
        vec![sends("Ada", 0, Some("a.jpg")), sends("Ada", 0, Some("b.jpg")), says("Bo", 1, "nice")]
    };
    let mut files = Files::of(&[("a.jpg", "AAA"), ("b.jpg", "BBBB")]);
    let report = import(&mut archive, &chat("Bo"), with(), &mut files);
    assert_eq!((report.messages_new, report.messages_updated, report.attachments_new), (0, 2, 2));
    let again = import(&mut archive, &chat("Bo"), with(), &mut files);
    assert_eq!((again.messages_new, again.messages_updated, again.duplicates_skipped), (0, 0, 3));
    let back = import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 0, None), sends("Ada", 0, None)],
        &mut files,
    );
    assert_eq!((back.messages_new, back.messages_updated, back.attachments_missing), (0, 0, 0));
    let names: Vec<_> = all_messages(&archive)
        .into_iter()
        .flat_map(|m| m.record.attachments)
        .map(|a| a.name.unwrap())
        .collect();
    assert_eq!(names, ["a.jpg", "b.jpg"]);
}

#[test]
fn the_same_photo_under_another_name_is_the_same_message() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 0, Some("IMG-1.jpg"))],
        &mut Files::of(&[("IMG-1.jpg", "same")]),
    );
    let other = vec![sends("Ada", 0, Some("0001-PHOTO.jpg"))];
    let report =
        import(&mut archive, &chat("Bo"), other, &mut Files::of(&[("0001-PHOTO.jpg", "same")]));
    assert_eq!((report.messages_new, report.attachments_new), (0, 0));
}

#[test]
fn different_photos_in_one_minute_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 0, Some("1.jpg"))],
        &mut Files::of(&[("1.jpg", "x")]),
    );
    let report = import(
        &mut archive,
        &chat("Bo"),
        vec![sends("Ada", 0, Some("2.jpg"))],
        &mut Files::of(&[("2.jpg", "y")]),
    );
    assert_eq!((report.messages_new, report.attachments_new), (1, 1));
}

#[test]
fn numbered_messages_take_newer_edits_and_never_lose_words() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let chat = NewConversation { source: Source::Telegram, ..chat("Bo") };
    let edited = |text: &str, at: i64| NewMessage {
        edited: true,
        edited_at: Some(at),
        ..says("Ada", 0, text)
    };
    import(&mut archive, &chat, vec![numbered(1, edited("second", 2))], &mut Files::default());
    let old = import(
        &mut archive,
        &chat,
        vec![numbered(1, says("Ada", 0, "first"))],
        &mut Files::default(),
    );
    assert_eq!(old.messages_updated, 1, "an earlier wording is news");
    assert_eq!(texts(&archive), ["second"]);
    import(&mut archive, &chat, vec![numbered(1, edited("third", 3))], &mut Files::default());
    assert_eq!(texts(&archive), ["third"]);
    let withdrawn = NewMessage { unsent: true, ..says("Ada", 0, "") };
    import(&mut archive, &chat, vec![numbered(1, withdrawn)], &mut Files::default());
    let message = &all_messages(&archive)[0].record;
    assert_eq!((message.text.as_str(), message.unsent), ("third", true));
    let earlier: Vec<_> = message.earlier.iter().map(|w| (w.text.as_str(), w.at)).collect();
    assert_eq!(earlier, [("first", None), ("second", Some(2))]);
}

#[test]
fn what_was_edited_or_taken_back_between_two_exports_is_the_same_message() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let before = || vec![says("Ada", 0, "helo"), says("Bo", 1, "hi"), says("Ada", 2, "secret")];
    let edited = NewMessage { edited: true, ..says("Ada", 0, "hello") };
    let unsent = NewMessage { unsent: true, ..says("Ada", 2, "") };
    let after = || vec![edited.clone(), says("Bo", 1, "hi"), unsent.clone()];
    import(&mut archive, &chat("Bo"), before(), &mut Files::default());
    let report = import(&mut archive, &chat("Bo"), after(), &mut Files::default());
    assert_eq!(
        (report.messages_new, report.messages_updated, report.duplicates_skipped),
        (0, 2, 1)
    );
    let messages: Vec<_> = all_messages(&archive).into_iter().map(|m| m.record).collect();
    assert_eq!((messages[0].text.as_str(), messages[0].edited), ("hello", true));
    assert_eq!(messages[0].earlier, [Wording { text: "helo".into(), at: None }]);
    assert_eq!((messages[2].text.as_str(), messages[2].unsent), ("secret", true));
    for again in [before(), after()] {
        let report = import(&mut archive, &chat("Bo"), again, &mut Files::default());
        assert_eq!((report.messages_new, report.messages_updated), (0, 0));
    }
}

#[test]
fn a_dropped_import_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let media = std::sync::Arc::new(MemoryVault::default());
    let mut archive = open_with(dir.path(), media.clone());
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Bo")).unwrap();
    session
        .add_message(id, sends("Ada", 0, Some("a.jpg")), &mut Files::of(&[("a.jpg", "A")]))
        .unwrap();
    assert_eq!(media.len(), 1);
    drop(session);
    assert!(media.is_empty());
    assert!(archive.conversations().unwrap().is_empty());
    assert_eq!(archive.latest_cursor().unwrap(), Cursor(0));
}

#[test]
fn the_title_seen_with_newer_messages_wins() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let named = |title: &str| NewConversation { key: "k".into(), ..chat(title) };
    import(&mut archive, &named("New name"), vec![says("Ada", 9, "x")], &mut Files::default());
    import(&mut archive, &named("Old name"), vec![says("Ada", 1, "y")], &mut Files::default());
    assert_eq!(archive.conversations().unwrap()[0].title, "New name");
}

#[test]
fn a_file_that_is_gone_from_the_vault_comes_back_with_the_export_and_into_the_next_backup() {
    let dir = tempfile::tempdir().unwrap();
    let vault = std::sync::Arc::new(MemoryVault::default());
    let mut archive = open_with(dir.path(), vault.clone());
    for (number, name) in [(None, "photo.jpg"), (Some(7), "video.mp4")] {
        let message = sends("mira", 1, Some(name));
        let message = number.map_or(message.clone(), |n| numbered(n, message));
        let again = || vec![message.clone()];
        let mut files = Files::of(&[(name, name)]);
        import(&mut archive, &chat(name), again(), &mut files);
        let (hash, _) = archive.present_media().unwrap().pop().unwrap();
        let cursor = archive.latest_cursor().unwrap();
        import(&mut archive, &chat(name), again(), &mut files);
        assert_eq!(archive.latest_cursor().unwrap(), cursor, "nothing is missing");

        vault.delete(&hash).unwrap();
        import(&mut archive, &chat(name), again(), &mut Files::default());
        assert_eq!(
            archive.latest_cursor().unwrap(),
            cursor,
            "the export lacks it too: what is known stays known"
        );
        let report = import(&mut archive, &chat(name), again(), &mut files);
        assert_eq!((report.messages_updated, report.attachments_new), (1, 1));
        assert!(vault.contains(&hash).unwrap());
        let changed: Vec<_> = archive.changes_since(cursor).unwrap().map(Result::unwrap).collect();
        assert!(
            matches!(changed.as_slice(), [Change::Conversation(_), Change::Message(_)]),
            "{changed:?}"
        );
    }
}
