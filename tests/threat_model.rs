//! Every test that the threat model names exists: a claim whose proof was renamed or removed is no
//! claim.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Fewer and somebody deleted rows, or the reader below finds none.
const ROWS: usize = 60;
const NAMES: usize = 120;

/// Where the letters of the threat model lead.
const PLACES: [(&str, &str); 20] = [
    ("M", "crates/vault-state/tests/model"),
    ("S", "crates/vault-state/tests"),
    ("F", "crates/vault-facts/tests"),
    ("G", "tests/simulation/tests"),
    ("C", "crates/vault-client/tests/client"),
    ("W", "vault-server/tests/site"),
    ("V", "vault-server/tests/over_tls"),
    ("B", "vault-server/tests/accounts"),
    ("N", "crates/backup-engine/tests"),
    ("K", "crates/sealed-keys/tests"),
    ("D", "crates/yubihsm-device/tests/device"),
    ("H", "crates/yubihsm-device/src"),
    ("O", "operator/tests/device"),
    ("X", "vault-server/src"),
    ("R", "crates/recovery-crypto/tests"),
    ("P", "crates/passkey-unlock/tests"),
    ("E", "crates/fleet-evidence/tests"),
    ("L", "crates/fleet-evidence/src"),
    ("A", "crates/app/tests/vault"),
    ("T", "tests"),
];
const CASES: &str = "crates/fleet-evidence/tests/cases";
const STORY: &str = "script/story/src";
const SOAK: &str = "script/fault-soak";

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(tree.join("spec/threat-model.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter_map(tests_of_row).collect();
    assert!(rows.len() >= ROWS, "{} rows", rows.len());
    let named: Vec<Named> = rows.iter().flat_map(|row| named(row)).collect();
    assert!(named.len() >= NAMES, "{} names", named.len());
    let missing: Vec<_> = named.iter().filter(|named| !named.exists(tree)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_row_without_a_test_or_with_one_that_is_not_there_is_found() {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR"));
    let row = "| **x** | y | S `votes::a_try_needs_the_access_key`, `votes::nobody_wrote_this`; `case no-such-case` |";
    let named = named(tests_of_row(row).unwrap());
    let exist: Vec<bool> = named.iter().map(|named| named.exists(tree)).collect();
    assert_eq!(exist, [true, false, false]);
    assert_eq!(tests_of_row("| M | crates/vault-state/tests/model |"), None);
}

/// A test, and the letter that stood before it or before an earlier one of the row.
#[derive(Debug)]
struct Named<'a> {
    letter: &'a str,
    name: &'a str,
}

/// The third column of a row about a threat, which begins in bold.
fn tests_of_row(line: &str) -> Option<&str> {
    let cells: Vec<&str> = line.strip_prefix("| **")?.strip_suffix(" |")?.split(" | ").collect();
    cells.get(2).copied()
}

fn named(cell: &str) -> Vec<Named<'_>> {
    let mut letter = "";
    let mut all = vec![];
    for (at, part) in cell.split('`').enumerate() {
        if at % 2 == 1 {
            all.push(Named { letter, name: part });
        } else if let Some(last) = part.split([' ', ',', ';']).rfind(|word| !word.is_empty()) {
            letter = last;
        }
    }
    all
}

impl Named<'_> {
    fn exists(&self, tree: &Path) -> bool {
        match self.name.split_once(' ') {
            Some(("case", pattern)) => any_case(&tree.join(CASES), pattern),
            Some(("story", words)) => {
                sources(&tree.join(STORY)).iter().any(|file| says(file, words))
            }
            Some(("soak", words)) => says(&tree.join(SOAK), words),
            _ if self.letter == "U" => tree.join("ui/tests").join(self.name).is_file(),
            _ => self.is_a_test(tree),
        }
    }

    fn is_a_test(&self, tree: &Path) -> bool {
        let Some((_, place)) = PLACES.iter().find(|(letter, _)| *letter == self.letter) else {
            return false;
        };
        let Some((file, test)) = self.name.split_once("::") else { return false };
        let file = tree.join(place).join(file);
        let declared = format!("fn {test}(");
        [file.with_extension("rs"), file.join("mod.rs")].iter().any(|file| says(file, &declared))
    }
}

fn any_case(cases: &Path, pattern: &str) -> bool {
    let entries = fs::read_dir(cases).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    match pattern.strip_suffix('*') {
        Some(begin) => names.into_iter().any(|name| name.starts_with(begin)),
        None => names.into_iter().any(|name| name == pattern),
    }
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn says(file: &Path, words: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.contains(words))
}
