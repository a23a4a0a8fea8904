//! The newcomer's walk of ARCHITECTURE.md, held against the sources: a function that moved takes
//! its row along.

use super::sources::root;
use std::fs;

#[test]
fn every_stop_of_the_walks_is_where_they_say() {
    let stops = stops(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap());
    assert!(stops.len() > 30, "the walks are not found any more: {stops:?}");
    let missing = |(file, function): &&(String, String)| {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        !has(&source, function)
    };
    let missing: Vec<_> = stops.iter().filter(missing).collect();
    assert!(missing.is_empty(), "no such function in this file: {missing:#?}");
}

#[test]
fn a_stop_that_is_not_there_is_noticed() {
    let table = "| file | function |\n|---|---|\n| `a/b.rs` | `ring` | rings |\n";
    assert_eq!(stops(table), [("a/b.rs".to_string(), "ring".to_string())]);
    assert!(has("    pub(super) async fn ring(&self) {}\n", "ring"));
    assert!(!has("fn ringing() {}\n// ring\n", "ring"));
    assert!(has("<script>\n  async function ring() {}\n", "ring"));
}

/// File and function of each row.
fn stops(text: &str) -> Vec<(String, String)> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | `"));
    let stops = rows.filter_map(|(file, rest)| Some((file, rest.split_once("` |")?.0)));
    let is_file = |file: &str| file.contains('/') && file.contains('.');
    let stops = stops.filter(|(file, _)| is_file(file));
    stops.map(|(file, function)| (file.to_string(), function.to_string())).collect()
}

/// Rust's `fn name`, or of the window a function, a method's call or what a component is given.
fn has(source: &str, name: &str) -> bool {
    let starts = ["fn ", "function ", "backend.", "  "];
    let names = starts.iter().flat_map(|start| {
        let after = source.match_indices(start).map(|(at, _)| &source[at + start.len()..]);
        after.filter_map(|rest| rest.strip_prefix(name))
    });
    names.into_iter().any(|rest| rest.starts_with(['(', '<', ':']))
}
