//! A damaged backup is made whole again from the computer that has the chats.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Computer, flip_a_bit};

#[test]
fn after_damage_repair_and_create_make_the_backup_whole_again() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    assert!(flip_a_bit(&computer.path("backup"), "pack") > 0);
    computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).refused("damaged");
    let report = computer.keepsake(&["backup", "repair", "--repo", &repo]).succeeded();
    assert_eq!(report["packs_dropped"], 2, "one with the chat, one of second copies");
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "prune", "--keep", "1", "--repo", &repo]).succeeded();
    let checked =
        computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    assert_eq!(checked["problems"].as_array().unwrap().len(), 0);
    let restored = computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded();
    assert_eq!((&restored["messages"], &restored["kept"]), (&0.into(), &2.into()));
}

/// Flips a bit in the middle of one file; of a folder, in the middle of its first.
fn spoil(computer: &Computer, path: &str) {
    let path = computer.path("backup").join(path);
    let path = match path.is_dir() {
        true => std::fs::read_dir(path).unwrap().next().unwrap().unwrap().path(),
        false => path,
    };
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn one_bit_in_the_header_or_the_newest_snapshot_costs_nothing() {
    for path in ["keepsake.json", "snapshots"] {
        let computer = Computer::new();
        let repo = computer.backed_up();
        spoil(&computer, path);
        computer.keepsake(&["backup", "check", "--repo", &repo]).refused("damaged");
        std::fs::remove_dir_all(computer.path("home/archive")).unwrap();
        let restored = computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded();
        assert_eq!(restored["messages"], 2, "{path}");
        let report = computer.keepsake(&["backup", "repair", "--repo", &repo]).succeeded();
        assert_eq!(report["files_restored"], 1, "{path}");
        computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    }
}

#[test]
fn a_strangers_file_in_the_backup_stops_nothing() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    for folder in ["index", "packs", "snapshots", "copies"] {
        std::fs::write(
            computer.path("backup").join(folder).join("desktop.ini"),
            "[.ShellClassInfo]",
        )
        .unwrap();
    }
    computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded();
}

#[test]
fn a_backup_that_lost_its_packs_says_so_though_nothing_is_new() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    std::fs::remove_dir_all(computer.path("backup/packs")).unwrap();
    computer.keepsake(&["backup", "create", "--repo", &repo]).refused("damaged");
    computer.keepsake(&["backup", "repair", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    std::fs::remove_dir_all(computer.path("home/archive")).unwrap();
    assert_eq!(
        computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded()["messages"],
        2
    );
}
