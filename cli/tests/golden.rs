//! What the command line says, word for word: every help, wrong usage, what is refused, and a whole
//! session without a fleet.
//!
//! After a change that was meant, `script/fix` writes the helps anew: look at the difference. The
//! other files have `[..]` where a time or a size stands, and are changed by hand.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

const KEEPSAKE: &str = env!("CARGO_BIN_EXE_keepsake");

#[test]
fn every_help_is_as_in_its_file() {
    files("tests/golden/help/*.trycmd");
}

#[test]
fn usage_refusals_and_a_session_are_as_in_their_files() {
    files("tests/golden/*.trycmd");
}

/// Runs what stands in these files, each with a home of its own.
fn files(which: &str) {
    trycmd::TestCases::new()
        .register_bin("keepsake", Path::new(KEEPSAKE))
        .env("KEEPSAKE_HOME", "home")
        .env("KEEPSAKE_KEY_STORE", "file")
        .case(which);
}

#[test]
fn the_help_of_every_command_is_in_these_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let texts: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let commands = commands_below(&[]);
    assert!(commands.len() > 50, "{commands:?}");
    for command in commands {
        let line = format!("$ keepsake {}", [command, vec!["--help".into()]].concat().join(" "));
        assert!(texts.contains(&format!("{line}\n")), "no file has {line}");
    }
}

/// A command and all that are below it, as words.
fn commands_below(command: &[String]) -> Vec<Vec<String>> {
    let help = Command::new(KEEPSAKE).args(command).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let names = list.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let mut found = vec![command.to_vec()];
    for name in names.filter(|name| !["", "help"].contains(name)) {
        found.extend(commands_below(&[command, &[name.to_string()]].concat()));
    }
    found
}
