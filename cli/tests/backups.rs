//! Backups from the command line: made, checked, decrypted, tampered with.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Computer, copy_folder, flip_a_bit};

#[test]
fn what_was_backed_up_is_decrypted_with_the_offline_key_alone() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let (key, out) = (key["key"].as_str().unwrap().to_string(), computer.text("plain"));
    let decrypt = ["backup", "decrypt", "--repo", &repo, "--out", &out];
    let report =
        computer.keepsake_at("elsewhere", &decrypt, &[("KEEPSAKE_BACKUP_KEY", &key)]).succeeded();
    // The chat, two messages, and which export they came from.
    assert_eq!((&report["records"], &report["media"]), (&4.into(), &1.into()));
    let media =
        std::fs::read_dir(computer.path("plain/media")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read(media).unwrap(), b"not really a photo, but its bytes count");
    let mut records = std::fs::read_dir(computer.path("plain/records")).unwrap();
    assert!(records.any(|file| read(&file.unwrap()).contains("nice, isn't it")));
    assert!(!computer.path("elsewhere").exists(), "decrypting needs no home");
}

fn read(file: &std::fs::DirEntry) -> String {
    std::fs::read_to_string(file.path()).unwrap()
}

#[test]
fn a_wrong_key_and_a_mistyped_one_are_told_apart() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let out = computer.text("plain");
    let decrypt = ["backup", "decrypt", "--repo", &repo, "--out", &out];
    let wrong = "11".repeat(32);
    computer.keepsake_at("home", &decrypt, &[("KEEPSAKE_BACKUP_KEY", &wrong)]).refused("wrong_key");
    computer
        .keepsake_at("home", &decrypt, &[("KEEPSAKE_BACKUP_KEY", "1234")])
        .refused("offline_key_typo");
}

#[test]
fn the_offline_key_brings_the_chats_back_on_a_new_computer() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let key = key["key"].as_str().unwrap();
    let restore = ["backup", "restore", "--repo", &repo];
    let said = computer.keepsake_at("new", &restore, &[]).refused("no_backup_key");
    assert!(said.contains("--offline-key"), "{said}");
    let with = |key: &str| computer.keepsake_at("new", &restore, &[("KEEPSAKE_OFFLINE_KEY", key)]);
    with("1234").refused("offline_key_typo");
    with(&"11".repeat(32)).refused("wrong_key");
    let restored = with(key).succeeded();
    assert_eq!((&restored["messages"], &restored["media"]), (&2.into(), &1.into()));
    let shown = computer.keepsake_at("new", &["chats", "show", "1"], &[]).succeeded();
    assert_eq!(shown.as_array().unwrap().len(), 2);
    let further =
        computer.keepsake_at("new", &["backup", "create", "--repo", &repo], &[]).succeeded();
    assert_eq!(further["new_messages"], 0, "the new computer goes on with the same backup");
}

#[test]
fn the_words_of_the_offline_key_do_what_its_digits_do() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let words = key["words"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24);
    let restore = ["backup", "restore", "--repo", &repo];
    let with = |key: &str| computer.keepsake_at("new", &restore, &[("KEEPSAKE_OFFLINE_KEY", key)]);
    let (first, rest) = words.split_once(' ').unwrap();
    with(&format!("{rest} {first}")).refused("offline_key_typo");
    with(rest).refused("offline_key_typo");
    assert_eq!(with(words).succeeded()["messages"], 2);
    let out = computer.text("plain");
    let decrypt = ["backup", "decrypt", "--repo", &repo, "--out", &out];
    computer.keepsake_at("elsewhere", &decrypt, &[("KEEPSAKE_BACKUP_KEY", words)]).succeeded();
}

#[test]
fn the_offline_key_can_be_piped() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let restore = ["backup", "restore", "--repo", &repo, "--offline-key"];
    computer.keepsake_at("new", &restore, &[]).refused("no_secret");
    let restored =
        computer.keepsake_typing("new", &restore, key["key"].as_str().unwrap()).succeeded();
    assert_eq!(restored["messages"], 2);
}

#[test]
fn a_home_with_another_backup_key_keeps_its_own() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    computer.keepsake_at("other", &["source", "import", &computer.export()], &[]).succeeded();
    let own = computer.text("own");
    computer.keepsake_at("other", &["backup", "create", "--repo", &own], &[]).succeeded();
    let key = [("KEEPSAKE_OFFLINE_KEY", key["key"].as_str().unwrap())];
    computer
        .keepsake_at("other", &["backup", "restore", "--repo", &repo], &key)
        .refused("other_backup_key");
    computer.keepsake_at("other", &["backup", "check", "--repo", &own], &[]).succeeded();
}

#[test]
fn nothing_new_makes_no_snapshot() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let again = computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    assert_eq!(again["unchanged"], true);
    let all = computer.keepsake(&["backup", "list", "--repo", &repo]).succeeded();
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[test]
fn a_restore_adds_nothing_to_what_is_there() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let restored = computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded();
    assert_eq!((&restored["messages"], &restored["kept"]), (&0.into(), &2.into()));
}

#[test]
fn a_tampered_pack_is_found_and_nothing_here_is_lost() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    assert!(flip_a_bit(&computer.path("backup"), "pack") > 0);
    computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).refused("damaged");
    let messages = computer.keepsake(&["chats", "show", "Mira"]).succeeded();
    assert_eq!(messages.as_array().unwrap().len(), 2);
    std::fs::remove_dir_all(computer.path("home/archive")).unwrap();
    computer.keepsake(&["backup", "restore", "--repo", &repo]).refused("damaged");
}

#[test]
fn an_older_copy_put_in_its_place_is_noticed() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    copy_folder(&computer.path("backup"), &computer.path("old"));
    let chat = computer.path("WhatsApp Chat with Mira/WhatsApp Chat with Mira.txt");
    let longer = std::fs::read_to_string(&chat).unwrap() + "23/11/2026, 10:00 - Mira: one more\n";
    std::fs::write(&chat, longer).unwrap();
    computer.keepsake(&["source", "import", chat.parent().unwrap().to_str().unwrap()]).succeeded();
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    std::fs::remove_dir_all(computer.path("backup")).unwrap();
    copy_folder(&computer.path("old"), &computer.path("backup"));
    let said = computer.keepsake(&["backup", "create", "--repo", &repo]).refused("rolled_back");
    assert!(said.contains("accept-older"), "{said}");
    let accepted = computer.keepsake(&["backup", "accept-older", "--repo", &repo]).succeeded();
    assert_eq!(accepted["sequence"], 1);
    let next = computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    assert_eq!((&next["unchanged"], &next["new_messages"]), (&false.into(), &1.into()));
}

#[test]
fn a_disk_that_is_not_plugged_in_is_not_an_empty_place() {
    let computer = Computer::new();
    std::fs::create_dir(computer.path("disk")).unwrap();
    let repo = computer.text("disk/backup");
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    std::fs::rename(computer.path("disk"), computer.path("unplugged")).unwrap();
    for command in ["create", "list", "check", "restore"] {
        computer.keepsake(&["backup", command, "--repo", &repo]).refused("place_missing");
    }
    assert!(!computer.path("disk").exists(), "nothing was made in its place");
    std::fs::rename(computer.path("unplugged"), computer.path("disk")).unwrap();
    computer.keepsake(&["backup", "check", "--repo", &repo]).succeeded();
}

#[test]
fn a_lock_that_somebody_left_can_be_taken_away() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let lock = format!(r#"{{"id":"0","computer":"desk","boot":null,"process":1,"renewed":{now}}}"#);
    std::fs::write(computer.path("backup/lock"), lock).unwrap();
    let said = computer.keepsake(&["backup", "prune", "--repo", &repo]).refused("busy");
    assert!(said.contains("desk") && said.contains("unlock"), "{said}");
    assert_eq!(
        computer.keepsake(&["backup", "unlock", "--repo", &repo]).succeeded()["computer"],
        "desk"
    );
    computer.keepsake(&["backup", "prune", "--repo", &repo]).succeeded();
    assert_eq!(
        computer.keepsake(&["backup", "unlock", "--repo", &repo]).succeeded(),
        serde_json::Value::Null
    );
}

#[test]
fn another_computer_without_the_key_cannot_look_in() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    computer
        .keepsake_at("other", &["backup", "list", "--repo", &repo], &[])
        .refused("no_backup_key");
    computer.keepsake_at("other", &["source", "import", &computer.export()], &[]).succeeded();
    computer
        .keepsake_at("other", &["backup", "create", "--repo", &computer.text("own")], &[])
        .succeeded();
    computer.keepsake_at("other", &["backup", "list", "--repo", &repo], &[]).refused("wrong_key");
}

#[test]
fn a_folder_without_a_backup_is_named_as_such() {
    let computer = Computer::new();
    computer.backed_up();
    computer
        .keepsake(&["backup", "list", "--repo", &computer.text("nowhere")])
        .refused("place_missing");
    assert!(!computer.path("nowhere").exists());
    std::fs::create_dir(computer.path("empty")).unwrap();
    computer
        .keepsake(&["backup", "list", "--repo", &computer.text("empty")])
        .refused("not_a_backup");
    computer.keepsake(&["backup", "create", "--repo", "ftp://host/bucket"]).refused("bad_place");
}

#[test]
fn a_backup_is_copied_to_a_second_place_and_opens_there() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let to = computer.path("second").to_str().unwrap().to_string();
    let copied = computer.keepsake(&["backup", "copy", "--repo", &repo, "--to", &to]).succeeded();
    assert_eq!((&copied["same"], &copied["snapshots"]), (&0.into(), &1.into()));
    computer.keepsake(&["backup", "check", "--read-data", "--repo", &to]).succeeded();
    let again = computer.keepsake(&["backup", "copy", "--repo", &repo, "--to", &to]).succeeded();
    assert_eq!(again["files"], 0);
    let other = Computer::new();
    let theirs = other.backed_up();
    let refused = computer.keepsake(&["backup", "copy", "--repo", &repo, "--to", &theirs]);
    refused.refused("other_backup");
}
