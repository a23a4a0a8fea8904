//! Arrows that the manifests cannot show: what a source file may name.

use std::fs;
use std::path::{Path, PathBuf};

/// Crates that decide and never act, and what their sources must not name: the standard library
/// needs no manifest.
const PURE: &[&str] = &["vault-protocol", "recovery-crypto", "fleet-evidence", "vault-state"];
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "SystemTime::now",
    "Instant::now",
    "OsRng",
    "thread_rng",
    "getrandom",
    "File::open",
];

#[test]
fn crates_that_decide_touch_nothing_outside() {
    let mut found = Vec::new();
    for name in PURE {
        let files = sources(&root().join("crates").join(name).join("src"), &["rs"]);
        assert!(!files.is_empty(), "{name} has no sources");
        found.extend(files.iter().flat_map(|file| named(file, OUTSIDE)));
    }
    assert!(
        found.is_empty(),
        "arrow 5: network, disk, clock and randomness are arguments:\n{}",
        found.join("\n")
    );
}

#[test]
fn one_importer_never_uses_another() {
    let folder = root().join("crates/chat-import/src/sources");
    let importers: Vec<String> = folders(&folder);
    assert!(importers.len() > 1, "{importers:?}");
    let mut found = Vec::new();
    for one in &importers {
        for file in sources(&folder.join(one), &["rs"]) {
            let others = importers.iter().filter(|other| *other != one);
            let paths: Vec<String> =
                others.flat_map(|o| [format!("sources::{o}"), format!("super::{o}")]).collect();
            found.extend(named(&file, &paths.iter().map(String::as_str).collect::<Vec<_>>()));
        }
    }
    assert!(found.is_empty(), "arrow 6: one importer never uses another:\n{}", found.join("\n"));
}

#[test]
fn in_the_window_only_the_backend_speaks_to_the_shell() {
    let src = root().join("ui/src");
    let files = sources(&src, &["ts", "svelte"]);
    assert!(!files.is_empty(), "ui/src has no sources");
    let outside = |file: &&PathBuf| {
        let inside = file.strip_prefix(&src).unwrap();
        !inside.starts_with("backend") && !inside.starts_with("generated")
    };
    let found: Vec<String> =
        files.iter().filter(outside).flat_map(|file| named(file, &["@tauri-apps"])).collect();
    assert!(
        found.is_empty(),
        "arrow 9: only ui/src/backend imports @tauri-apps:\n{}",
        found.join("\n")
    );
}

#[test]
fn features_of_the_window_never_import_each_other() {
    let folder = root().join("ui/src/features");
    let mut found = Vec::new();
    let features = folders(&folder);
    assert!(features.len() > 1, "{features:?}");
    for one in &features {
        let others = features.iter().filter(|other| *other != one);
        let paths: Vec<String> =
            others.flat_map(|o| [format!("features/{o}/"), format!("../{o}/")]).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        for file in sources(&folder.join(one), &["ts", "svelte"]) {
            found.extend(named(&file, &paths).into_iter().filter(|line| line.contains("import")));
        }
    }
    assert!(found.is_empty(), "arrow 9: features never import each other:\n{}", found.join("\n"));
}

#[test]
fn a_planted_word_is_found_and_one_in_a_test_or_a_comment_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("planted.rs");
    fs::write(
        &file,
        "// OsRng\nlet a = OsRng;\n#[cfg(test)]\nmod tests {\n    let b = OsRng;\n}\n",
    )
    .unwrap();
    let found = named(&file, OUTSIDE);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("planted.rs:2: OsRng: let a = OsRng;"), "{found:?}");
}

/// A source without the tests at its end.
pub(crate) fn product(text: &str) -> String {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_string()
}

/// Lines of `file` that hold one of `words`, comments and tests aside.
fn named(file: &Path, words: &[&str]) -> Vec<String> {
    let product = product(&fs::read_to_string(file).unwrap());
    let lines =
        product.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(n, line)| {
            words.iter().filter(|word| line.contains(**word)).map(move |word| (n, *word, line))
        })
        .map(|(n, word, line)| format!("{}:{}: {word}: {}", file.display(), n + 1, line.trim()))
        .collect()
}

/// Every file below `folder` with one of these endings, those of tests aside.
pub(crate) fn sources(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() && name != "tests" {
            files.extend(sources(&path, endings));
        } else if endings.iter().any(|e| name.ends_with(&format!(".{e}"))) && !is_test(&name) {
            files.push(path);
        }
    }
    files
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.contains(".test.")
}

fn folders(of: &Path) -> Vec<String> {
    let entries = fs::read_dir(of).unwrap_or_else(|e| panic!("{}: {e}", of.display()));
    let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    paths.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every folder of the workspace with sources, as it is called from the root.
pub(crate) fn crates() -> Vec<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members =
        manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let mut names: Vec<String> =
        members.split('"').skip(1).step_by(2).map(str::to_string).collect();
    names.push("src-tauri".into());
    names.retain(|name| root().join(name).join("src").is_dir());
    names.sort();
    names
}
