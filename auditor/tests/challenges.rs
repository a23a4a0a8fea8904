//! The auditor's notebook of challenges: only the operator writes in it over the network, and
//! nothing in it is pushed out.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/fleet-evidence/tests/support/mod.rs"]
mod support;

use auditor::{AuditError, Auditor, InitOptions};
use ed25519_dalek::Signer;
use fleet_evidence::folder::{AnchorRequest, AnchorsRequest, ChallengeRequest, FromOperator};
use support::devices::root;
use support::{NAMESPACE, NOW, ed25519};
use vault_protocol::Signature64;

const DAY: u64 = 24 * 3600;

fn auditor(dir: &tempfile::TempDir) -> Auditor {
    let options = InitOptions {
        namespace: NAMESPACE.into(),
        operator_key: hex::encode(ed25519("operator").verifying_key().as_bytes()),
        origin: "auditor.example/keepsake".into(),
        attestation_roots: vec![root("test")],
        mock: true,
        minimum_firmware: "2.3.1".into(),
        tls_ca: None,
    };
    Auditor::init(dir.path(), options).unwrap()
}

fn asks(serials: &[u32], requested_at: u64, signer: &str) -> FromOperator<ChallengeRequest> {
    let request = ChallengeRequest { serials: serials.to_vec(), requested_at };
    let signature = ed25519(signer).sign(&request.message(NAMESPACE)).to_bytes();
    FromOperator { request, operator_signature: Signature64(signature) }
}

#[test]
fn the_same_request_gives_the_same_challenges() {
    let dir = tempfile::tempdir().unwrap();
    let auditor = auditor(&dir);
    let request = asks(&[1001, 1002], NOW, "operator");
    let first = auditor.challenge_for(&request, NOW).unwrap();
    assert_eq!(auditor.challenge_for(&request, NOW + 5).unwrap(), first);
    assert_ne!(
        auditor.challenge_for(&asks(&[1001, 1002], NOW + 1, "operator"), NOW).unwrap(),
        first
    );
}

#[test]
fn a_request_of_another_party_or_another_time_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let auditor = auditor(&dir);
    let mut altered = asks(&[1001], NOW, "operator");
    altered.request.serials = vec![1002];
    for request in [asks(&[1001], NOW, "stranger"), altered, asks(&[1001], NOW - 601, "operator")] {
        let refused = auditor.challenge_for(&request, NOW).unwrap_err();
        assert!(matches!(refused, AuditError::Signature(_)), "{refused}");
    }
}

#[test]
fn an_anchor_request_for_another_namespace_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let auditor = auditor(&dir);
    let challenge = auditor.challenge(&[1001], NOW).unwrap()[0].challenge;
    let request = AnchorsRequest {
        devices: vec![AnchorRequest { serial: 1001, challenge, anchor: [7; 16] }],
    };
    let signature = ed25519("operator").sign(&request.message("elsewhere")).to_bytes();
    let signed = FromOperator { request, operator_signature: Signature64(signature) };
    assert!(matches!(auditor.anchor_for(&signed, NOW), Err(AuditError::Signature(_))));
}

#[test]
fn a_full_book_refuses_and_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let auditor = auditor(&dir);
    let first = auditor.challenge(&[1], NOW).unwrap()[0].challenge;
    let anchored = AnchorRequest { serial: 1, challenge: first, anchor: [9; 16] };
    let record = auditor.anchor(std::slice::from_ref(&anchored), NOW).unwrap();
    let pending = auditor.challenge(&[2], NOW).unwrap()[0].challenge;
    let ceremony: Vec<u32> = (100..132).collect();
    let refused = (0..200)
        .find_map(|_| auditor.challenge(&ceremony, NOW).err())
        .expect("the book is bounded");
    assert!(matches!(refused, AuditError::Challenge(_)), "{refused}");
    assert_eq!(
        auditor.anchor(&[anchored], NOW + 9).unwrap(),
        record,
        "what was anchored stays as it was"
    );
    let late = AnchorRequest { serial: 2, challenge: pending, anchor: [8; 16] };
    assert!(auditor.anchor(&[late], NOW + 9).is_ok(), "what was pending can be anchored still");
    let month_later = NOW + 31 * DAY;
    assert!(
        auditor.challenge(&ceremony, month_later).is_ok(),
        "challenges of ceremonies that never came lapse"
    );
    let kept = AnchorRequest { serial: 1, challenge: first, anchor: [1; 16] };
    assert!(auditor.anchor(&[kept], month_later).is_err(), "an anchor is never forgotten");
}
