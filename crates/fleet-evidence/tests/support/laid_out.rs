//! The cases as folders that a person could have been given. For every program that judges them.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// One case in a folder of its own.
pub(crate) struct LaidOut {
    pub name: String,
    dir: PathBuf,
    /// Unix seconds.
    pub now: u64,
    /// Exactly the checks that refuse; empty if the fleet is trusted.
    pub refused_by: Vec<String>,
}

impl LaidOut {
    /// Copies a case with the files of its base.
    pub(crate) fn new(name: &str, dir: PathBuf) -> Self {
        let expect = lay_out(name, &dir);
        let refused_by =
            expect["refused_by"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().into());
        Self {
            name: name.into(),
            now: expect["now"].as_u64().unwrap(),
            refused_by: refused_by.collect(),
            dir,
        }
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.dir.join(file).to_str().unwrap().into()
    }

    /// A file or folder that not every case has.
    pub(crate) fn if_there(&self, file: &str) -> Option<String> {
        self.dir.join(file).exists().then(|| self.path(file))
    }

    /// What is wrong with a judgement of this case, if anything is.
    pub(crate) fn objection(&self, report: &Value) -> Option<String> {
        let checks = report["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let failed =
            checks.iter().filter(|c| c["outcome"] == "fail").map(|c| c["id"].as_str().unwrap());
        let failed: Vec<&str> = failed.collect();
        let as_expected =
            failed == self.refused_by && report["trusted"] == self.refused_by.is_empty();
        (!as_expected).then(|| {
            format!("{}: expected {:?}, got {failed:?}\n{report}", self.name, self.refused_by)
        })
    }
}

/// The names of all cases.
pub(crate) fn all() -> Vec<String> {
    let entries = std::fs::read_dir(cases()).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() > 100, "cases are missing");
    names
}

fn lay_out(name: &str, into: &Path) -> Value {
    let expect: Value =
        serde_json::from_slice(&std::fs::read(cases().join(name).join("expect.json")).unwrap())
            .unwrap();
    if let Some(base) = expect["base"].as_str() {
        lay_out(base, into);
    }
    for gone in expect["remove"].as_array().unwrap() {
        std::fs::remove_file(into.join(gone.as_str().unwrap())).unwrap();
    }
    copy(&cases().join(name), into);
    std::fs::remove_file(into.join("expect.json")).unwrap();
    expect
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, target) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// From the manifest of whichever package includes this file: upwards until the cases are there.
fn cases() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .map(|dir| dir.join("crates/fleet-evidence/tests/cases"))
        .find(|dir| dir.is_dir());
    found.expect("this is the project's tree")
}
