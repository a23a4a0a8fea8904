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
    let report = computer.keepsake_at("elsewhere", &decrypt, &[("KEEPSAKE_BACKUP_KEY", &key)]).succeeded();
    assert_eq!((&report["records"], &report["media"]), (&3.into(), &1.into()));
    let media = std::fs::read_dir(computer.path("plain/media")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read(media).unwrap(), b"not really a photo, but its bytes count");
    let records = std::fs::read_dir(computer.path("plain/records")).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read_to_string(records).unwrap().contains("nice, isn't it"));
    assert!(!computer.path("elsewhere").exists(), "decrypting needs no home");
}

#[test]
fn a_wrong_key_and_a_mistyped_one_are_told_apart() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let out = computer.text("plain");
    let decrypt = ["backup", "decrypt", "--repo", &repo, "--out", &out];
    let wrong = "11".repeat(32);
    computer.keepsake_at("home", &decrypt, &[("KEEPSAKE_BACKUP_KEY", &wrong)]).refused("wrong_key");
    computer.keepsake_at("home", &decrypt, &[("KEEPSAKE_BACKUP_KEY", "1234")]).refused("code_typo");
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
    computer.keepsake(&["backup", "create", "--repo", &repo]).refused("rolled_back");
}

#[test]
fn another_computer_without_the_key_cannot_look_in() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    computer.keepsake_at("other", &["backup", "list", "--repo", &repo], &[]).refused("no_backup_key");
    computer.keepsake_at("other", &["source", "import", &computer.export()], &[]).succeeded();
    computer.keepsake_at("other", &["backup", "create", "--repo", &computer.text("own")], &[]).succeeded();
    computer.keepsake_at("other", &["backup", "list", "--repo", &repo], &[]).refused("wrong_key");
}

#[test]
fn a_folder_without_a_backup_is_named_as_such() {
    let computer = Computer::new();
    computer.backed_up();
    computer.keepsake(&["backup", "list", "--repo", &computer.text("nowhere")]).refused("not_a_backup");
    assert!(!computer.path("nowhere").exists());
    computer.keepsake(&["backup", "create", "--repo", "s3://bucket"]).refused("bad_place");
}
