//! The whole story over real processes: five sites, the auditor, the command line. See
//! `script/story`.
//!
//! The programs must be built (`script/test` does; by hand: `cargo build --workspace --bins`).

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

#[test]
fn everything_comes_back_with_sites_down_and_wrong_codes_refused() {
    let told = story(&["--json"]);
    let document: Value =
        serde_json::from_slice(&told.stdout).unwrap_or_else(|e| panic!("{e}\n{}", words(&told)));
    let problem = || format!("{document:#}\n{}", words(&told));
    assert!(told.status.success(), "{}", problem());
    assert_eq!(document["ok"], true, "{}", problem());
    assert_eq!(document["mock"], true);
    let steps = document["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["ok"] == true), "{}", problem());
    assert!(steps.len() >= 33, "the story lost steps: {}", problem());
}

#[test]
fn a_story_that_cannot_begin_fails() {
    let told = story(&["--json", "--export", "/there/is/no/such/export"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(words(&told).contains("no export at"), "{}", words(&told));
}

#[test]
fn an_export_that_is_none_ends_the_story_as_failed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("no chat.txt");
    std::fs::write(&file, "A shopping list: bread, milk\n").unwrap();
    let told = story(&["--json", "--export", file.to_str().unwrap()]);
    assert_eq!(told.status.code(), Some(1), "{}", words(&told));
    let document: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(document["ok"], false);
    let last = document["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["what"], &last["ok"]), (&"Import chats".into(), &false.into()));
    // It is kept for a look after a failure; nobody looks here.
    std::fs::remove_dir_all(document["kept"].as_str().unwrap()).unwrap();
}

fn story(arguments: &[&str]) -> Output {
    let bin_dir = programs();
    Command::new(bin_dir.join("story"))
        .arg("--bin-dir")
        .arg(&bin_dir)
        .args(arguments)
        .output()
        .unwrap()
}

/// `target/debug`, above `target/debug/deps`, where this test is.
fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let dir = own.ancestors().nth(2).unwrap().to_path_buf();
    for program in [
        "story",
        "keepsake",
        "keepsake-operator",
        "vault-server",
        "hsm-mock",
        "key-mock",
        "auditor",
        "bad-site",
    ] {
        let there = dir.join(program).is_file();
        assert!(
            there,
            "{program} is not built in {}: cargo build --workspace --bins",
            dir.display()
        );
    }
    dir
}

fn words(told: &Output) -> String {
    String::from_utf8_lossy(&told.stderr).into_owned()
}
