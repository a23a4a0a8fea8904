//! A registration and a recovery that an independent program made (spec/make_vectors.py).
#![allow(clippy::unwrap_used)]

mod support;

use recovery_crypto::{
    Opened, RecoverError, ShareAnswer, SoftwareKey, multiplier, oprf, recover, sealing,
};
use serde_json::Value;
use support::{Fixed, array, bundle, bytes, list, point, site, vectors};
use vault_protocol::{Record, SealedBox, box_info};

fn record(vectors: &Value) -> Record {
    postcard::from_bytes(&bytes(&vectors["record"]["postcard"])).unwrap()
}

/// One of the private keys that no real device gives away.
fn private_key(vectors: &Value, site: u8, kind: &str) -> SoftwareKey {
    let keys = &vectors["fleets"]["five"]["private_keys"][usize::from(site) - 1];
    SoftwareKey::from_bytes(&array(&keys[kind])).unwrap()
}

fn blinded(vectors: &Value, of: &str) -> oprf::Blinded {
    let code = bytes(&vectors["registration"]["stretched_code"]);
    let blinded = oprf::blind(&code, &mut Fixed(bytes(&vectors[of]["blind"]))).unwrap();
    assert_eq!(blinded.alpha(), point(&vectors[of]["alpha"]));
    blinded
}

fn answers(vectors: &Value) -> Vec<ShareAnswer> {
    let answer = |a: &Value| ShareAnswer {
        site: site(a),
        beta: point(&a["beta"]),
        masked_share: array(&a["masked_share"]),
    };
    list(&vectors["try"]["answers"]).iter().map(answer).collect()
}

fn open(vectors: &Value) -> Result<Opened, RecoverError> {
    let blinded = blinded(vectors, "try");
    recover(&bundle("five"), &record(vectors), &blinded, &answers(vectors))
}

#[test]
fn boxes_open_to_what_was_put_in() {
    let vectors = vectors();
    let record = record(&vectors);
    for case in list(&vectors["boxes"]) {
        let serial = case["serial"].as_u64().unwrap().try_into().unwrap();
        let info = box_info(&record.keys, &record.account(), record.version, site(case), serial);
        assert_eq!(case["info"], hex::encode(&info));
        let key = private_key(&vectors, site(case).0, "seal_key");
        let contents = sealing::open_box(&SealedBox(bytes(&case["sealed"])), &info, &key).unwrap();
        assert_eq!(*contents.to_bytes(), bytes(&case["contents"]));
    }
}

#[test]
fn multipliers_come_from_tags() {
    let vectors = vectors();
    let registration = &vectors["registration"];
    for (tag, expected) in
        list(&registration["tags"]).iter().zip(list(&registration["multipliers"]))
    {
        assert_eq!(*multiplier(&array(tag)), array(expected));
    }
}

#[test]
fn sites_evaluate_registration_and_try() {
    let vectors = vectors();
    let registering = blinded(&vectors, "registration");
    for case in list(&vectors["registration"]["sites"]) {
        let key = private_key(&vectors, site(case).0, "oprf_key");
        let beta = oprf::evaluate(&key, &registering.alpha()).unwrap();
        assert_eq!(beta, point(&case["beta"]));
        let tag = &vectors["registration"]["tags"][usize::from(site(case).0) - 1];
        let own = oprf::multiply(&multiplier(&array(tag)), &beta).unwrap();
        assert_eq!(*registering.finalize(&own).unwrap(), array(&case["rho"]));
    }
    let trying = blinded(&vectors, "try");
    for answer in answers(&vectors) {
        let key = private_key(&vectors, answer.site.0, "oprf_key");
        let tag = &vectors["registration"]["tags"][usize::from(answer.site.0) - 1];
        let evaluated = oprf::evaluate(&key, &trying.alpha()).unwrap();
        assert_eq!(oprf::multiply(&multiplier(&array(tag)), &evaluated).unwrap(), answer.beta);
    }
}

#[test]
fn the_answers_open_the_vault_key_and_all_tags() {
    let vectors = vectors();
    let opened = open(&vectors).unwrap();
    let expected = &vectors["registration"];
    assert_eq!(*opened.vault_key.expose(), array(&expected["vault_key"]));
    let tags: Vec<String> = opened.tags.iter().map(|(_, tag)| hex::encode(**tag)).collect();
    assert_eq!(serde_json::json!(tags), expected["tags"]);
    assert_eq!(opened.used.iter().map(|site| site.0).collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn the_record_commits_to_that_polynomial() {
    let mut vectors = vectors();
    assert_eq!(
        vectors["registration"]["commitment"],
        hex::encode(record(&vectors).commitment),
        "the record of the vectors has it"
    );
    let mut altered = bytes(&vectors["record"]["postcard"]);
    // The last 64 bytes are commitment and digest of the boxes.
    let at = altered.len() - 64;
    altered[at] ^= 1;
    vectors["record"]["postcard"] = hex::encode(altered).into();
    assert_eq!(open(&vectors).err(), Some(RecoverError::WrongCode));
}
