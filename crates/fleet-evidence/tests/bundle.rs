//! What a client concludes from a signed bundle, by example.
#![allow(clippy::unwrap_used)]

mod support;

use fleet_evidence::{
    BundleDocuments, CheckId, Outcome, Refused, Seen, Trust, VerifiedBundle, verify_bundle,
};
use support::*;
use vault_protocol::{Bundle, Point, Signature64, SignedBundle};

fn check(signed: &SignedBundle) -> Result<VerifiedBundle, Refused> {
    verify_bundle(&BundleDocuments::alone(&json(signed)), &trust(), None, NOW)
}

fn published(bundle: Bundle) -> SignedBundle {
    MemoryLog::default().publish(signed(bundle))
}

fn refused(signed: &SignedBundle) -> Vec<CheckId> {
    check(signed).unwrap_err().0.failed()
}

/// Two epochs in one log: documents, and what a client remembers after the first.
fn two_epochs() -> (Vec<u8>, SignedBundle, Seen, MemoryLog) {
    let mut log = MemoryLog::default();
    let first = log.publish(signed(bundle(1, None)));
    let seen = check(&first).unwrap().seen();
    let mut second = bundle(2, Some(&first.bundle));
    second.sites[2] = site(3, 1009);
    let second = log.publish(signed(second));
    (json(&first), second, seen, log)
}

#[test]
fn an_honest_first_bundle_is_trusted_and_labelled_mock() {
    let verified = check(&published(bundle(1, None))).unwrap();
    let report = verified.report();
    assert!(report.trusted() && report.mock && report.verdict.sentence.starts_with("MOCK"));
    assert_eq!(report.check(CheckId::B5).unwrap().outcome, Outcome::NotChecked);
    assert_eq!(verified.sites().len(), 3);
    assert_eq!(verified.seen().history.len(), 1);
}

#[test]
fn a_key_substituted_after_signing_is_refused() {
    let mut signed = published(bundle(1, None));
    signed.bundle.fleet_key = point("another");
    assert_eq!(refused(&signed), [CheckId::B1, CheckId::B4]);
}

#[test]
fn a_missing_signature_is_refused() {
    let mut signed = published(bundle(1, None));
    signed.operator.signature = Signature64([0; 64]);
    assert_eq!(refused(&signed), [CheckId::B2]);
}

#[test]
fn swapped_roles_are_refused() {
    let swapped = signed_by(bundle(1, None), &ed25519("operator"), &ed25519("auditor"));
    assert_eq!(refused(&MemoryLog::default().publish(swapped)), [CheckId::B1, CheckId::B2]);
}

#[test]
fn one_key_in_both_roles_is_refused() {
    let mut document = trust_document();
    document.operator_key = document.auditor_key.clone();
    let both = signed_by(bundle(1, None), &ed25519("auditor"), &ed25519("auditor"));
    let bytes = json(&MemoryLog::default().publish(both));
    let trust = Trust::new(document).unwrap();
    let refused = verify_bundle(&BundleDocuments::alone(&bytes), &trust, None, NOW).unwrap_err();
    assert_eq!(refused.0.failed(), [CheckId::B3]);
}

#[test]
fn a_point_off_the_curve_is_refused() {
    let mut bad = bundle(1, None);
    bad.sites[0].devices[0].seal_key = Point([4; 65]);
    assert_eq!(refused(&published(bad)), [CheckId::B0]);
}

#[test]
fn periods_are_enforced() {
    let mut bad = bundle(1, None);
    (bad.not_before, bad.not_after) = (NOW - 9, NOW - 1);
    assert_eq!(refused(&published(bad)), [CheckId::B7]);
    let mut bad = bundle(1, None);
    (bad.not_before, bad.not_after) = (NOW + 1, NOW + 9);
    assert_eq!(refused(&published(bad)), [CheckId::B7]);
}

#[test]
fn the_next_epoch_is_accepted_and_its_changes_are_named() {
    let (first, second, seen, log) = two_epochs();
    let bytes = json(&second);
    let consistency = log.consistency(1);
    let documents =
        BundleDocuments { signed: &bytes, history: &[first], consistency: Some(&consistency) };
    let verified = verify_bundle(&documents, &trust(), Some(&seen), NOW).unwrap();
    let change = &verified.report().changes[0];
    assert_eq!((change.appeared[0].serial, change.left[0].serial), (1009, 1003));
    assert_eq!(verified.seen().history.len(), 2);
}

#[test]
fn a_client_that_saw_the_epoch_before_needs_no_history() {
    let (_, second, seen, log) = two_epochs();
    let bytes = json(&second);
    let consistency = log.consistency(1);
    let documents =
        BundleDocuments { signed: &bytes, history: &[], consistency: Some(&consistency) };
    assert!(verify_bundle(&documents, &trust(), Some(&seen), NOW).is_ok());
}

#[test]
fn a_stranger_without_history_refuses_epoch_two() {
    let (_, second, _, _) = two_epochs();
    assert_eq!(refused(&second), [CheckId::B8]);
}

#[test]
fn an_older_epoch_is_refused_once_a_newer_was_seen() {
    let (first, second, seen, log) = two_epochs();
    let bytes = json(&second);
    let consistency = log.consistency(1);
    let documents =
        BundleDocuments { signed: &bytes, history: &[], consistency: Some(&consistency) };
    let seen = verify_bundle(&documents, &trust(), Some(&seen), NOW).unwrap().seen();
    let replay = BundleDocuments { signed: &first, history: &[], consistency: Some(&consistency) };
    let refused = verify_bundle(&replay, &trust(), Some(&seen), NOW).unwrap_err();
    assert_eq!(refused.0.failed(), [CheckId::B6]);
}

#[test]
fn a_forked_log_is_refused() {
    let (_, second, seen, _) = two_epochs();
    let mut fork = MemoryLog::default();
    fork.append(b"something else");
    let forked = fork.publish(signed(second.bundle));
    let bytes = json(&forked);
    let consistency = fork.consistency(1);
    let documents =
        BundleDocuments { signed: &bytes, history: &[], consistency: Some(&consistency) };
    let refused = verify_bundle(&documents, &trust(), Some(&seen), NOW).unwrap_err();
    assert_eq!(refused.0.failed(), [CheckId::B5]);
}

#[test]
fn two_bundles_for_one_epoch_are_refused() {
    let mut log = MemoryLog::default();
    let seen = check(&log.publish(signed(bundle(1, None)))).unwrap().seen();
    let mut other = bundle(1, None);
    other.fleet_key = point("another");
    let bytes = json(&log.publish(signed(other)));
    let consistency = log.consistency(1);
    let documents =
        BundleDocuments { signed: &bytes, history: &[], consistency: Some(&consistency) };
    let refused = verify_bundle(&documents, &trust(), Some(&seen), NOW).unwrap_err();
    assert_eq!(refused.0.failed(), [CheckId::B6]);
}

#[test]
fn rubbish_is_refused_not_a_crash() {
    for bytes in [&b""[..], b"{}", b"[1,2", &[0xff; 70_000]] {
        let refused =
            verify_bundle(&BundleDocuments::alone(bytes), &trust(), None, NOW).unwrap_err();
        assert_eq!(refused.0.failed(), [CheckId::B0]);
    }
}
