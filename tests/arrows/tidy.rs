//! Habits that a formatter does not see. What does not follow them yet stands in a list: take
//! things off it, add none.

use super::sources::{crates, root, sources};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that follow all of these habits.
const TIDY: &[&str] = &["crates/app", "cli", "src-tauri", "tests/arrows"];

/// Files without a line that says what they are.
const WITHOUT_DOCS: &[&str] = &[
    "crates/app/src/backup/check.rs",
    "crates/app/src/backup/media_of.rs",
    "crates/app/src/backup/prune.rs",
    "crates/app/src/backup/snapshots.rs",
    "crates/app/src/backup/unlock.rs",
];

/// Crates with both `room.rs` beside `room/` and `room/mod.rs`.
const TWO_MODULE_STYLES: &[&str] = &["cli", "crates/chat-archive", "tests/simulation"];

const NOTHING: Vec<String> = Vec::new();

/// Files with comments or help that are wider.
const WIDE: &[&str] = &[
    "cli/src/args.rs",
    "crates/app/src/backup/back_up.rs",
    "crates/app/src/backup/offline_keys.rs",
];

/// Columns of a line, its texts aside: what rustfmt.toml gives to code, here for comments as well.
const WIDTH: usize = 100;

#[test]
fn every_file_says_at_its_top_what_it_is() {
    let untold = |file: &Path| !fs::read_to_string(file).unwrap().trim_start().starts_with("//!");
    let found =
        beside(WITHOUT_DOCS, tidy_files().into_iter().filter(|file| untold(&root().join(file))));
    assert_eq!(found, NOTHING, "module docs: what is the file, in a line that begins with //!");
}

#[test]
fn a_crate_has_its_rooms_in_one_style() {
    let crates = crates();
    assert!(crates.len() > 15, "{crates:?}");
    let mixed = crates.into_iter().filter(|name| has_two_styles(&root().join(name).join("src")));
    let found = beside(TWO_MODULE_STYLES, mixed);
    assert_eq!(
        found, NOTHING,
        "either room/mod.rs or room.rs beside room/, and the same all over a crate"
    );
}

#[test]
fn no_line_is_wider_than_a_screen_but_for_a_text() {
    let is_wide = |file: &Path| fs::read_to_string(file).unwrap().lines().any(is_wide);
    let found = beside(WIDE, tidy_files().into_iter().filter(|file| is_wide(&root().join(file))));
    assert_eq!(found, NOTHING, "more than {WIDTH} columns");
}

#[test]
fn a_wide_line_of_code_is_found_and_one_of_a_text_is_not() {
    let code = format!("    let total = {};", "one + ".repeat(30));
    let text = format!("    \"{}\",", "one and ".repeat(30));
    assert!(is_wide(&code) && !is_wide(&text) && !is_wide("    short();"));
    assert!(is_wide(&format!("    // {}", "a comment can be broken ".repeat(8))));
}

#[test]
fn the_least_version_of_rust_is_the_same_everywhere() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let setup = fs::read_to_string(root().join("script/setup")).unwrap();
    let after = |text: &str, start: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(start)).map(str::to_string);
        line.unwrap_or_else(|| panic!("no line begins with {start}"))
    };
    let least = after(&manifest, "rust-version = ").replace('"', "");
    assert_eq!(after(&setup, "RUST_MINIMUM="), least, "script/setup");
}

/// What is not on a list.
fn beside(list: &[&str], all: impl Iterator<Item = String>) -> Vec<String> {
    all.filter(|name| !list.contains(&name.as_str())).collect()
}

/// Wider than it may be, were each of its texts empty.
fn is_wide(line: &str) -> bool {
    let outside: usize = line.split('"').step_by(2).map(|part| part.chars().count()).sum();
    outside > WIDTH
}

fn has_two_styles(src: &Path) -> bool {
    let files = sources(src, &["rs"]);
    let in_folder = files.iter().any(|file| file.ends_with("mod.rs"));
    let beside =
        files.iter().any(|file| !file.ends_with("lib.rs") && file.with_extension("").is_dir());
    in_folder && beside
}

/// Product sources of the tidy folders, sorted, as they are called from the root.
fn tidy_files() -> Vec<String> {
    let within = |folder: &&str| {
        let src = root().join(folder).join("src");
        sources(if src.is_dir() { &src } else { Path::new(folder) }, &["rs"])
    };
    let files: Vec<PathBuf> = TIDY.iter().flat_map(within).collect();
    let name =
        |file: &PathBuf| file.strip_prefix(root()).unwrap_or(file).to_string_lossy().into_owned();
    let mut names: Vec<String> = files.iter().map(name).collect();
    names.sort();
    names
}
