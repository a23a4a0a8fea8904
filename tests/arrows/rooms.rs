//! The rooms of `crates/app`: a use case imports no use case. What two of them need lies in a file
//! of its own.
//!
//! A use case is a function that `lib.rs` gives to the shells. Nothing else in its file is there
//! for others, and no other file of the crate names it: only `lib.rs` and the `mod.rs` of its room,
//! on its way out.

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

/// Every path into this crate that a source names: in its imports, and where it stands in the code.
fn paths_of(text: &str) -> Vec<Vec<String>> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|l| format!("{l}\n"))
        .collect();
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("crate::").into_iter().chain(rest.find("super::")).min() {
        let tree = &rest[at..];
        let begins = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let in_import = rest[..at].trim_end().ends_with("use");
        let end = if in_import { tree.find(';') } else { tree.find(|c: char| !is_of_path(c)) };
        let end = end.unwrap_or(tree.len());
        if begins {
            found.extend(paths(&tree[..end]));
        }
        rest = &rest[at + end.max("crate::".len())..];
    }
    found
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// `a::{b, c::{self, d as e}}` as `a::b`, `a::c`, `a::c::d`.
fn paths(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, inside)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        let names = path.split("::").filter(|name| !name.is_empty() && *name != "self");
        let names: Vec<String> = names.map(str::to_string).collect();
        return if names.is_empty() { vec![] } else { vec![names] };
    };
    let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
    let head: Vec<String> =
        head.split("::").filter(|name| !name.is_empty()).map(str::to_string).collect();
    let mut found = Vec::new();
    for part in top_level(inside) {
        let below = if part.trim() == "self" { vec![vec![]] } else { paths(&part) };
        found.extend(below.into_iter().map(|rest| [head.clone(), rest].concat()));
    }
    found
}

/// The parts between commas that no brace encloses.
fn top_level(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}
