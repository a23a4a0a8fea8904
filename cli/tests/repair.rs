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
    assert_eq!(report["packs_dropped"], 1);
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "prune", "--keep", "1", "--repo", &repo]).succeeded();
    let checked = computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    assert_eq!(checked["problems"].as_array().unwrap().len(), 0);
    let restored = computer.keepsake(&["backup", "restore", "--repo", &repo]).succeeded();
    assert_eq!((&restored["messages"], &restored["kept"]), (&0.into(), &2.into()));
}
