//! The published cases of honest and hostile fleets, through the function that the window and the
//! command line call.
#![allow(clippy::unwrap_used)]

#[path = "../../fleet-evidence/tests/support/laid_out.rs"]
mod laid_out;

use app::{Keepsake, OfflineVerify, verify_bundle_file};
use laid_out::LaidOut;
use sealed_keys::{DeviceKeyStore, FileKeyStore, LocalKey};
use std::path::Path;

#[tokio::test]
async fn every_case_is_refused_by_the_checks_that_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let keepsake = home(&dir.path().join("home"));
    let mut objections = vec![];
    for name in laid_out::all() {
        let case = LaidOut::new(&name, dir.path().join(&name));
        let report = verify_bundle_file(&keepsake, &saved(&case)).await.unwrap();
        objections.extend(case.objection(&serde_json::to_value(report).unwrap()));
    }
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[tokio::test]
async fn a_fleet_that_nobody_pinned_here_needs_its_trust_document() {
    let dir = tempfile::tempdir().unwrap();
    let case = LaidOut::new("honest", dir.path().join("honest"));
    let unpinned = OfflineVerify { trust: None, ..saved(&case) };
    let refused = verify_bundle_file(&home(&dir.path().join("home")), &unpinned).await.unwrap_err();
    assert_eq!(refused.code, "no_trust");
}

fn saved(case: &LaidOut) -> OfflineVerify {
    OfflineVerify {
        bundle: case.path("bundle.json").into(),
        trust: Some(case.path("trust.json").into()),
        evidence: Some(case.path("evidence")),
        history: case.if_there("history").map(Into::into),
        seen: case.if_there("seen.json").map(Into::into),
        consistency: case.if_there("consistency.json").map(Into::into),
        at: Some(case.now),
    }
}

/// A home whose key is in a file: a test leaves nothing in a person's keyring.
fn home(dir: &Path) -> Keepsake {
    let id = "07".repeat(16);
    std::fs::create_dir(dir).unwrap();
    FileKeyStore::new(dir.join("device-key"))
        .save(&id, &LocalKey::generate(&mut rand_core::OsRng))
        .unwrap();
    let home = serde_json::json!({"type": "keepsake/home/v1", "id": id, "key_store": "file"});
    std::fs::write(dir.join("home.json"), home.to_string()).unwrap();
    Keepsake::open(dir).unwrap()
}
