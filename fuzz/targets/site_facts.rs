//! All that a site, or whoever speaks as one, tells of an account: any bytes, or honest facts
//! altered in places.
#![no_main]

use serde_json::Value;
use std::sync::LazyLock;
use vault_facts::{AccountFacts, FleetKeys, Proofs, RealSignatures, VoteKeys};
use vault_protocol::{Bundle, Claim, PasskeyRecord, SiteFacts, VoteKeyCertificate};

/// What is honest, from the vectors.
struct Honest {
    bytes: Vec<u8>,
    facts: SiteFacts,
    claim: Claim,
    keys: FleetKeys,
    vote_keys: VoteKeys,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let protocol = json(include_str!("../../spec/vault-protocol.json"));
    let passkeys = json(include_str!("../../spec/passkey-release.json"));
    let bundle = &protocol["fleets"]["five"]["bundles"][0]["bundle"];
    let keys = FleetKeys::of(&serde_json::from_value::<Bundle>(bundle.clone()).expect("a bundle"));
    let bytes = hex(&passkeys["site_facts"]);
    let facts: SiteFacts = postcard::from_bytes(&bytes).expect("honest facts are read");
    let claim = facts.record.as_ref().expect("there is a record").signed.record.claim;
    let vote_keys = learn(&keys, &facts.news.certificates);
    Honest { bytes, facts, claim, keys, vote_keys }
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let honest = &*HONEST;
    let Some((how, bytes)) = bytes.split_first() else { return };
    let message = if how % 2 == 0 { bytes.to_vec() } else { altered(&honest.bytes, bytes) };
    let Ok(shown) = postcard::from_bytes::<SiteFacts>(&message) else { return };
    let again = postcard::to_allocvec(&shown).expect("facts are plain data");
    assert_eq!(postcard::from_bytes::<SiteFacts>(&again).as_ref(), Ok(&shown));
    check(&joined(honest, &shown), honest);
});

/// Each three bytes are a place and what stands there instead.
fn altered(honest: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = honest.to_vec();
    for change in changes.chunks_exact(3).take(8) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len();
        bytes[place] = change[2];
    }
    bytes
}

fn joined(honest: &Honest, shown: &SiteFacts) -> AccountFacts {
    let certified = learn(&honest.keys, &shown.news.certificates);
    let claim = shown.record.as_ref().map_or(honest.claim, |whole| whole.signed.record.claim);
    let mut facts = AccountFacts::claimed(claim);
    for vote_keys in [&certified, &honest.vote_keys] {
        let proofs = Proofs { keys: &honest.keys, vote_keys, signatures: &RealSignatures };
        if let Some(admission) = &shown.admission {
            let _ = facts.join_admission(&proofs, admission);
        }
        if let Some(record) = &shown.record {
            let _ = facts.join_sealed_record(&proofs, record);
        }
        facts.learn(&proofs, &shown.news);
        for passkey in shown.passkeys.iter().take(8) {
            let _ = facts.join_passkey(&proofs, passkey);
        }
    }
    facts
}

/// Nobody can sign here: what proves itself is what was honest.
fn check(facts: &AccountFacts, honest: &Honest) {
    let HonestParts { record, roster, passkeys } = HonestParts::of(&honest.facts);
    assert!(facts.record().is_none_or(|signed| *signed == record.signed));
    assert!(facts.sealed().is_none_or(|sealed| *sealed == record.sealed));
    assert!(facts.roster().is_none_or(|signed| signed == roster));
    assert!(facts.passkeys().iter().all(|passkey| passkeys.contains(passkey)));
    assert!(!facts.is_removed());
    assert!(facts.round() <= 1);
    assert!((2..=10).all(|slot| facts.voters(slot).is_empty()));
    assert!(facts.voters(1).iter().all(|site| facts.round() == 1 && site.0 == 2));
}

struct HonestParts<'a> {
    record: &'a vault_protocol::SealedRecord,
    roster: &'a vault_protocol::SignedRoster,
    passkeys: &'a [PasskeyRecord],
}

impl<'a> HonestParts<'a> {
    fn of(shown: &'a SiteFacts) -> Self {
        let record = shown.record.as_ref().expect("there is a record");
        let roster = shown.news.roster.as_ref().expect("there is a roster");
        Self { record, roster, passkeys: &shown.passkeys }
    }
}

fn learn(keys: &FleetKeys, certificates: &[VoteKeyCertificate]) -> VoteKeys {
    let mut vote_keys = VoteKeys::default();
    for certificate in certificates.iter().take(8) {
        vote_keys.learn(keys, &RealSignatures, certificate);
    }
    vote_keys
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the vectors are JSON")
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hex");
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(byte).collect()
}
