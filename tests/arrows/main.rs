//! What must never depend on what. The table is in `table.rs`; a new rule is a new row there.

#![allow(clippy::unwrap_used)]

mod circles;
mod features;
mod graph;
mod pairs;
mod paths;
mod rooms;
mod sources;
mod table;
mod texts;
mod tidy;
mod walks;

use graph::Graph;
use table::{ARROWS, Arrow};

#[test]
fn no_package_reaches_what_it_must_not() {
    let violations = violations(&Graph::of_this_workspace());
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_row_of_the_table_is_about_packages_that_exist() {
    let graph = Graph::of_this_workspace();
    let names = ARROWS.iter().flat_map(|arrow| arrow.from.iter().chain(arrow.ours()));
    for name in names {
        assert!(
            graph.members().any(|member| member == *name),
            "the table names {name}, which is no package here"
        );
    }
}

#[test]
fn a_planted_direct_dependency_is_found() {
    let graph = Graph::of_this_workspace_with(&[("cli", "vault-state")]);
    let found = violations(&graph);
    assert!(found.iter().any(|line| line.starts_with("arrow 1: cli -> vault-state")), "{found:#?}");
    assert!(found.iter().any(|line| line.starts_with("arrow 3: cli -> vault-state")), "{found:#?}");
}

#[test]
fn a_planted_dependency_is_found_through_another_crate() {
    let graph = Graph::of_this_workspace_with(&[("vault-protocol", "sealed-keys")]);
    let found = violations(&graph);
    let path = "arrow 2: vault-server -> ";
    assert!(
        found.iter().any(|line| line.starts_with(path) && line.contains("-> sealed-keys")),
        "{found:#?}"
    );
}

#[test]
fn a_planted_framework_is_found_through_a_foreign_crate() {
    let graph = Graph::of_this_workspace_with(&[("serde", "axum")]);
    let found = violations(&graph);
    assert!(
        found.iter().any(|line| line.starts_with("arrow 4: vault-protocol -> serde -> axum")),
        "{found:#?}"
    );
}

/// Each as `arrow N: a -> b -> c: reason`.
fn violations(graph: &Graph) -> Vec<String> {
    ARROWS.iter().flat_map(|arrow| broken(arrow, graph)).collect()
}

fn broken(arrow: &Arrow, graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for from in arrow.from {
        for path in arrow.forbidden_paths(from, graph) {
            found.push(format!("arrow {}: {}: {}", arrow.number, path.join(" -> "), arrow.because));
        }
    }
    found
}
