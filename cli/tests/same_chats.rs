//! Chats that are one, from the command line: proposed, shown as one, taken apart; and who the
//! owner is.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::Value;
use support::Computer;

const APRIL: &str =
    "03/04/2026, 09:15 - Mira: dinner on the boat?\n03/04/2026, 09:16 - Jonas: gladly\n";
const MAY: &str = "13/05/2026, 19:15 - Mira: your invoice\n13/05/2026, 19:16 - Jonas: thanks\n";

fn import(computer: &Computer, title: &str, text: &str) {
    let path = computer.path(&format!("WhatsApp Chat with {title}.txt"));
    std::fs::write(&path, text).unwrap();
    computer
        .keepsake(&["source", "import", path.to_str().unwrap(), "--date-order", "dmy"])
        .succeeded();
    std::fs::remove_file(path).unwrap();
}

fn titles(computer: &Computer) -> Vec<(String, u64)> {
    let chats = computer.keepsake(&["chats", "list"]).succeeded();
    let one = |chat: &Value| {
        (chat["title"].as_str().unwrap().to_owned(), chat["messages"].as_u64().unwrap())
    };
    let mut all: Vec<_> = chats.as_array().unwrap().iter().map(one).collect();
    all.sort();
    all
}

#[test]
fn a_renamed_contact_is_merged_by_hand_and_split_again() {
    let computer = Computer::new();
    import(&computer, "Mira", APRIL);
    import(&computer, "Mira Work", MAY);
    let two = [("Mira".to_owned(), 2), ("Mira Work".to_owned(), 2)];
    assert_eq!(titles(&computer), two);
    assert_eq!(
        computer.keepsake(&["chats", "same"]).succeeded().as_array().unwrap().len(),
        0,
        "nothing in common"
    );

    let merged = computer.keepsake(&["chats", "merge", "Mira", "Mira Work"]).succeeded();
    let number = merged["chat"].as_i64().unwrap().to_string();
    let messages = computer.keepsake(&["chats", "show", &number]).succeeded();
    let words: Vec<&str> =
        messages.as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!(words, ["dinner on the boat?", "gladly", "your invoice", "thanks"]);
    let same = computer.keepsake(&["chats", "same"]).succeeded();
    assert_eq!((&same[0]["united"], &same[0]["by_owner"]), (&true.into(), &true.into()));

    let split = computer.keepsake(&["chats", "split", &number]).succeeded();
    assert_eq!(split["chats"].as_array().unwrap().len(), 2);
    assert_eq!(titles(&computer), two);
    computer.keepsake(&["chats", "merge", "Mira Work", "Nobody"]).refused("not_found");
}

#[test]
fn chats_of_one_title_are_proposed_until_somebody_says_never() {
    let computer = Computer::new();
    import(&computer, "Mira", APRIL);
    import(&computer, "Mira", MAY);
    let proposed = computer.keepsake(&["chats", "same"]).succeeded();
    assert_eq!(proposed[0]["united"], false);
    assert_eq!(proposed[0]["evidence"], "the same name, and no message in common");
    let (a, b) = (proposed[0]["a"].to_string(), proposed[0]["b"].to_string());
    computer.keepsake(&["chats", "merge", &a, &b, "--never"]).succeeded();
    assert_eq!(computer.keepsake(&["chats", "same"]).succeeded().as_array().unwrap().len(), 0);
    import(&computer, "Mira", MAY);
    assert_eq!(titles(&computer).len(), 2, "and the next import keeps to it");
}

#[test]
fn the_owner_is_said_once_and_can_be_said_otherwise() {
    let computer = Computer::new();
    import(&computer, "Mira", APRIL);
    computer.keepsake(&["chats", "own", "Mira", "Nobody"]).refused("not_found");
    computer.keepsake(&["chats", "own", "Mira", "Jonas", "--everywhere"]).succeeded();
    let own = |home: &str| {
        let messages = computer.keepsake_at(home, &["chats", "show", "Mira"], &[]).succeeded();
        messages
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["own"].as_bool().unwrap_or(false))
            .collect::<Vec<_>>()
    };
    assert_eq!(own("home"), [false, true]);
    computer.keepsake(&["chats", "own", "Mira"]).succeeded();
    assert_eq!(own("home"), [false, false], "none of them");
}
