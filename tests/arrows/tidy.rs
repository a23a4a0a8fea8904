//! Habits that a formatter does not see. What does not follow them yet stands in a list: take
//! things off it, add none.

use super::sources::{crates, product, root, sources};
use super::texts::take_apart;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders with sources that are no package's `src`.
const BESIDE_THE_CRATES: &[&str] = &["fuzz/targets", "tests/arrows"];

/// What `keepsake` does; cli/src/args.rs has them.
const COMMANDS: &[&str] =
    &["source", "chats", "people", "archive", "status", "vault", "passkey", "backup", "fleet"];

/// Columns of a line, its texts aside: what rustfmt.toml gives to code, here for comments as well.
const WIDTH: usize = 100;

const NOTHING: Vec<String> = Vec::new();

#[test]
fn every_file_says_at_its_top_what_it_is() {
    let untold = |file: &String| !read(file).trim_start().starts_with("//!");
    let found: Vec<String> = all_files().into_iter().filter(untold).collect();
    assert_eq!(found, NOTHING, "module docs: what is the file, in a line that begins with //!");
}

#[test]
fn a_crate_has_its_rooms_in_one_style() {
    let crates = crates();
    assert!(crates.len() > 15, "{crates:?}");
    let mixed = |name: &String| has_two_styles(&root().join(name).join("src"));
    let found: Vec<String> = crates.into_iter().filter(mixed).collect();
    assert_eq!(
        found, NOTHING,
        "either room/mod.rs or room.rs beside room/, and the same all over a crate"
    );
}

#[test]
fn no_line_is_wider_than_a_screen_but_for_a_text() {
    let found: Vec<String> = all_files()
        .into_iter()
        .flat_map(|file| wide_lines(&read(&file)).into_iter().map(move |n| format!("{file}:{n}")))
        .collect();
    assert_eq!(found, NOTHING, "more than {WIDTH} columns");
}

#[test]
fn a_wide_line_of_code_is_found_and_one_of_a_text_is_not() {
    let code = format!("    let total = {};\n", "one + ".repeat(30));
    let comment = format!("    // {}\n", "a comment can be broken ".repeat(8));
    let text = format!("    \"{}\",\n", "one and ".repeat(30));
    let lines = format!("    \"a text \\\n     {}\",\n", "that goes on ".repeat(30));
    assert_eq!(wide_lines(&format!("{text}{lines}{code}{comment}    short();\n")), [4, 5]);
}

#[test]
fn no_text_of_the_app_is_a_command_line() {
    let src = root().join("crates/app/src");
    let files = sources(&src, &["rs"]);
    assert!(files.len() > 50, "crates/app has no sources");
    // What an operating system is to run stands in `system`: no person reads it.
    let for_people = files.iter().filter(|file| !file.starts_with(src.join("system")));
    let found: Vec<String> = for_people
        .flat_map(|file| {
            let texts = take_apart(&product(&fs::read_to_string(file).unwrap())).texts;
            texts.into_iter().filter(|text| is_command_line(text))
        })
        .collect();
    assert_eq!(found, NOTHING, "no user of the window ever reads a command line: see NextStep");
}

#[test]
fn a_command_line_is_found_and_a_sentence_about_keepsake_is_not() {
    assert!(is_command_line("Run keepsake backup create"));
    assert!(is_command_line("Try again with `--read-data`."));
    assert!(!is_command_line("Keepsake could not write there - nothing was lost."));
    assert!(!is_command_line("The program keepsake is not beside this one."));
    assert!(!is_command_line("--quiet"), "an argument of a program that is run");
}

#[test]
fn the_least_version_of_rust_is_the_same_everywhere() {
    let manifest = read("Cargo.toml");
    let setup = read("script/setup");
    let after = |text: &str, start: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(start)).map(str::to_string);
        line.unwrap_or_else(|| panic!("no line begins with {start}"))
    };
    let least = after(&manifest, "rust-version = ").replace('"', "");
    assert_eq!(after(&setup, "RUST_MINIMUM="), least, "script/setup");
}

/// Numbers of lines that are wider than they may be, were each text empty.
fn wide_lines(source: &str) -> Vec<usize> {
    let code = take_apart(source).code;
    let lines = code.lines().zip(1..);
    lines.filter(|(line, _)| line.chars().count() > WIDTH).map(|(_, n)| n).collect()
}

/// Names the command with a verb after it, or an option among other words.
fn is_command_line(text: &str) -> bool {
    let after = |start: &'static str| {
        text.match_indices(start).map(move |(at, _)| &text[at + start.len()..])
    };
    let is_verb = |rest: &str| COMMANDS.iter().any(|command| rest.starts_with(command));
    let is_option = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase());
    after("keepsake ").any(is_verb) || (text.contains(' ') && after("--").any(is_option))
}

fn has_two_styles(src: &Path) -> bool {
    let files = sources(src, &["rs"]);
    let in_folder = files.iter().any(|file| file.ends_with("mod.rs"));
    let beside =
        files.iter().any(|file| !file.ends_with("lib.rs") && file.with_extension("").is_dir());
    in_folder && beside
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// Every source, sorted, as it is called from the root.
fn all_files() -> Vec<String> {
    let crates = crates().into_iter().map(|name| root().join(name).join("src"));
    let beside = BESIDE_THE_CRATES.iter().map(|folder| root().join(folder));
    let files: Vec<PathBuf> =
        crates.chain(beside).flat_map(|folder| sources(&folder, &["rs"])).collect();
    let name =
        |file: &PathBuf| file.strip_prefix(root()).unwrap_or(file).to_string_lossy().into_owned();
    let mut names: Vec<String> = files.iter().map(name).collect();
    names.sort();
    names
}
