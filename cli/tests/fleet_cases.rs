//! The published cases of honest and hostile fleets, through the command line: the same checks refuse.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::Computer;

/// Processes side by side.
const AT_ONCE: usize = 4;

#[test]
fn every_case_is_refused_by_the_checks_that_it_names() {
    let mut names: Vec<String> =
        std::fs::read_dir(cases()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() > 100, "cases are missing");
    let share = names.len().div_ceil(AT_ONCE);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let work: Vec<_> = names.chunks(share).map(|part| scope.spawn(|| judge_all(part))).collect();
        work.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_case_that_lacks_its_evidence_is_not_called_examined() {
    let computer = Computer::new();
    lay_out("honest", &computer.path("case"));
    let file = |name: &str| computer.text(&format!("case/{name}"));
    let (bundle, trust) = (file("bundle.json"), file("trust.json"));
    let report = computer
        .keepsake(&["fleet", "verify", "--bundle", &bundle, "--trust", &trust, "--at", "1800000000"])
        .succeeded();
    assert!(report["verdict"].as_str().unwrap().contains("evidence was not examined"), "{report}");
    assert!(report["verdict"].as_str().unwrap().starts_with("MOCK"));
}

#[test]
fn evidence_in_one_tar_file_is_judged_as_its_folder_is() {
    let computer = Computer::new();
    for (name, refused_by) in [("honest", None), ("file-changed", Some("E1"))] {
        let dir = computer.path(name);
        lay_out(name, &dir);
        let file = |part: &str| dir.join(part).to_str().unwrap().to_string();
        let (bundle, trust, archive) = (file("bundle.json"), file("trust.json"), file("evidence.tar"));
        let made = std::process::Command::new("tar").args(["-cf", &archive, "-C", &file("evidence"), "."]).status();
        assert!(made.unwrap().success());
        let at = ["--at", "1800000000", "--evidence", &archive];
        let ran = computer.keepsake(&[&["fleet", "verify", "--bundle", &bundle, "--trust", &trust][..], &at].concat());
        let failed = ran.json["checks"].as_array().unwrap().iter().filter(|c| c["outcome"] == "fail");
        assert!(failed.map(|c| c["id"].as_str().unwrap()).eq(refused_by), "{name}: {}", ran.json);
        assert_eq!(
            (ran.code, ran.json["evidence"]["source"].as_str()),
            (i32::from(refused_by.is_some()), Some(&*archive))
        );
    }
}

#[test]
fn a_file_that_is_no_archive_is_no_evidence() {
    let computer = Computer::new();
    lay_out("honest", &computer.path("case"));
    let file = |name: &str| computer.text(&format!("case/{name}"));
    let (bundle, trust) = (file("bundle.json"), file("trust.json"));
    let what = ["fleet", "verify", "--at", "1800000000", "--bundle", &bundle, "--trust", &trust];
    computer.keepsake(&[&what[..], &["--evidence", &trust]].concat()).refused("no_evidence");
}

#[test]
fn a_check_is_explained_and_an_unknown_one_is_not() {
    let computer = Computer::new();
    let told = computer.keepsake(&["fleet", "verify", "--explain", "e5"]).succeeded();
    assert_eq!(told["check"], "E5");
    assert!(told["text"].as_str().unwrap().contains("record"), "{told}");
    computer.keepsake(&["fleet", "verify", "--explain", "E99"]).refused("no_such_check");
}

fn judge_all(names: &[String]) -> Vec<String> {
    let computer = Computer::new();
    names.iter().filter_map(|name| judge(&computer, name).err()).collect()
}

fn judge(computer: &Computer, name: &str) -> Result<(), String> {
    let dir = computer.path(name);
    let expect = lay_out(name, &dir);
    let file = |name: &str| dir.join(name).to_str().unwrap().to_string();
    let (at, bundle, trust) = (expect["now"].to_string(), file("bundle.json"), file("trust.json"));
    let evidence = file("evidence");
    let mut arguments = vec!["fleet", "verify", "--at", &at, "--bundle", &bundle, "--trust", &trust];
    arguments.extend(["--evidence", &evidence]);
    let extra: Vec<(&str, String)> =
        [("--seen", "seen.json"), ("--consistency", "consistency.json"), ("--history", "history")]
            .into_iter()
            .filter(|(_, name)| dir.join(name).exists())
            .map(|(flag, name)| (flag, file(name)))
            .collect();
    arguments.extend(extra.iter().flat_map(|(flag, path)| [*flag, path]));
    let ran = computer.keepsake(&arguments);
    let failed: Vec<&Value> = ran.json["checks"]
        .as_array()
        .map(|all| all.iter().filter(|c| c["outcome"] == "fail").map(|c| &c["id"]).collect())
        .unwrap_or_default();
    let expected: Vec<&Value> = expect["refused_by"].as_array().unwrap().iter().collect();
    let code = i32::from(!expected.is_empty());
    if failed == expected && ran.code == code && ran.json["trusted"] == (code == 0) {
        return Ok(());
    }
    Err(format!("{name}: expected {expected:?}, got {failed:?}, exit code {}\n{}", ran.code, ran.stderr))
}

/// Copies a case with the files of its base; gives `expect.json`.
fn lay_out(name: &str, into: &Path) -> Value {
    let expect: Value =
        serde_json::from_slice(&std::fs::read(cases().join(name).join("expect.json")).unwrap()).unwrap();
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

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/fleet-evidence/tests/cases")
}
