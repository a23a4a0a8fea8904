//! Who depends on whom, as cargo resolves it. Normal dependencies only: tests and build scripts may
//! use anything.

use cargo_metadata::{DependencyKind, Metadata};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::process::Command;

pub(crate) struct Graph {
    members: BTreeSet<String>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    pub(crate) fn of_this_workspace() -> Self {
        Self::of_this_workspace_with(&[])
    }

    /// With dependencies planted into what cargo says: `(from, to)` by package name.
    pub(crate) fn of_this_workspace_with(planted: &[(&str, &str)]) -> Self {
        let mut metadata = cargo_metadata();
        for (from, to) in planted {
            plant(&mut metadata, from, to);
        }
        Self::read(&serde_json::from_value(metadata).unwrap())
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// `from` has `to` in its own manifest.
    pub(crate) fn names(&self, from: &str, to: &str) -> bool {
        self.edges.get(from).is_some_and(|to_all| to_all.contains(to))
    }

    /// A shortest way, both ends included.
    pub(crate) fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(here) = queue.pop_front() {
            for next in self.edges.get(here).into_iter().flatten() {
                if next == from || came_from.contains_key(next.as_str()) {
                    continue;
                }
                came_from.insert(next, here);
                if next == to {
                    return Some(walk_back(&came_from, from, to));
                }
                queue.push_back(next);
            }
        }
        None
    }

    fn read(metadata: &Metadata) -> Self {
        let name = |id| metadata[id].name.to_string();
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // Two versions of one crate are one name here: an arrow to either is an arrow.
        for node in &metadata.resolve.as_ref().unwrap().nodes {
            let normal = node
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
            edges.entry(name(&node.id)).or_default().extend(normal.map(|dep| name(&dep.pkg)));
        }
        Self { members: metadata.workspace_members.iter().map(name).collect(), edges }
    }
}

fn walk_back(came_from: &BTreeMap<&str, &str>, from: &str, to: &str) -> Vec<String> {
    let mut path = vec![to.to_string()];
    let mut here = to;
    while here != from {
        here = came_from[here];
        path.push(here.to_string());
    }
    path.reverse();
    path
}

/// For this computer's kind only: crates of other systems may not have been downloaded.
fn cargo_metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_string()
}

fn plant(metadata: &mut Value, from: &str, to: &str) {
    let id = |name: &str| {
        let packages = metadata["packages"].as_array().unwrap();
        packages.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("no package {name}"))["id"].clone()
    };
    let (from, to) = (id(from), id(to));
    let nodes = metadata["resolve"]["nodes"].as_array_mut().unwrap();
    let node = nodes.iter_mut().find(|node| node["id"] == from).unwrap();
    let dependency =
        json!({ "name": "planted", "pkg": to, "dep_kinds": [{ "kind": null, "target": null }] });
    node["deps"].as_array_mut().unwrap().push(dependency);
}
