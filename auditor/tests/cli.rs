//! The program's exit codes: 0 done, 1 refused, 2 could not be tried.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/fleet-evidence/tests/support/mod.rs"]
mod support;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use support::devices::root;
use support::world::World;
use support::{NAMESPACE, ed25519};

fn auditor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auditor")).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(bytes)))
}

fn init(dir: &Path) -> Output {
    let roots = dir.with_extension("pem");
    std::fs::write(&roots, root("test")).unwrap();
    let key = hex::encode(ed25519("operator").verifying_key().as_bytes());
    let dir = dir.to_str().unwrap();
    let pem = roots.to_str().unwrap();
    auditor(&[
        "init",
        "--dir",
        dir,
        "--namespace",
        NAMESPACE,
        "--operator-key",
        &key,
        "--mock",
        "--attestation-root",
        pem,
    ])
}

#[test]
fn init_works_once_and_prints_the_trust_id() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("auditor");
    let first = init(&dir);
    assert_eq!(code(&first), 0);
    let printed = auditor(&["trust-id", "--dir", dir.to_str().unwrap()]);
    assert_eq!(json(&first.stdout)["trust_id"], String::from_utf8_lossy(&printed.stdout).trim());
    assert_eq!(code(&init(&dir)), 2);
}

#[test]
fn challenges_and_anchors_go_through_the_command_line() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("auditor");
    init(&dir);
    let dir = dir.to_str().unwrap();
    let issued = auditor(&["challenge", "--dir", dir, "--serial", "1001"]);
    let challenge = json(&issued.stdout)[0]["challenge"].as_str().unwrap().to_string();
    let anchor = |anchor: &str| {
        auditor(&["anchor", "--dir", dir, "--device", &format!("1001:{challenge}:{anchor}")])
    };
    let noted = anchor(&"aa".repeat(16));
    assert_eq!(
        (code(&noted), json(&noted.stdout)["record"]["devices"][0]["serial"].as_u64()),
        (0, Some(1001))
    );
    assert_eq!(code(&anchor(&"bb".repeat(16))), 1);
    assert_eq!(code(&anchor("bb")), 2);
}

#[test]
fn evidence_with_foreign_anchors_is_refused_and_says_why() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("auditor");
    init(&dir);
    let mut world = World::honest();
    world.bundle.not_after = u64::from(u32::MAX);
    let (bundle, files) = world.evidence();
    let folder = parent.path().join("evidence");
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let file = parent.path().join("bundle.json");
    std::fs::write(&file, serde_json::to_vec(&bundle).unwrap()).unwrap();
    let (dir, file, folder) =
        (dir.to_str().unwrap(), file.to_str().unwrap(), folder.to_str().unwrap());
    let refused =
        auditor(&["--json", "sign", "--dir", dir, "--bundle", file, "--evidence", folder]);
    assert_eq!(code(&refused), 1);
    let failed: Vec<String> = json(&refused.stderr)["report"]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["outcome"] == "fail")
        .map(|c| c["id"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(failed, ["E12"]);
}

#[test]
fn what_cannot_be_read_is_a_fault_not_a_refusal() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("auditor");
    init(&dir);
    let dir = dir.to_str().unwrap();
    assert_eq!(code(&auditor(&["publish", "--dir", dir, "--signed", "/nonexistent"])), 2);
    assert_eq!(code(&auditor(&["trust-id", "--dir", "/nonexistent/auditor"])), 2);
    assert_eq!(code(&auditor(&["no-such-command"])), 2);
}
