//! Bundles: digests pinned by an independent program, and what counts as the same keys.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use vault_protocol::{
    Auditor, Bundle, DecodeError, FleetId, GuessPolicy, Operator, Point, Signature64, SignedBundle,
    SiteIndex,
};

fn vector() -> Value {
    serde_json::from_str(include_str!("../../../spec/validation-bundle.json")).unwrap()
}

fn bundle() -> Bundle {
    serde_json::from_value(vector()["bundle"].clone()).unwrap()
}

fn signed(bundle: &Bundle) -> Value {
    let signature = Signature64([7; 64]);
    let signed = SignedBundle {
        bundle: bundle.clone(),
        auditor: Auditor { timestamp: 1, signature },
        operator: Operator { signature },
        log_proof: String::new(),
    };
    serde_json::to_value(signed).unwrap()
}

#[test]
fn digests_are_those_of_the_vector() {
    let (vector, bundle) = (vector(), bundle());
    assert_eq!(vector["bundle_id"], bundle.id().to_string());
    assert_eq!(vector["keys_digest"], bundle.keys_digest().to_string());
}

#[test]
fn places_and_dates_leave_the_keys_as_they_are() {
    let mut moved = bundle();
    moved.sites[1].region = "elsewhere".into();
    moved.sites[1].endpoint = "https://elsewhere.example".into();
    (moved.epoch, moved.not_before, moved.not_after) = (9, 1, 2);
    assert!(moved.has_keys_of(&bundle()));
    assert_eq!(moved.keys_digest(), bundle().keys_digest());
}

#[test]
fn whatever_accounts_are_bound_to_makes_other_keys() {
    let changes: [fn(&mut Bundle); 10] = [
        |b| b.threshold = 3,
        |b| b.policy = GuessPolicy::Balanced,
        |b| b.fleet_key = Point([5; 65]),
        |b| b.sites[0].devices[0].serial = 1,
        |b| b.sites[0].devices[0].oprf_key = Point([5; 65]),
        |b| b.sites[0].devices[0].seal_key = Point([5; 65]),
        |b| b.sites[0].devices[0].session_key = Point([5; 65]),
        |b| b.sites[0].devices[0].receipt_key = Point([5; 65]),
        |b| b.sites.swap(0, 1),
        |b| b.sites[0].devices.clear(),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut changed = bundle();
        change(&mut changed);
        assert_ne!(changed.keys_digest(), bundle().keys_digest(), "change {i}");
        assert!(!changed.has_keys_of(&bundle()), "change {i}");
    }
}

#[test]
fn another_fleet_or_another_numbering_has_other_keys_all_the_same() {
    let mut other = bundle();
    other.fleet_id = FleetId([9; 16]);
    assert!(!other.has_keys_of(&bundle()));
    let mut other = bundle();
    other.sites[2].index = SiteIndex(4);
    assert!(!other.has_keys_of(&bundle()));
}

#[test]
fn a_site_has_exactly_one_device() {
    let mut two = bundle();
    let second = two.sites[0].devices[0].clone();
    two.sites[0].devices.push(second);
    assert!(
        matches!(two.check_shape(), Err(DecodeError::Malformed(_, why)) if why.contains("exactly one device"))
    );
    assert_eq!(bundle().check_shape(), Ok(()));
}

#[test]
fn a_bundle_that_is_not_signed_yet_is_read_in_the_same_way() {
    let read = |value: &Value| Bundle::from_json(value.to_string().as_bytes());
    let mut value = vector()["bundle"].clone();
    assert_eq!(read(&value), Ok(bundle()));
    value["type"] = json!("keepsake/validation-bundle/v1");
    value.as_object_mut().unwrap().remove("policy");
    assert_eq!(read(&value), Err(DecodeError::OldVersion(1)));
    value["namespace"] = json!("x".repeat(70_000));
    assert!(matches!(read(&value), Err(DecodeError::TooLong { .. })));
}

#[test]
fn another_version_is_named_and_not_taken_for_damage() {
    let read = |change: &dyn Fn(&mut Value)| {
        let mut document = signed(&bundle());
        change(&mut document);
        SignedBundle::from_json(document.to_string().as_bytes()).map(|_| ())
    };
    let typed = |kind: &'static str| read(&move |d| d["bundle"]["type"] = json!(kind));
    assert_eq!(read(&|_| ()), Ok(()));
    assert_eq!(typed("keepsake/validation-bundle/v1"), Err(DecodeError::OldVersion(1)));
    assert_eq!(typed("keepsake/validation-bundle/v3"), Err(DecodeError::NewVersion(3)));
    // Version 1 had other fields, which must not be what the refusal is about.
    let old = read(&|d| {
        d["bundle"]["type"] = json!("keepsake/validation-bundle/v1");
        d["bundle"].as_object_mut().unwrap().remove("policy");
    });
    assert_eq!(old, Err(DecodeError::OldVersion(1)));
    for kind in [
        "",
        "keepsake/validation-bundle/v",
        "keepsake/validation-bundle/v0",
        "keepsake/validation-bundle/v-2",
    ] {
        assert!(matches!(typed(kind), Err(DecodeError::Malformed(..))), "{kind}");
    }
}
