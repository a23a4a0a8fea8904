//! Every case of `tests/cases` is accepted or refused by exactly the checks that it names.
//!
//! The cases are made by `support/cases` from fixed seeds. `KEEPSAKE_WRITE_CASES=1 cargo test -p
//! fleet-evidence --test cases` writes them anew; without it, the files must be what the generator
//! makes.
#![allow(clippy::unwrap_used)]

mod support;

use fleet_evidence::folder::EvidenceFolder;
use fleet_evidence::log::ConsistencyProof;
use fleet_evidence::{BundleDocuments, Refused, Report, Trust, verify_bundle, verify_evidence};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::NOW;
use support::cases::{Case, all};
use support::world::Files;

/// `expect.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Expect {
    about: String,
    /// Unix seconds.
    now: u64,
    /// The case whose files are used where this one has none.
    base: Option<String>,
    /// Files of the base that this case lacks.
    remove: Vec<String>,
    /// Exactly the checks that refuse; empty if the fleet is trusted.
    refused_by: Vec<String>,
}

#[test]
fn every_case_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    assert!(names().len() > 90, "cases are missing");
    for name in names() {
        let (expect, files) = load(&name);
        let report = judge(&files, expect.now);
        let failed: Vec<String> = report.failed().iter().map(ToString::to_string).collect();
        if failed != expect.refused_by || report.trusted() != expect.refused_by.is_empty() {
            let reasons: Vec<String> = report
                .checks
                .iter()
                .map(|c| format!("{} {:?} {}", c.id, c.outcome, c.reason))
                .collect();
            wrong.push(format!(
                "{name}: expected {:?}, got {failed:?}\n  {}",
                expect.refused_by,
                reasons.join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_files_are_what_the_generator_makes() {
    let cases = all();
    let honest = cases[0].files.clone();
    for case in &cases {
        let (expect, own) = reduce(case, &honest);
        let dir = root().join(case.name);
        if std::env::var_os("KEEPSAKE_WRITE_CASES").is_some() {
            write(&dir, &expect, &own);
        }
        let found: Expect =
            serde_json::from_slice(&std::fs::read(dir.join("expect.json")).unwrap()).unwrap();
        assert_eq!(found, expect, "{}", case.name);
        let mut files = read_tree(&dir);
        files.remove("expect.json");
        assert!(files == own, "{} differs from what the generator makes", case.name);
    }
    let mut known: Vec<String> = cases.iter().map(|c| c.name.to_string()).collect();
    known.sort();
    assert_eq!(names(), known);
}

#[test]
fn a_trusted_mock_fleet_is_labelled_in_its_verdict() {
    let (expect, files) = load("honest");
    let report = judge(&files, expect.now);
    assert!(report.mock && report.verdict.sentence.starts_with("MOCK"));
}

#[test]
fn a_fleet_of_emulated_devices_is_accepted() {
    let mut files =
        read_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulated/mock-fleet"));
    let expect: Expect = serde_json::from_slice(&files.remove("expect.json").unwrap()).unwrap();
    let report = judge(&files, expect.now);
    assert!(report.trusted() && report.mock, "{report:#?}");
}

fn judge(files: &Files, now: u64) -> Report {
    let trust = Trust::from_json(&files["trust.json"]).unwrap();
    let seen = files.get("seen.json").map(|b| serde_json::from_slice(b).unwrap());
    let history: Vec<Vec<u8>> = below(files, "history/").into_values().collect();
    let consistency = files.get("consistency.json").map(|bytes| {
        let hashes: Vec<String> = serde_json::from_slice(bytes).unwrap();
        ConsistencyProof {
            hashes: hashes.iter().map(|h| hex::decode(h).unwrap().try_into().unwrap()).collect(),
        }
    });
    let documents = BundleDocuments {
        signed: &files["bundle.json"],
        history: &history,
        consistency: consistency.as_ref(),
    };
    let bundle = match verify_bundle(&documents, &trust, seen.as_ref(), now) {
        Ok(bundle) => bundle,
        Err(Refused(report)) => return *report,
    };
    let folder = EvidenceFolder::new(below(files, "evidence/")).unwrap();
    match verify_evidence(&bundle, &trust, &folder, now) {
        Ok(evidence) => evidence.report().clone(),
        Err(Refused(report)) => *report,
    }
}

fn below(files: &Files, prefix: &str) -> Files {
    let own = files
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(prefix)?.to_string(), bytes.clone())));
    own.collect()
}

/// Only what differs from the honest case.
fn reduce(case: &Case, honest: &Files) -> (Expect, Files) {
    let base = case.name != "honest";
    let differs = |(path, bytes): &(&String, &Vec<u8>)| !base || honest.get(*path) != Some(bytes);
    let own: Files =
        case.files.iter().filter(differs).map(|(p, b)| (p.clone(), b.clone())).collect();
    let gone = honest.keys().filter(|path| base && !case.files.contains_key(*path));
    let expect = Expect {
        about: case.about.into(),
        now: NOW,
        base: base.then(|| "honest".into()),
        remove: gone.cloned().collect(),
        refused_by: case.refused_by.iter().map(ToString::to_string).collect(),
    };
    (expect, own)
}

fn load(name: &str) -> (Expect, Files) {
    let mut own = read_tree(&root().join(name));
    let expect: Expect = serde_json::from_slice(&own.remove("expect.json").unwrap()).unwrap();
    let mut files = expect.base.as_ref().map(|base| load(base).1).unwrap_or_default();
    files.retain(|path, _| !expect.remove.contains(path));
    files.extend(own);
    (expect, files)
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(root()).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn read_tree(dir: &Path) -> Files {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let (path, name) = entry.map(|e| (e.path(), e.file_name().into_string().unwrap())).unwrap();
        if path.is_dir() {
            files.extend(read_tree(&path).into_iter().map(|(p, b)| (format!("{name}/{p}"), b)));
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

fn write(dir: &Path, expect: &Expect, files: &Files) {
    let _ = std::fs::remove_dir_all(dir);
    std::fs::create_dir_all(dir).unwrap();
    let mut text = serde_json::to_vec_pretty(expect).unwrap();
    text.push(b'\n');
    std::fs::write(dir.join("expect.json"), text).unwrap();
    for (path, bytes) in files {
        std::fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
        std::fs::write(dir.join(path), bytes).unwrap();
    }
}
