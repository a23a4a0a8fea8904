//! The key of a backup is changed from the command line, without a vault.
#![allow(clippy::unwrap_used)]

mod support;

use support::Computer;

#[test]
fn a_leaked_offline_key_opens_nothing_after_the_key_was_changed() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let leaked = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let leaked = leaked["key"].as_str().unwrap().to_string();

    // Nobody can be asked here: the new key is shown, and shown again, and nothing is changed.
    let rekey = ["backup", "rekey", "--offline-key"];
    let prepared = computer.keepsake(&rekey);
    prepared.refused("not_confirmed");
    let new = computer.keepsake(&rekey).json["plan"]["offline_key"].as_str().unwrap().to_string();
    assert_ne!(new, leaked);
    let decrypts = |key: &str, out: &str| {
        let out = computer.text(out);
        let decrypt = ["backup", "decrypt", "--repo", &repo, "--out", &out];
        computer.keepsake_at("elsewhere", &decrypt, &[("KEEPSAKE_BACKUP_KEY", key)])
    };
    decrypts(&leaked, "before").succeeded();

    let made = computer.keepsake(&["backup", "rekey", "--offline-key", "--yes"]).succeeded();
    assert_eq!(made["plan"]["offline_key"], new);
    assert_eq!(made["report"]["changed"][0], repo);
    decrypts(&leaked, "leaked").refused("wrong_key");
    assert_eq!(decrypts(&new, "new").succeeded()["records"], 4);
    computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
}

#[test]
fn this_computer_is_on_the_list_and_cannot_remove_itself() {
    let computer = Computer::new();
    computer.backed_up();
    let listed = computer.keepsake(&["backup", "computers", "list"]).succeeded();
    let own = listed["computers"][0].clone();
    assert_eq!(own["this_computer"], true);
    let remove = ["backup", "computers", "remove", own["id"].as_str().unwrap()];
    computer.keepsake(&remove).refused("own_computer");
    computer.keepsake(&["backup", "computers", "remove", "nobody"]).refused("not_found");
}

#[test]
fn a_prepared_change_can_be_given_up() {
    let computer = Computer::new();
    computer.backed_up();
    computer.keepsake(&["backup", "rekey", "--offline-key"]).refused("not_confirmed");
    computer.keepsake(&["backup", "rekey", "--give-up"]).succeeded();
}
