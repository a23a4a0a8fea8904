//! The rooms of `crates/app`: a use case imports no use case. What two of them need lies in a file
//! of its own.
//!
//! A use case is a function that `lib.rs` gives to the shells. Nothing else in its file is there
//! for others, and no other file of the crate names it: only `lib.rs` and the `mod.rs` of its room,
//! on its way out.

use super::paths::{paths, paths_of};
use super::sources::{product, root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn no_use_case_of_the_app_is_imported_by_another_file() {
    let src = root().join("crates/app/src");
    let files: Vec<(String, String)> =
        sources(&src, &["rs"]).iter().map(|file| read(&src, file)).collect();
    let given = given_to_shells(&fs::read_to_string(src.join("lib.rs")).unwrap());
    assert!(use_cases(&files, &given).len() > 30, "the use cases are not found any more");
    let found = imported(&files, &given);
    assert!(
        found.is_empty(),
        "a use case is no library: move what is shared beside it:\n{}",
        found.join("\n")
    );
}

#[test]
fn a_planted_import_of_a_use_case_is_found_however_it_is_written() {
    let given = given_to_shells("pub use backup::{back_up, restore};\npub use chats::search;\n");
    let file = |path: &str, text: &str| (path.to_string(), text.to_string());
    let shared = "pub(super) fn choose() {}\npub async fn restore() {}\n";
    let files = [
        file("backup/mod.rs", "pub use restore::restore;\npub(crate) use restore::choose;\n"),
        file("backup/restore.rs", shared),
        file("backup/back_up.rs", "use super::{named, restore::choose};\npub fn back_up() {}\n"),
        file("backup/named.rs", "pub(super) fn named() { crate::backup::restore() }\n"),
        file("chats/search.rs", "use crate::backup::choose as pick;\npub fn search() {}\n"),
        file("chats/read.rs", "use super::choose;\nuse crate::backup::destinations::open;\n"),
        file("passkeys/restore.rs", "// use crate::backup::restore;\nuse super::restore::Key;\n"),
    ];
    let found = imported(&files, &given);
    let expected = [
        "backup/back_up.rs: super::restore::choose",
        "backup/named.rs: crate::backup::restore",
        "chats/search.rs: crate::backup::choose",
    ];
    assert_eq!(found, expected);
}

fn read(src: &Path, file: &PathBuf) -> (String, String) {
    let path = file.strip_prefix(src).unwrap().to_string_lossy().replace('\\', "/");
    (path, product(&fs::read_to_string(file).unwrap()))
}

/// The names that `lib.rs` re-exports.
fn given_to_shells(lib: &str) -> BTreeSet<String> {
    let exports = lib.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    exports
        .flat_map(|tree| paths(tree).into_iter().filter_map(|path| path.last().cloned()))
        .collect()
}

/// Files with a use case, and what each has for others, were it a library.
fn use_cases<'a>(
    files: &'a [(String, String)],
    given: &BTreeSet<String>,
) -> BTreeMap<&'a str, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| !is_way_out(path)) {
        let is_use_case = |line: &str| {
            let rest = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub async fn "));
            rest.is_some_and(|rest| given.contains(&name_at_start(rest)))
        };
        if text.lines().any(is_use_case) {
            found.insert(path.as_str(), text.lines().filter_map(item_for_others).collect());
        }
    }
    found
}

/// `path: what it imports`, for each import of a use case's file.
fn imported(files: &[(String, String)], given: &BTreeSet<String>) -> Vec<String> {
    let use_cases = use_cases(files, given);
    let mut found = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !is_way_out(path)) {
        for named in paths_of(text) {
            let of_other = use_cases.iter().filter(|(owner, _)| *owner != path);
            if of_other.clone().any(|(owner, items)| leads_to(&named, path, owner, items)) {
                found.push(format!("{path}: {}", named.join("::")));
            }
        }
    }
    found.dedup();
    found
}

/// Whether a path in the file `from` may name something of the use case's file `owner`.
fn leads_to(path: &[String], from: &str, owner: &str, items: &BTreeSet<String>) -> bool {
    let room = |file: &str| file.split('/').next().unwrap_or_default().to_string();
    let same_room = match path[0].as_str() {
        "super" => room(from) == room(owner),
        // Of the crate's root, where every use case is.
        "crate" if path.len() == 2 => true,
        _ => path.get(1) == Some(&room(owner)),
    };
    let file = owner.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
    let ends_there = path.last().is_some_and(|last| items.contains(last) || last == file);
    same_room && ends_there
}

fn is_way_out(path: &str) -> bool {
    path == "lib.rs" || (path.ends_with("/mod.rs") && path.matches('/').count() == 1)
}

/// The name of an item at the left margin that other files could import.
fn item_for_others(line: &str) -> Option<String> {
    let rest = line.strip_prefix("pub").filter(|rest| rest.starts_with([' ', '(']))?;
    let rest = rest
        .split_once(") ")
        .filter(|_| rest.starts_with('('))
        .map_or(rest, |(_, after)| after)
        .trim_start();
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    let (kind, rest) = rest.split_once(' ')?;
    ["fn", "struct", "enum", "const", "trait", "type"].contains(&kind).then(|| name_at_start(rest))
}

fn name_at_start(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
