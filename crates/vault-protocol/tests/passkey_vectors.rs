//! Bytes of challenges, passkeys and rosters, against an independent program
//! (spec/make_vectors.py).
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use vault_protocol::{
    AccountId, Claim, KeysDigest, PasskeyHead, PasskeyRecord, SignedRoster, SiteFacts, SiteIndex,
    SiteNonce, boxes_digest, passkey_box_info, passkey_challenge, registration_digest,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../spec/passkey-release.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn site(value: &Value) -> SiteIndex {
    SiteIndex(value["site"].as_u64().unwrap().try_into().unwrap())
}

fn nonces(values: &Value) -> Vec<SiteNonce> {
    let nonce = |n: &Value| SiteNonce {
        site: site(n),
        nonce: array(&n["nonce"]),
        handshake: array(&n["handshake"]),
    };
    list(values).iter().map(nonce).collect()
}

fn keys_and_account(vectors: &Value) -> (KeysDigest, AccountId) {
    (KeysDigest(array(&vectors["keys_digest"])), AccountId(array(&vectors["account"])))
}

#[test]
fn challenges() {
    let vectors = vectors();
    let (keys, account) = keys_and_account(&vectors);
    for case in list(&vectors["challenges"]) {
        let challenge = passkey_challenge(&keys, &account, &nonces(&case["nonces"]));
        assert_eq!(case["challenge"], hex::encode(challenge), "{}", case["what"]);
    }
}

#[test]
fn records_their_heads_and_digests() {
    let vectors = vectors();
    let (keys, account) = keys_and_account(&vectors);
    for case in list(&vectors["records"]) {
        let what = &case["what"];
        let record: PasskeyRecord = postcard::from_bytes(&bytes(&case["postcard"])).unwrap();
        assert_eq!(
            case["postcard"],
            hex::encode(postcard::to_allocvec(&record).unwrap()),
            "{what}"
        );
        assert_eq!(record.check_shape(5, 3), Ok(()), "{what}");
        let head: PasskeyHead = postcard::from_bytes(&bytes(&case["head"])).unwrap();
        assert_eq!(record.head, head, "{what}");
        assert_eq!((head.keys, head.account), (keys, account), "{what}");
        assert_eq!(case["number"], head.number, "{what}");
        assert_eq!(case["credential"], hex::encode(&head.credential), "{what}");
        assert_eq!(record.nonces, nonces(&case["nonces"]), "{what}");
        let registration = registration_digest(&record.nonces, &record.registration);
        assert_eq!(case["registration_digest"], hex::encode(registration), "{what}");
        assert_eq!(case["boxes_digest"], hex::encode(boxes_digest(&record.boxes)), "{what}");
        assert_eq!(case["digest"], hex::encode(record.digest()), "{what}");
        assert_eq!(case["challenge"], hex::encode(record.challenge()), "{what}");
    }
}

#[test]
fn box_infos() {
    let vectors = vectors();
    let (keys, account) = keys_and_account(&vectors);
    for record in list(&vectors["records"]) {
        let credential = bytes(&record["credential"]);
        for case in list(&record["boxes"]) {
            let serial = case["serial"].as_u64().unwrap().try_into().unwrap();
            let info = passkey_box_info(&keys, &account, &credential, site(case), serial);
            assert_eq!(case["info"], hex::encode(info), "{}", record["what"]);
        }
    }
}

#[test]
fn rosters() {
    let vectors = vectors();
    let (keys, account) = keys_and_account(&vectors);
    let claim: Claim = postcard::from_bytes(&bytes(&vectors["claim"])).unwrap();
    assert_eq!(claim.account(), account);
    for case in list(&vectors["rosters"]) {
        let what = &case["what"];
        let signed: SignedRoster = postcard::from_bytes(&bytes(&case["postcard"])).unwrap();
        assert_eq!(
            case["postcard"],
            hex::encode(postcard::to_allocvec(&signed).unwrap()),
            "{what}"
        );
        let roster = signed.roster;
        assert_eq!(roster.check_shape(), Ok(()), "{what}");
        assert_eq!(roster.claim, claim, "{what}");
        assert_eq!(case["number"], roster.number, "{what}");
        let passkeys: Vec<_> = list(&case["passkeys"]).iter().map(array).collect();
        assert_eq!(roster.passkeys, passkeys, "{what}");
        assert_eq!(case["message"], hex::encode(roster.message(&keys)), "{what}");
        assert_eq!(case["digest"], hex::encode(roster.digest(&keys)), "{what}");
    }
}

#[test]
fn all_that_a_site_tells_another() {
    let vectors = vectors();
    let bytes = bytes(&vectors["site_facts"]);
    let facts: SiteFacts = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(postcard::to_allocvec(&facts).unwrap(), bytes);
    assert_eq!(facts.account, keys_and_account(&vectors).1);
    assert_eq!(facts.news.check_shape(), Ok(()));
    assert!(facts.admission.is_some() && facts.record.is_some());
    assert_eq!(facts.passkeys.len(), 2);
}
