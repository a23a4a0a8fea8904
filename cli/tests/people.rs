//! People from the command line: linked and named by their owner, undone, brought back by a backup.
#![allow(clippy::unwrap_used)]

mod support;

use support::Computer;

const NUMBER: &str = "+49 170 5550101";

fn import(computer: &Computer, title: &str, text: &str) {
    let path = computer.path(&format!("WhatsApp Chat with {title}.txt"));
    std::fs::write(&path, text).unwrap();
    computer.keepsake(&["source", "import", path.to_str().unwrap()]).succeeded();
}

/// A chat with a number, and a group in which a contact has a name.
fn two_chats() -> Computer {
    let computer = Computer::new();
    let chat =
        format!("23/11/2026, 09:15 - {NUMBER}: from a boat\n23/11/2026, 09:16 - Jonas: ahoy\n");
    import(&computer, NUMBER, &chat);
    import(
        &computer,
        "Boats",
        "23/11/2026, 10:15 - Nele: who is in?\n23/11/2026, 10:16 - Jonas: me\n",
    );
    computer
}

fn sender_of_boat(computer: &Computer, home: &str) -> String {
    let hits = computer.keepsake_at(home, &["chats", "search", "boat"], &[]).succeeded();
    hits[0]["message"]["sender"].as_str().unwrap().to_owned()
}

#[test]
fn a_number_gets_the_name_of_the_person_and_loses_it_again() {
    let computer = two_chats();
    let linked = computer.keepsake(&["people", "link", NUMBER, "Nele"]).succeeded();
    assert_eq!(linked["name"], "Nele");
    assert_eq!(sender_of_boat(&computer, "home"), "Nele");
    let chats = computer.keepsake(&["chats", "list"]).succeeded();
    let titles: Vec<&str> =
        chats.as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Boats", "Nele"], "the chat with the number too");
    let nele = &computer.keepsake(&["people", "list", "nele"]).succeeded()[0];
    assert_eq!(nele["known_as"].as_array().unwrap().len(), 2);

    computer.keepsake(&["people", "unlink", NUMBER, "whatsapp:nele"]).succeeded();
    assert_eq!(sender_of_boat(&computer, "home"), NUMBER);
    computer.keepsake(&["people", "unlink", NUMBER]).refused("not_found");
}

#[test]
fn a_given_name_comes_back_with_a_backup() {
    let computer = two_chats();
    computer.keepsake(&["people", "rename", NUMBER, "Nele of the boats"]).succeeded();
    assert_eq!(sender_of_boat(&computer, "home"), "Nele of the boats");
    let repo = computer.text("backup");
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    std::fs::remove_dir_all(computer.path("home/archive")).unwrap();
    computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded();
    assert_eq!(sender_of_boat(&computer, "home"), "Nele of the boats");
    computer.keepsake(&["people", "rename", NUMBER, "--undo"]).succeeded();
    assert_eq!(sender_of_boat(&computer, "home"), NUMBER);
}

#[test]
fn words_that_mean_nobody_or_two_are_refused() {
    let computer = two_chats();
    computer.keepsake(&["people", "link", "Nobody", "Nele"]).refused("not_found");
    computer.keepsake(&["people", "rename", NUMBER, "Nele"]).succeeded();
    let said = computer.keepsake(&["people", "link", "Nele", "Jonas"]).refused("not_found");
    assert!(said.contains("2 people are called") && said.contains("whatsapp:nele"), "{said}");
    computer.keepsake(&["people", "rename", "Jonas", " "]).refused("usage");
}
