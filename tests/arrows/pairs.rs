//! `let (a, b) = (x, y);` with two things that have nothing to do with each other reads as one
//! thought and is two; whoever changes the one touches the other.

use super::paths::top_level;
use super::sources::{crates, product, root, sources};
use super::texts::take_apart;
use std::fs;

/// Folders where there are such lines still. Take them off, add none.
const NOT_YET: &[&str] = &["crates/app", "crates/backup-engine"];

#[test]
fn one_line_binds_one_thing_or_things_of_one_kind() {
    let mut found = Vec::new();
    for name in crates().into_iter().filter(|name| !NOT_YET.contains(&name.as_str())) {
        for file in sources(&root().join(name).join("src"), &["rs"]) {
            let source = product(&fs::read_to_string(&file).unwrap());
            let path = file.strip_prefix(root()).unwrap().display().to_string();
            found.extend(unrelated(&source).into_iter().map(|line| format!("{path}: {line}")));
        }
    }
    assert!(found.is_empty(), "one binding a line:\n{}", found.join("\n"));
}

#[test]
fn unrelated_bindings_are_found_and_pairs_are_not() {
    let source = "let (home, url) = (home.clone(), address(repo)?);\n\
        let (from, to) = (open(a)?, open(b)?);\n\
        let (date, time) = (at.date(), at.hour() / 2);\n\
        let (least, most) = (0, 7);\n\
        let (head, tail) = split(x)?;\n\
        let (mut found, mut at) = (\n    Vec::new(),\n    0,\n);\n";
    let expected = [
        "let (home, url) = (home.clone(), address(repo)?);",
        "let (mut found, mut at) = ( Vec::new(), 0, );",
    ];
    assert_eq!(unrelated(source), expected);
}

/// Each such binding, on one line.
fn unrelated(source: &str) -> Vec<String> {
    let code = take_apart(source).code;
    let starts = code.match_indices("let (").map(|(at, _)| &code[at..]);
    let bindings = starts.filter_map(|rest| {
        let names = inside(&rest["let ".len()..])?;
        let after = &rest["let ".len() + names.len() + 2..];
        let values = inside(after.trim_start().strip_prefix('=')?.trim_start())?;
        let end = rest.find(values)? + values.len() + 1;
        let is_whole = rest[end..].starts_with(';');
        let values: Vec<String> =
            top_level(values).iter().map(|value| value.trim().to_string()).collect();
        let is_pair = is_whole && top_level(names).len() == values.len() && values.len() > 1;
        (is_pair && !are_related(&values)).then(|| &rest[..=end])
    });
    bindings.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// What the parentheses at the beginning enclose.
fn inside(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[1..at]);
        }
    }
    None
}

/// Made by the same calls, of the same thing, or by no call at all.
fn are_related(values: &[String]) -> bool {
    let calls: Vec<Vec<&str>> = values.iter().map(|value| calls(value)).collect();
    let of: Vec<Option<&str>> = values.iter().map(|value| of_what(value)).collect();
    calls.windows(2).all(|pair| pair[0] == pair[1])
        || (of[0].is_some() && of.windows(2).all(|pair| pair[0] == pair[1]))
}

/// `open` and `read` of `open(a)?.read()`.
fn calls(value: &str) -> Vec<&str> {
    let before = value.match_indices('(').map(|(at, _)| &value[..at]);
    let names = before.map(|text| &text[text.trim_end_matches(is_of_name).len()..]);
    names.filter(|name| !name.is_empty()).collect()
}

/// `at` of `at.date()`, `self.store` of `self.store.len()`.
fn of_what(value: &str) -> Option<&str> {
    let value = value.trim_start_matches(['&', '*']);
    let skip = if value.starts_with("self.") { "self.".len() } else { 0 };
    let end = skip + value[skip..].find(|c: char| !is_of_name(c))?;
    value[end..].starts_with('.').then(|| &value[..end]).filter(|of| !of.is_empty())
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '!'
}
