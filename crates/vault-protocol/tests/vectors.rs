//! Bytes of bundles, records, tries and requests, against an independent program
//! (spec/make_vectors.py).
#![allow(clippy::unwrap_used)]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use vault_protocol::{
    Acknowledgement, Bundle, Certificate, Claim, GuessPolicy, Point, Record, Removal, Request,
    RoundEnd, SealedRecord, SignedRecord, Statement, Subject, Try, VoteKeyCertificate,
    confirm_proof, slot_id,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../spec/vault-protocol.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn bundle(value: &Value) -> Bundle {
    serde_json::from_value(value["bundle"].clone()).unwrap()
}

/// Reads postcard, and checks that writing it gives the same bytes.
fn postcard<T: DeserializeOwned + Serialize>(value: &Value) -> T {
    let read: T = postcard::from_bytes(&bytes(value)).unwrap();
    assert_eq!(hex::encode(postcard::to_allocvec(&read).unwrap()), value.as_str().unwrap());
    read
}

#[test]
fn bundles_have_these_ids_and_keys_digests() {
    for (name, fleet) in vectors()["fleets"].as_object().unwrap() {
        for case in list(&fleet["bundles"]) {
            let bundle = bundle(case);
            assert_eq!(bundle.check_shape(), Ok(()), "{name}");
            assert_eq!(case["jcs"], String::from_utf8(bundle.canonical()).unwrap(), "{name}");
            assert_eq!(case["id"], bundle.id().to_string(), "{name}");
            assert_eq!(fleet["keys_digest"], bundle.keys_digest().to_string(), "{name}");
        }
    }
}

#[test]
fn new_addresses_change_the_bundle_and_not_its_keys() {
    let fleet = &vectors()["fleets"]["five"];
    let first = bundle(&fleet["bundles"][0]);
    let moved = bundle(&fleet["bundles"][1]);
    assert_ne!(first.id(), moved.id());
    assert!(moved.has_keys_of(&first));
    assert_eq!(moved.keys_since(), first.epoch);
}

#[test]
fn every_key_serial_threshold_and_policy_is_in_the_keys_digest() {
    let honest = bundle(&vectors()["fleets"]["five"]["bundles"][0]);
    let other = Point([4; 65]);
    type Change = Box<dyn Fn(&mut Bundle)>;
    let mut changes: Vec<Change> = vec![
        Box::new(|b| b.threshold += 1),
        Box::new(|b| b.policy = GuessPolicy::Strict),
        Box::new(move |b| b.fleet_key = other),
        Box::new(|b| b.sites.swap(0, 1)),
        Box::new(|b| drop(b.sites.pop())),
    ];
    for at in 0..honest.sites.len() {
        changes.push(Box::new(move |b| b.sites[at].devices[0].serial += 1));
        changes.push(Box::new(move |b| b.sites[at].devices[0].oprf_key = other));
        changes.push(Box::new(move |b| b.sites[at].devices[0].seal_key = other));
        changes.push(Box::new(move |b| b.sites[at].devices[0].session_key = other));
        changes.push(Box::new(move |b| b.sites[at].devices[0].receipt_key = other));
    }
    for (position, change) in changes.iter().enumerate() {
        let mut changed = honest.clone();
        change(&mut changed);
        assert_ne!(changed.keys_digest(), honest.keys_digest(), "change {position}");
    }
}

#[test]
fn a_record_has_these_bytes_digests_and_account() {
    let vectors = vectors();
    let expected = &vectors["record"];
    let record: Record = postcard(&expected["postcard"]);
    assert_eq!(expected["digest"], hex::encode(record.digest()));
    assert_eq!(expected["boxes_digest"], hex::encode(record.boxes));
    let claim: Claim = postcard(&vectors["account"]["claim"]);
    assert_eq!(record.claim, claim);
    assert_eq!(vectors["account"]["account"], claim.account().to_string());
    let signed: SignedRecord = postcard(&expected["signed"]);
    let whole: SealedRecord = postcard(&expected["sealed"]);
    assert_eq!(whole.signed, signed);
    assert_eq!(whole.check_shape(5, 3), Ok(()));
}

#[test]
fn a_try_has_this_id_slot_and_certificate() {
    let vectors = vectors();
    let keys = bundle(&vectors["fleets"]["five"]["bundles"][0]).keys_digest();
    let expected = &vectors["try"];
    let tried: Try = postcard(&expected["postcard"]);
    assert_eq!(expected["id"], tried.id(&keys).to_string());
    assert_eq!(expected["slot_id"], tried.slot_id(&keys).to_string());
    let slot = slot_id(&keys, &tried.account, tried.round, tried.slot);
    assert_eq!(tried.slot_id(&keys), slot);
    assert_eq!(expected["alpha_digest"], hex::encode(tried.alpha));
    assert!(tried.is_of(&Point::from_slice(&bytes(&expected["alpha"])).unwrap()));
    let certificate: Certificate = postcard(&expected["certificate"]);
    assert_eq!(certificate.tried, tried);
    let voters: Vec<u8> = certificate.votes.iter().map(|vote| vote.site.0).collect();
    assert_eq!(voters, [1, 3, 5]);
}

#[test]
fn confirmations_are_these_macs() {
    let vectors = vectors();
    let keys = bundle(&vectors["fleets"]["five"]["bundles"][0]).keys_digest();
    let tried: Try = postcard(&vectors["try"]["postcard"]);
    for case in list(&vectors["try"]["proofs"]) {
        let site = u8::try_from(case["site"].as_u64().unwrap()).unwrap();
        let tag = &vectors["registration"]["tags"][usize::from(site) - 1];
        let tag = bytes(tag).try_into().unwrap();
        let proof = confirm_proof(&tag, &keys, &tried.id(&keys), site);
        assert_eq!(case["proof"], hex::encode(proof));
    }
}

#[test]
fn facts_and_statements_are_read_and_written_the_same() {
    let vectors = vectors();
    postcard::<RoundEnd>(&vectors["try"]["round_end"]);
    postcard::<RoundEnd>(&vectors["try"]["reset"]);
    postcard::<Removal>(&vectors["try"]["removal"]);
    let statements = &vectors["statements"];
    for certificate in list(&statements["certificates"]) {
        postcard::<VoteKeyCertificate>(certificate);
    }
    for ticket in list(&statements["tickets"]) {
        postcard::<Statement>(ticket);
    }
    let acknowledged: Vec<Subject> = list(&statements["acknowledgements"])
        .iter()
        .map(|word| postcard::<Acknowledgement>(&word["postcard"]).subject)
        .collect();
    let record: Record = postcard(&vectors["record"]["postcard"]);
    let digest = record.digest();
    assert_eq!(
        acknowledged,
        [Subject::Record { version: 1, digest }, Subject::Removed, Subject::Round(1)]
    );
}

#[test]
fn requests_have_these_numbers() {
    for case in list(&vectors()["requests"]) {
        let name = case["request"].as_str().unwrap();
        let request = Request::from_bytes(&bytes(&case["bytes"])).unwrap();
        assert!(format!("{request:?}").starts_with(name), "{name}");
        assert_eq!(case["bytes"], hex::encode(request.to_bytes()), "{name}");
    }
}
