//! `docs/sources.md` is made from the formats and from the exports that the tests read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use chat_import::{ImportOptions, Wanted, sources};

/// Files of a case that are not the export.
const BESIDE: &[&str] = &["expected.json", "options.json", "refused.json"];

/// Formats whose exports are databases, which `tests/databases.rs` makes.
const DATABASES: &[&str] = &["whatsapp_android", "whatsapp_ios", "imessage", "signal_desktop"];

const HEAD: &str = "# What Keepsake imports

This page is written by a test from the formats and from the exports that the tests read
(`UPDATE_FIXTURES=1 cargo nextest run -p chat-import --test documented`). How each is got out of its
messenger stands in [how-to-export.md](how-to-export.md).

`keepsake source detect PATH` says what a file or folder is. A format is recognised by its content;
`--kind` takes the name below where it should be another. Whatever is in an export and not understood
is stored as it is, counted in the report of the import, and shown with the chat.
";

#[test]
fn the_page_of_sources_is_what_the_tests_read() {
    let mut cases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for case in exports() {
        let options = ImportOptions { today: Some(20_000), ..ImportOptions::default() };
        let search = chat_import::search(&export_of(&case), &Wanted::Any, &options).unwrap();
        for found in search.found {
            let name = case.file_name().unwrap().to_str().unwrap().replace('_', " ");
            cases.entry(found.source.format().name).or_default().push(name);
        }
    }
    let mut page = HEAD.to_owned();
    for source in sources::all() {
        let format = source.format();
        write!(page, "\n## {}\n\n`--kind {}`", format.words, format.name).unwrap();
        match cases.get(format.name) {
            Some(names) => {
                page.push_str(". Tested with:\n\n");
                names.iter().for_each(|name| writeln!(page, "- {name}").unwrap());
            }
            None if DATABASES.contains(&format.name) => {
                page.push_str(
                    ". Tested with databases that `crates/chat-import/tests/databases.rs` makes.\n",
                );
            }
            None => panic!("no test reads {}", format.name),
        }
    }
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sources.md");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&committed, &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string(committed).unwrap_or_default(),
        page,
        "docs/sources.md is out of date"
    );
}

fn exports() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/good");
    let mut all: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

fn export_of(case: &Path) -> PathBuf {
    let mut entries = fs::read_dir(case).unwrap().map(|e| e.unwrap().path());
    entries.find(|p| BESIDE.iter().all(|b| p.file_name().unwrap() != *b)).unwrap()
}
