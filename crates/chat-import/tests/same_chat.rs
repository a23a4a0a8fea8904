//! The same chat in several exports, one after the other, in any order: what the archive shows.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use chat_archive::*;
use chat_import::{ImportOptions, Wanted};

/// What the owner says comes after what the program found: 2096.
const LATER: i64 = 4_000_000_000_000;

struct Home {
    archive: Archive,
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open(
            &dir.path().join("archive"),
            &ArchiveKey::new([1; 32]),
            Arc::new(MemoryVault::default()),
        )
        .unwrap();
        Self { archive, dir }
    }

    fn import(&mut self, name: &str, content: &str) -> ImportReport {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(&path, content).unwrap();
        let mut session = self.archive.begin_import().unwrap();
        let go_on = &mut |_: &chat_import::Progress| ControlFlow::Continue(());
        chat_import::import(
            &path,
            &Wanted::Any,
            &ImportOptions { today: Some(20_454), ..ImportOptions::default() },
            &mut session,
            go_on,
        )
        .unwrap();
        let report = session.commit().unwrap();
        std::fs::remove_file(&path).unwrap();
        report
    }

    /// Title, then `name: text` of each message.
    fn shown(&self) -> Vec<(String, Vec<String>)> {
        let mut chats: Vec<_> = self
            .archive
            .conversations()
            .unwrap()
            .into_iter()
            .map(|c| {
                let messages = self.archive.messages_at(c.id, 0, 1000).unwrap();
                assert_eq!(messages.len() as u64, c.messages);
                let line = |m: MessageView| {
                    format!("{}: {}", m.sender.map_or("*".into(), |p| p.name), m.record.text)
                };
                (c.title, messages.into_iter().map(line).collect())
            })
            .collect();
        chats.sort();
        chats
    }
}

fn in_any_order(exports: &[(&str, &str)], check: impl Fn(&Home)) {
    let orders: &[&[usize]] = match exports.len() {
        2 => &[&[0, 1], &[1, 0], &[0, 1, 0, 1]],
        _ => &[&[0, 1, 2], &[2, 1, 0], &[1, 0, 2], &[1, 2, 0], &[0, 2, 1], &[2, 0, 1, 2, 1, 0]],
    };
    for order in orders {
        let mut home = Home::new();
        for n in *order {
            home.import(exports[*n].0, exports[*n].1);
        }
        check(&home);
    }
}

const HERE: &str = "17/11/2023, 10:00 - Ines: hello\n17/11/2023, 10:01 - Rolf: hej\n17/11/2023, 10:02 - Ines: right\n17/11/2023, 10:02 - Ines: right\n";

#[test]
fn another_time_zone_is_the_same_chat() {
    let there = HERE.replace(" 10:", " 04:");
    in_any_order(
        &[("WhatsApp Chat with Rolf.txt", HERE), ("WhatsApp Chat with Rolf.txt", &there)],
        |home| {
            let shown = home.shown();
            assert_eq!(
                shown,
                [(
                    "Rolf".into(),
                    ["Ines: hello", "Rolf: hej", "Ines: right", "Ines: right"]
                        .map(String::from)
                        .to_vec()
                )]
            );
        },
    );
}

#[test]
fn a_renamed_contact_and_the_other_phone_are_the_same_chat() {
    let renamed = HERE.replace("Rolf:", "Rolf Office:");
    in_any_order(
        &[("WhatsApp Chat with Rolf.txt", HERE), ("WhatsApp Chat with Rolf Office.txt", &renamed)],
        |home| {
            assert_eq!((home.shown().len(), home.shown()[0].1.len()), (1, 4));
            let id = home.archive.conversations().unwrap()[0].id;
            assert_eq!(
                home.archive.participants(id).unwrap().len(),
                2,
                "one person under two names"
            );
        },
    );
    let other = HERE.replace("Ines:", "Ines ❤:");
    in_any_order(
        &[("WhatsApp Chat with Rolf.txt", HERE), ("WhatsApp Chat with Ines ❤.txt", &other)],
        |home| {
            assert_eq!((home.shown().len(), home.shown()[0].1.len()), (1, 4));
        },
    );
}

#[test]
fn a_group_that_knows_members_by_other_names_is_the_same() {
    let here = format!("{HERE}17/11/2023, 10:03 - Uma: x\n17/11/2023, 10:04 - Nils: y\n");
    let there =
        format!("{HERE}17/11/2023, 10:03 - Ursula: x\n17/11/2023, 10:04 - +49 170 7654321: y\n");
    in_any_order(
        &[("WhatsApp Chat with Choir.txt", &here), ("WhatsApp Chat with Choir.txt", &there)],
        |home| {
            assert_eq!((home.shown().len(), home.shown()[0].1.len()), (1, 6));
            let id = home.archive.conversations().unwrap()[0].id;
            assert_eq!(home.archive.participants(id).unwrap().len(), 4);
        },
    );
}

#[test]
fn edited_and_taken_back_between_two_exports() {
    let before = "17/11/2023, 10:00 - Ines: helo\n17/11/2023, 10:01 - Rolf: hej\n17/11/2023, 10:02 - Ines: secret\n";
    let after = "17/11/2023, 10:00 - Ines: hello <This message was edited>\n17/11/2023, 10:01 - Rolf: hej\n17/11/2023, 10:02 - Ines: This message was deleted\n";
    in_any_order(
        &[("WhatsApp Chat with Rolf.txt", before), ("WhatsApp Chat with Rolf.txt", after)],
        |home| {
            assert_eq!(
                home.shown(),
                [(
                    "Rolf".into(),
                    ["Ines: hello", "Rolf: hej", "Ines: secret"].map(String::from).to_vec()
                )]
            );
            let id = home.archive.conversations().unwrap()[0].id;
            let messages = home.archive.messages_at(id, 0, 10).unwrap();
            assert_eq!(messages[0].record.earlier[0].text, "helo");
            assert!(messages[2].record.unsent);
        },
    );
}

#[test]
fn a_new_member_who_changes_the_title_that_falls_back_to_the_people() {
    let lines: String = (1..=20)
        .map(|d| format!("{d:02}/11/2023, 15:05 - {}: m{d}\n", ["Ines", "Rolf"][d % 2]))
        .collect();
    let later = format!("{lines}21/11/2023, 10:00 - Uma: new here\n");
    in_any_order(&[("export.txt", &lines), ("export.txt", &later)], |home| {
        assert_eq!((home.shown().len(), home.shown()[0].1.len()), (1, 21));
    });
}

#[test]
fn two_people_of_one_name_are_two_chats_and_a_question() {
    let one = "17/11/2023, 10:00 - Kim: dinner?\n17/11/2023, 10:01 - Me: yes\n";
    let other = "18/11/2023, 10:00 - Kim: your invoice\n18/11/2023, 10:01 - Me: thanks\n";
    in_any_order(
        &[("WhatsApp Chat with Kim.txt", one), ("WhatsApp Chat with Kim.txt", other)],
        |home| {
            assert_eq!(home.shown().len(), 2);
            let proposals = home.archive.proposals().unwrap();
            assert_eq!(
                (proposals.len(), proposals[0].united, proposals[0].evidence.same),
                (1, false, 0)
            );
        },
    );
}

#[test]
fn the_owner_unites_and_separates_and_nothing_is_lost() {
    let mut home = Home::new();
    home.import(
        "WhatsApp Chat with Kim.txt",
        "17/11/2023, 10:00 - Kim: dinner?\n17/11/2023, 10:01 - Me: yes\n",
    );
    home.import(
        "WhatsApp Chat with Kim.txt",
        "18/11/2023, 10:00 - Kim: your invoice\n18/11/2023, 10:01 - Me: thanks\n",
    );
    let before = home.shown();
    let found = home.archive.proposals().unwrap().remove(0);
    let id = home.archive.unite(found.a, found.b, LATER).unwrap();
    assert_eq!(
        home.shown(),
        [(
            "Kim".into(),
            ["Kim: dinner?", "Me: yes", "Kim: your invoice", "Me: thanks"]
                .map(String::from)
                .to_vec()
        )]
    );

    let changes: Vec<Change> =
        home.archive.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect();
    let mut restored = Home::new();
    restored.archive.apply_changes(changes.into_iter().map(Ok::<_, ArchiveError>)).unwrap();
    assert_eq!(restored.shown(), home.shown(), "a backup knows it");

    home.archive.separate(id, LATER + 1).unwrap();
    assert_eq!(home.shown(), before);
    assert!(home.archive.proposals().unwrap().is_empty(), "and does not ask again");
    home.import(
        "WhatsApp Chat with Kim.txt",
        "18/11/2023, 10:00 - Kim: your invoice\n18/11/2023, 10:01 - Me: thanks\n",
    );
    assert_eq!(home.shown(), before);
}

#[test]
fn what_was_united_by_itself_can_be_taken_apart() {
    let mut home = Home::new();
    home.import("WhatsApp Chat with Rolf.txt", HERE);
    home.import("WhatsApp Chat with Rolf.txt", &HERE.replace(" 10:", " 04:"));
    let id = home.archive.conversations().unwrap()[0].id;
    let hits = |home: &Home| {
        home.archive
            .search(&SearchQuery { text: "hej".into(), limit: 9, ..SearchQuery::default() })
            .unwrap()
            .hits
            .len()
    };
    assert_eq!(hits(&home), 1);
    home.archive.separate(id, LATER).unwrap();
    assert_eq!(home.shown().iter().map(|(_, lines)| lines.len()).collect::<Vec<_>>(), [4, 4]);
    assert_eq!(hits(&home), 2);
}

#[test]
fn a_telegram_group_that_became_a_supergroup_is_one_chat() {
    let message = |id: i64, second: i64, text: &str| {
        format!(
            r#"{{"id":{id},"type":"message","date":"2023-11-17T09:12:{second:02}","date_unixtime":"{}","from":"Uma","from_id":"user7","text":"{text}"}}"#,
            1_700_212_320 + second
        )
    };
    let group = format!(
        r#"{{"name":"Choir","type":"private_group","id":55,"messages":[{},{},{}]}}"#,
        message(1, 1, "one more"),
        message(2, 2, "two more"),
        message(3, 3, "three more")
    );
    let big = format!(
        r#"{{"name":"Choir","type":"private_supergroup","id":77,"messages":[{},{},{},{{"id":-20,"type":"service","date":"2023-11-17T09:13:00","date_unixtime":"1700212380","actor":"Uma","action":"migrate_to_supergroup","text":""}},{}]}}"#,
        message(-29, 1, "one more"),
        message(-28, 2, "two more"),
        message(-27, 3, "three more"),
        message(1, 50, "new")
    );
    in_any_order(&[("result.json", &group), ("result.json", &big)], |home| {
        let shown = home.shown();
        assert_eq!((shown.len(), shown[0].1.len()), (1, 5), "{shown:?}");
    });
}

#[test]
fn the_same_export_again_adds_nothing_though_nobody_is_named() {
    let chat = "[17/11/23, 15:04:00] Ines: \u{200e}Messages and calls are end-to-end encrypted.\n\u{200e}[17/11/23, 15:05:00] Ines: \u{200e}image omitted\n[17/11/23, 15:06:00] Rolf: nice\n";
    let mut home = Home::new();
    home.import("_chat.txt", chat);
    for _ in 0..2 {
        let report = home.import("_chat.txt", chat);
        assert_eq!((report.messages_new, report.duplicates_skipped), (0, 3));
    }
    assert_eq!(home.shown()[0].1.len(), 3);
}

#[test]
fn three_exports_two_of_which_have_nothing_in_common() {
    let line = |d: usize, hour: usize| {
        format!("2023-11-{d:02}, {hour:02}:05 - {}: words of day {d}\n", ["Ines", "Rolf"][d % 2])
    };
    let part = |days: std::ops::RangeInclusive<usize>, hour: usize| {
        days.map(|d| line(d, hour)).collect::<String>()
    };
    let exports = [part(1..=10, 15), part(18..=28, 15), part(5..=22, 9)];
    let name = "WhatsApp Chat with Rolf.txt";
    in_any_order(&[(name, &exports[0]), (name, &exports[1]), (name, &exports[2])], |home| {
        let shown = home.shown();
        let days: Vec<String> =
            (1..=28).map(|d| format!("{}: words of day {d}", ["Ines", "Rolf"][d % 2])).collect();
        assert_eq!(shown, [("Rolf".into(), days)]);
    });
}

#[test]
fn pages_and_json_of_one_telegram_chat_are_one_chat() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/good");
    let page =
        std::fs::read_to_string(fixtures.join("telegram_html/export/messages.html")).unwrap();
    let json = r#"{"name": "Rasmus Lind", "type": "personal_chat", "id": 77, "messages": [
        {"id": 4, "type": "message", "date": "2021-03-18T15:20:24", "date_unixtime": "1616077224",
         "from": "Rasmus Lind", "from_id": "user77", "text": ["Shall we take the boat?\nThe red one & its oars, ",
         {"type": "text_link", "text": "here", "href": "https://boats.example/red"}]},
        {"id": 6, "type": "message", "date": "2021-03-18T15:23:10", "date_unixtime": "1616077390",
         "from": "Ines Moor", "from_id": "user5", "text": "Yes"},
        {"id": 7, "type": "message", "date": "2021-03-18T15:24:00", "date_unixtime": "1616077440",
         "from": "Ines Moor", "from_id": "user5", "forwarded_from": "Harbour Office",
         "text": "The pier is closed in the morning"}]}"#;
    in_any_order(&[("messages.html", &page), ("result.json", json)], |home| {
        let shown = home.shown();
        assert_eq!(shown.len(), 1, "{shown:?}");
        let said = shown[0].1.iter().filter(|line| line.ends_with("Yes")).count();
        assert_eq!(said, 1, "each message once: {shown:?}");
    });
}

#[test]
fn the_last_word_of_the_owner_holds_even_within_one_tick_of_the_clock() {
    let mut home = Home::new();
    home.import(
        "WhatsApp Chat with Kim.txt",
        "17/11/2023, 10:00 - Kim: dinner?\n17/11/2023, 10:01 - Me: yes\n",
    );
    home.import(
        "WhatsApp Chat with Kim.txt",
        "18/11/2023, 10:00 - Kim: invoice\n18/11/2023, 10:01 - Me: thanks\n",
    );
    let found = home.archive.proposals().unwrap().remove(0);
    // A clock that stands, and one that is behind that of the import.
    for now in [LATER, LATER, 0] {
        let id = home.archive.unite(found.a, found.b, now).unwrap();
        assert_eq!(home.shown().len(), 1);
        home.archive.separate(id, now).unwrap();
        assert_eq!(home.shown().len(), 2);
    }
    let chat = found.a;
    for (key, own) in [(Some("kim"), Some(true)), (Some("me"), Some(false)), (None, Some(false))] {
        home.archive.set_own(chat, key, false, 0).unwrap();
        let people = home.archive.participants(chat).unwrap();
        assert_eq!(people.iter().find(|p| p.key == "kim").unwrap().own, own, "{people:?}");
    }
}
