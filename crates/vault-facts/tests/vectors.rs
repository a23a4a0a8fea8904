//! What an independent program signed (spec/make_vectors.py) is proved here.
#![allow(clippy::unwrap_used)]

use serde::de::DeserializeOwned;
use serde_json::Value;
use vault_facts::{AccountFacts, FleetKeys, Proofs, RealSignatures, VoteKeys};
use vault_protocol::{
    Acknowledgement, Admission, Bundle, Certificate, Claim, PasskeyRecord, Removal, RoundEnd,
    SealedRecord, SignedRoster, SiteFacts, SlotVote, Subject, VoteKeyCertificate,
};

struct Vectors {
    protocol: Value,
    passkeys: Value,
    keys: FleetKeys,
    vote_keys: VoteKeys,
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    postcard::from_bytes(&hex::decode(value.as_str().unwrap()).unwrap()).unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

impl Vectors {
    fn new() -> Self {
        let protocol: Value =
            serde_json::from_str(include_str!("../../../spec/vault-protocol.json")).unwrap();
        let passkeys =
            serde_json::from_str(include_str!("../../../spec/passkey-release.json")).unwrap();
        let bundle = &protocol["fleets"]["five"]["bundles"][0]["bundle"];
        let bundle: Bundle = serde_json::from_value(bundle.clone()).unwrap();
        let keys = FleetKeys::of(&bundle);
        let mut vote_keys = VoteKeys::default();
        for certificate in list(&protocol["statements"]["certificates"]) {
            let certificate: VoteKeyCertificate = read(certificate);
            assert!(vote_keys.learn(&keys, &RealSignatures, &certificate));
        }
        Self { protocol, passkeys, keys, vote_keys }
    }

    fn proofs(&self) -> Proofs<'_> {
        Proofs { keys: &self.keys, vote_keys: &self.vote_keys, signatures: &RealSignatures }
    }

    fn facts(&self) -> AccountFacts {
        AccountFacts::claimed(read::<Claim>(&self.protocol["account"]["claim"]))
    }
}

#[test]
fn a_record_and_what_only_sites_hold() {
    let vectors = Vectors::new();
    let mut facts = vectors.facts();
    let whole: SealedRecord = read(&vectors.protocol["record"]["sealed"]);
    assert_eq!(facts.join_sealed_record(&vectors.proofs(), &whole), Ok(true));
    assert_eq!(facts.sealed(), Some(&whole.sealed));
}

#[test]
fn a_try_its_certificate_and_the_end_of_its_round() {
    let vectors = Vectors::new();
    let proofs = vectors.proofs();
    let whole: SealedRecord = read(&vectors.protocol["record"]["sealed"]);
    let certificate: Certificate = read(&vectors.protocol["try"]["certificate"]);
    let tried = certificate.tried;
    assert!(proofs.asked(&tried, &whole.sealed.access.key));
    assert_eq!(proofs.votes(&certificate).len(), vectors.keys.quorum(tried.slot));
    let mut facts = vectors.facts();
    let id = tried.id(&vectors.keys.digest);
    for statement in certificate.votes {
        let vote = SlotVote { round: tried.round, slot: tried.slot, tried: id, statement };
        assert!(facts.join_vote(&proofs, &vote).unwrap().changed);
    }
    assert!(facts.is_spent(&vectors.keys, 1));
    for end in ["round_end", "reset"] {
        let mut facts = facts.clone();
        let end: RoundEnd = read(&vectors.protocol["try"][end]);
        assert_eq!(facts.join_round_end(&proofs, &end), Ok(true));
        assert_eq!(facts.round(), 1);
        assert!(facts.voters(1).is_empty());
    }
}

#[test]
fn tickets_acknowledgements_and_a_removal() {
    let vectors = Vectors::new();
    let proofs = vectors.proofs();
    let mut facts = vectors.facts();
    let account = facts.account();
    let tickets = list(&vectors.protocol["statements"]["tickets"]).iter().map(read).collect();
    assert_eq!(facts.join_admission(&proofs, &Admission::Tickets(tickets)), Ok(true));
    let mut subjects = Vec::new();
    for word in list(&vectors.protocol["statements"]["acknowledgements"]) {
        let word: Acknowledgement = read(&word["postcard"]);
        assert!(proofs.acknowledged(account, &word));
        subjects.push(word.subject);
    }
    let whole: SealedRecord = read(&vectors.protocol["record"]["sealed"]);
    let end: RoundEnd = read(&vectors.protocol["try"]["round_end"]);
    facts.join_sealed_record(&proofs, &whole).unwrap();
    facts.join_round_end(&proofs, &end).unwrap();
    // What these facts let a site say is what the vectors say.
    assert!(facts.subjects(&vectors.keys).iter().all(|subject| subjects.contains(subject)));
    let removal: Removal = read(&vectors.protocol["try"]["removal"]);
    assert_eq!(facts.join_removal(&proofs, &removal), Ok(true));
    assert_eq!(facts.subjects(&vectors.keys), [Subject::Removed]);
}

#[test]
fn rosters_in_their_order_and_the_passkeys_on_them() {
    let vectors = Vectors::new();
    let proofs = vectors.proofs();
    let mut facts = vectors.facts();
    let records: Vec<PasskeyRecord> =
        list(&vectors.passkeys["records"]).iter().map(|record| read(&record["postcard"])).collect();
    let mut left = Vec::new();
    for case in list(&vectors.passkeys["rosters"]) {
        let signed: SignedRoster = read(&case["postcard"]);
        assert_eq!(facts.join_roster(&proofs, &signed), Ok(true), "{}", case["what"]);
        for record in &records {
            facts.join_passkey(&proofs, record).unwrap();
        }
        let digests: Vec<_> = facts.passkeys().iter().map(PasskeyRecord::digest).collect();
        assert_eq!(digests, signed.roster.passkeys, "{}", case["what"]);
        left.push(digests.len());
    }
    assert_eq!(left, [1, 2, 1, 0]);
}

#[test]
fn all_that_a_site_tells_another() {
    let vectors = Vectors::new();
    let proofs = vectors.proofs();
    let shown: SiteFacts = read(&vectors.passkeys["site_facts"]);
    let mut facts = vectors.facts();
    assert_eq!(facts.join_admission(&proofs, &shown.admission.unwrap()), Ok(true));
    assert_eq!(facts.join_sealed_record(&proofs, &shown.record.unwrap()), Ok(true));
    let learned = facts.learn(&proofs, &shown.news);
    assert_eq!(learned.refused, []);
    for passkey in &shown.passkeys {
        assert_eq!(facts.join_passkey(&proofs, passkey), Ok(true));
    }
    assert_eq!(facts.round(), 1);
    assert_eq!(facts.voters(1).into_iter().map(|site| site.0).collect::<Vec<_>>(), [2]);
    // The certificates that it brings are enough for all that it says.
    assert_eq!(facts.news(&vectors.vote_keys).roster, shown.news.roster);
    let mut carried = VoteKeys::default();
    for certificate in &shown.news.certificates {
        assert!(carried.learn(&vectors.keys, &RealSignatures, certificate));
    }
    assert_eq!(carried, vectors.vote_keys);
}
