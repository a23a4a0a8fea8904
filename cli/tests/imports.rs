//! Imports from the command line: repeated, broken, ambiguous.
#![allow(clippy::unwrap_used)]

mod support;

use support::Computer;

#[test]
fn importing_twice_adds_nothing() {
    let computer = Computer::new();
    let export = computer.export();
    let first = computer.keepsake(&["source", "import", &export]).succeeded();
    assert_eq!(
        (&first["messages"], &first["attachments"], &first["duplicates_skipped"]),
        (&2.into(), &1.into(), &0.into())
    );
    let second = computer.keepsake(&["source", "import", &export]).succeeded();
    assert_eq!((&second["messages"], &second["duplicates_skipped"]), (&0.into(), &2.into()));
}

#[test]
fn a_broken_export_changes_nothing_and_says_why() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let broken = computer.path("WhatsApp Chat with Nobody.zip");
    std::fs::write(&broken, b"PK\x03\x04 and then nothing that belongs there").unwrap();
    let ran = computer.keepsake(&["source", "import", broken.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("Nothing was imported"), "{}", ran.stderr);
    assert_eq!(computer.keepsake(&["chats", "list"]).succeeded().as_array().unwrap().len(), 1);
}

#[test]
fn what_is_no_export_is_not_taken_for_one() {
    let computer = Computer::new();
    let notes = computer.path("notes.txt");
    std::fs::write(&notes, "milk\nbread\n").unwrap();
    computer.keepsake(&["source", "import", notes.to_str().unwrap()]).refused("not_recognised");
    computer.keepsake(&["source", "detect", &computer.text("missing.zip")]).refused("not_found");
    computer.keepsake(&["source", "import", &computer.export(), "--kind", "carrier-pigeon"]).refused("usage");
}

#[test]
fn dates_that_can_mean_two_days_need_an_answer() {
    let computer = Computer::new();
    let chat = computer.path("WhatsApp Chat with Ambiguous.txt");
    std::fs::write(&chat, "03/04/2026, 09:15 - Mira: Hello\n03/04/2026, 09:16 - Jonas: Hi\n").unwrap();
    let chat = chat.to_str().unwrap();
    let said = computer.keepsake(&["source", "import", chat]).refused("ambiguous_dates");
    assert!(said.contains("--date-order"), "{said}");
    computer.keepsake(&["source", "import", chat, "--date-order", "mdy"]).succeeded();
    let messages = computer.keepsake(&["chats", "show", "Ambiguous"]).succeeded();
    assert_eq!(messages[0]["at"], 1_772_615_700_000_i64, "2026-03-04 09:15");
}

#[test]
fn an_export_of_a_chat_never_overwrites_a_file() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let out = computer.text("mira.json");
    computer.keepsake(&["chats", "export", "Mira", "--out", &out]).succeeded();
    computer.keepsake(&["chats", "export", "Mira", "--out", &out]).refused("disk");
    computer.keepsake(&["chats", "export", "Nobody", "--out", &out]).refused("not_found");
}

#[test]
fn a_search_marks_the_words_it_found() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let hits = computer.keepsake(&["chats", "search", "nice"]).succeeded();
    let parts = hits[0]["snippet"].as_array().unwrap();
    assert!(parts.iter().any(|p| p["hit"] == true && p["text"] == "nice"), "{hits}");
}
