//! Bytes of passkeys and rosters, pinned by the vectors of an independent program.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use vault_protocol::{
    AccountId, FleetId, OwnerKey, PasskeyRecord, Roster, SealedBox, SiteIndex, SiteNonce, challenge_of,
    passkey_box_info, roster_message,
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

fn each<T>(values: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    values.as_array().unwrap().iter().map(read).collect()
}

fn nonces(values: &Value) -> Vec<SiteNonce> {
    each(values, |n| SiteNonce { site: SiteIndex(n["site"].as_u64().unwrap() as u8), nonce: array(&n["nonce"]) })
}

fn fleet_and_account(vectors: &Value) -> (FleetId, AccountId) {
    (FleetId(array(&vectors["fleet"])), AccountId(array(&vectors["account"])))
}

#[test]
fn challenges() {
    let vectors = vectors();
    let (fleet, account) = fleet_and_account(&vectors);
    for case in vectors["challenges"].as_array().unwrap() {
        let challenge = challenge_of(&fleet, &account, &nonces(&case["nonces"]));
        assert_eq!(case["challenge"], hex::encode(challenge), "{}", case["what"]);
    }
}

#[test]
fn records_and_their_digests() {
    let vectors = vectors();
    let (_, account) = fleet_and_account(&vectors);
    for case in vectors["records"].as_array().unwrap() {
        let record = PasskeyRecord {
            account,
            epoch: case["epoch"].as_u64().unwrap(),
            change: case["change"].as_u64().unwrap() as u32,
            credential: bytes(&case["credential"]),
            nonces: nonces(&case["nonces"]),
            registration: bytes(&case["registration"]),
            boxes: each(&case["boxes"], |b| SealedBox(bytes(b))),
        };
        assert_eq!(case["postcard"], hex::encode(postcard::to_allocvec(&record).unwrap()), "{}", case["what"]);
        assert_eq!(case["digest"], hex::encode(record.digest()), "{}", case["what"]);
    }
}

#[test]
fn roster_messages() {
    let vectors = vectors();
    let (fleet, account) = fleet_and_account(&vectors);
    let owner = OwnerKey(array(&vectors["owner"]));
    for case in vectors["rosters"].as_array().unwrap() {
        let change = case["change"].as_u64().unwrap() as u32;
        let roster = Roster { account, owner, change, passkeys: each(&case["passkeys"], array) };
        assert_eq!(case["message"], hex::encode(roster_message(&fleet, &roster)), "{}", case["what"]);
    }
}

#[test]
fn box_infos() {
    let vectors = vectors();
    let (fleet, account) = fleet_and_account(&vectors);
    for case in vectors["box_infos"].as_array().unwrap() {
        let (epoch, site) = (case["epoch"].as_u64().unwrap(), SiteIndex(case["site"].as_u64().unwrap() as u8));
        let info = passkey_box_info(&fleet, epoch, &account, &bytes(&case["credential"]), site);
        assert_eq!(case["info"], hex::encode(info), "{case}");
    }
}
