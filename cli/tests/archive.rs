//! Damage on this computer: found, told, and healed from an export or a backup.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::PathBuf;
use support::{Computer, flip_a_bit};

/// Where media files of the home are.
fn media(computer: &Computer, home: &str) -> PathBuf {
    computer.path(home).join("archive/media")
}

#[test]
fn a_rotten_media_file_is_told_at_each_backup_and_restore_and_heals_by_importing_again() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    assert_eq!(flip_a_bit(&media(&computer, "home"), "media"), 1);
    let repo = computer.text("backup");
    let create = ["backup", "create", "--repo", &repo];
    assert_eq!(computer.keepsake(&create).succeeded()["missing_media"], 1);
    assert_eq!(computer.keepsake(&create).succeeded()["missing_media"], 1, "each time");
    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let key = [("KEEPSAKE_OFFLINE_KEY", key["key"].as_str().unwrap())];
    let restore = ["backup", "restore", "--repo", &repo];
    let restored = computer.keepsake_at("new", &restore, &key).succeeded();
    assert_eq!((&restored["messages"], &restored["missing_media"]), (&2.into(), &1.into()));

    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    computer.keepsake(&["archive", "check"]).succeeded();
    let healed = computer.keepsake(&create).succeeded();
    assert_eq!((&healed["missing_media"], &healed["new_media"]), (&0.into(), &1.into()));
    let restored = computer.keepsake_at("new", &restore, &key).succeeded();
    assert_eq!((&restored["media"], &restored["missing_media"]), (&1.into(), &0.into()));
}

#[test]
fn a_good_backup_heals_a_rotten_media_file() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    for heal in [vec!["archive", "repair"], vec!["backup", "restore", "--repo", &repo]] {
        assert_eq!(flip_a_bit(&media(&computer, "home"), "media"), 1);
        let said = computer.keepsake(&["archive", "check"]).refused("archive_damaged");
        assert!(said.contains("archive repair"), "{said}");
        computer.keepsake(&heal).succeeded();
        let checked = computer.keepsake(&["archive", "check"]).succeeded();
        assert_eq!((&checked["media"], &checked["media_lost"]), (&1.into(), &0.into()));
    }
    let repaired = computer.keepsake(&["archive", "repair"]).succeeded();
    assert_eq!(repaired["set_aside"], serde_json::Value::Null, "nothing was to be done");
}

#[test]
fn a_media_file_that_nobody_has_stays_and_is_told() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    assert_eq!(flip_a_bit(&media(&computer, "home"), "media"), 1);
    let ran = computer.keepsake(&["archive", "repair"]);
    assert_eq!((&ran.json["media_lost"], &ran.json["media_restored"]), (&1.into(), &0.into()));
    ran.refused("not_all_repaired");
}

/// A chat of 1,500 messages, imported and backed up.
fn long_chat(computer: &Computer) -> String {
    let line = |n: u32| {
        format!("23/11/2026, {:02}:{:02} - Mira: {n} {}\n", n / 60, n % 60, "words ".repeat(30))
    };
    let chat = computer.path("WhatsApp Chat with Mira.txt");
    std::fs::write(&chat, (0..1_440).map(line).collect::<String>()).unwrap();
    computer.keepsake(&["source", "import", chat.to_str().unwrap()]).succeeded();
    let repo = computer.text("backup");
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    repo
}

/// Flips a bit in every `step`th page of the database, from `first` on.
fn damage_database(computer: &Computer, first: usize, step: usize) {
    let path = computer.path("home/archive/archive.db");
    let mut bytes = std::fs::read(&path).unwrap();
    (first * 4096 + 200..bytes.len()).step_by(step * 4096).for_each(|at| bytes[at] ^= 1);
    std::fs::write(path, bytes).unwrap();
}

fn messages(computer: &Computer) -> usize {
    computer.keepsake(&["chats", "show", "1"]).succeeded().as_array().unwrap().len()
}

#[test]
fn a_damaged_database_is_made_whole_again_with_a_backup() {
    let computer = Computer::new();
    let repo = long_chat(&computer);
    damage_database(&computer, 60, 7);
    computer.keepsake(&["archive", "check"]).refused("archive_damaged");
    let repaired = computer.keepsake(&["archive", "repair"]).succeeded();
    let (saved, restored) = (
        repaired["messages_saved"].as_u64().unwrap(),
        repaired["messages_restored"].as_u64().unwrap(),
    );
    assert!(saved > 700 && restored > 0 && saved + restored == 1_440, "{repaired}");
    assert!(PathBuf::from(repaired["set_aside"].as_str().unwrap()).exists());
    assert_eq!(messages(&computer), 1_440);
    computer.keepsake(&["archive", "check"]).succeeded();
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "check", "--repo", &repo, "--read-data"]).succeeded();
}

#[test]
fn a_database_without_a_head_comes_back_from_a_backup_or_stays_as_it_is() {
    let computer = Computer::new();
    let repo = long_chat(&computer);
    damage_database(&computer, 0, usize::MAX / 8192);
    let before = std::fs::read(computer.path("home/archive/archive.db")).unwrap();
    std::fs::rename(&repo, computer.path("unplugged")).unwrap();
    computer.keepsake(&["archive", "repair"]).refused("damaged");
    assert_eq!(std::fs::read(computer.path("home/archive/archive.db")).unwrap(), before);
    std::fs::rename(computer.path("unplugged"), &repo).unwrap();
    computer.keepsake(&["archive", "repair"]).succeeded();
    assert_eq!(messages(&computer), 1_440);
}
