//! Whatever does not prove itself is refused, and leaves the facts as they were.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Fleet, Owner};
use vault_facts::{AccountFacts, FactError};
use vault_protocol::*;

const HERE: u8 = 1;
const ELSEWHERE: u8 = 2;

/// Ada's account at the fleet, someone else's there, and hers at another fleet.
struct World {
    here: Fleet,
    elsewhere: Fleet,
}

type Joined = Result<bool, FactError>;

impl World {
    fn new() -> Self {
        Self { here: Fleet::real(HERE), elsewhere: Fleet::real(ELSEWHERE) }
    }

    fn ada(&self) -> Owner<'_> {
        Owner::new(&self.here, 10)
    }

    fn eve(&self) -> Owner<'_> {
        Owner::new(&self.here, 11)
    }

    fn ada_elsewhere(&self) -> Owner<'_> {
        Owner::new(&self.elsewhere, 10)
    }

    /// Ada's, with another nonce.
    fn second_account(&self) -> Owner<'_> {
        let claim = Claim { nonce: [99; 16], ..self.ada().claim };
        Owner { claim, ..self.ada() }
    }

    /// A record, a roster with a passkey, an ended round and a vote: everything that can be forged.
    fn facts(&self) -> AccountFacts {
        let ada = self.ada();
        let proofs = self.here.proofs();
        let mut facts = ada.facts();
        let passkey = ada.passkey(1, 1);
        let tickets = self.here.tickets(ada.account(), &[1, 2, 3]);
        let end = self.here.round_end(ada.account(), 0, &[1, 2, 3]);
        let vote = self.here.vote(ada.account(), 1, 1, TryId([1; 32]), 1);
        assert_eq!(facts.join_admission(&proofs, &tickets), Ok(true));
        assert_eq!(facts.join_sealed_record(&proofs, &ada.record(1, 0)), Ok(true));
        assert_eq!(facts.join_roster(&proofs, &ada.roster(1, &[&passkey])), Ok(true));
        assert_eq!(facts.join_passkey(&proofs, &passkey), Ok(true));
        assert_eq!(facts.join_round_end(&proofs, &end), Ok(true));
        assert_eq!(facts.join_vote(&proofs, &vote).map(|joined| joined.changed), Ok(true));
        facts
    }

    /// Refused, with nothing changed.
    fn refuses(&self, what: &str, join: impl Fn(&mut AccountFacts) -> Joined, why: FactError) {
        let before = self.facts();
        let mut facts = before.clone();
        assert_eq!(join(&mut facts), Err(why), "{what}");
        assert_eq!(facts, before, "{what}");
    }
}

fn flipped(mut signature: Signature64) -> Signature64 {
    signature.0[7] ^= 1;
    signature
}

#[test]
fn records() {
    let world = World::new();
    let ada = world.ada();
    let proofs = world.here.proofs();
    let unproved = FactError::Unproved("the record");
    let other = FactError::OtherAccount("the record");
    let newer = ada.record(2, 0).signed;
    let by_eve = world.eve().person.sign(&newer.record.message());
    let mut backdated = newer;
    backdated.record.version = 3;
    let mut redirected = newer;
    redirected.record.boxes[0] ^= 1;
    let elsewhere = world.ada_elsewhere().record(2, 0).signed;
    let mut renamed = elsewhere;
    renamed.record.keys = world.here.keys.digest;
    let cases = [
        (
            "an altered signature",
            SignedRecord { signature: flipped(newer.signature), ..newer },
            unproved.clone(),
        ),
        ("signed by someone else", SignedRecord { signature: by_eve, ..newer }, unproved.clone()),
        ("a signature of another version", backdated, unproved.clone()),
        ("a signature over other boxes", redirected, unproved.clone()),
        ("of another fleet, under this one's name", renamed, unproved),
        ("of another fleet's keys", elsewhere, FactError::OtherKeys(world.elsewhere.keys.digest)),
        ("of someone else's account", world.eve().record(2, 0).signed, other.clone()),
        ("of another account of hers", world.second_account().record(2, 0).signed, other),
    ];
    for (what, signed, why) in cases {
        world.refuses(what, |facts| facts.join_record(&proofs, &signed), why);
    }
}

#[test]
fn records_of_a_bad_shape_although_the_owner_signed_them() {
    let world = World::new();
    let ada = world.ada();
    let proofs = world.here.proofs();
    let malformed = || FactError::Malformed("the record");
    let changes: [fn(&mut Record); 3] = [
        |r| r.version = 0,
        |r| r.policy.max_tries = 0,
        |r| r.policy.max_tries = limits::MAX_TRIES + 1,
    ];
    for (position, change) in changes.into_iter().enumerate() {
        let mut record = ada.record(2, 0).signed.record;
        change(&mut record);
        let signed = ada.signed(record);
        let what = format!("change {position}");
        world.refuses(&what, |facts| facts.join_record(&proofs, &signed), malformed());
    }
    let honest = ada.record(2, 0);
    let other = ada.record(2, 1);
    let sealed = |sealed: Sealed| SealedRecord { sealed, ..honest.clone() };
    let few_boxes = honest.sealed.boxes[..2].to_vec();
    for (what, whole) in [
        (
            "other boxes",
            sealed(Sealed { boxes: other.sealed.boxes.clone(), ..honest.sealed.clone() }),
        ),
        (
            "another access key",
            sealed(Sealed { access: other.sealed.access, ..honest.sealed.clone() }),
        ),
        ("boxes of two sites", sealed(Sealed { boxes: few_boxes, ..honest.sealed.clone() })),
    ] {
        world.refuses(what, |facts| facts.join_sealed_record(&proofs, &whole), malformed());
    }
}

#[test]
fn removals() {
    let world = World::new();
    let ada = world.ada();
    let proofs = world.here.proofs();
    let honest = ada.removal();
    let account = ada.account();
    let by_eve = world.eve().person.sign(&removal_message(&world.here.keys.digest, &account));
    let reset = ada.person.sign(&reset_message(&world.here.keys.digest, &account, 0));
    let elsewhere = world.ada_elsewhere().removal();
    for (what, signature) in [
        ("altered", flipped(honest.signature)),
        ("signed by someone else", by_eve),
        ("of another fleet", elsewhere.signature),
        ("a reset's signature", reset),
        ("a record's signature", ada.record(1, 0).signed.signature),
    ] {
        let removal = Removal { signature, ..honest };
        let unproved = FactError::Unproved("the removal");
        world.refuses(what, |facts| facts.join_removal(&proofs, &removal), unproved);
    }
    for (what, removal) in [
        ("of someone else's account", world.eve().removal()),
        ("of another account of hers", world.second_account().removal()),
    ] {
        let other = FactError::OtherAccount("the removal");
        world.refuses(what, |facts| facts.join_removal(&proofs, &removal), other);
    }
}

#[test]
fn rosters() {
    let world = World::new();
    let ada = world.ada();
    let proofs = world.here.proofs();
    let honest = ada.roster(2, &[]);
    let mut renumbered = honest.clone();
    renumbered.roster.number = 3;
    let mut longer = honest.clone();
    longer.roster.passkeys.push([1; 32]);
    let message = honest.roster.message(&world.here.keys.digest);
    let by_eve = world.eve().person.sign(&message);
    let elsewhere = world.ada_elsewhere().roster(2, &[]);
    for (what, signed) in [
        ("altered", SignedRoster { signature: flipped(honest.signature), ..honest.clone() }),
        ("signed by someone else", SignedRoster { signature: by_eve, ..honest.clone() }),
        ("a signature of another number", renumbered),
        ("a signature over other passkeys", longer),
        ("of another fleet", elsewhere),
    ] {
        let unproved = FactError::Unproved("the roster");
        world.refuses(what, |facts| facts.join_roster(&proofs, &signed), unproved);
    }
    for (what, signed) in [
        ("of someone else's account", world.eve().roster(2, &[])),
        ("of another account of hers", world.second_account().roster(2, &[])),
    ] {
        let other = FactError::OtherAccount("the roster");
        world.refuses(what, |facts| facts.join_roster(&proofs, &signed), other);
    }
    let roster = |number, passkeys: Vec<PasskeyDigest>| {
        ada.signed_roster(Roster { claim: ada.claim, number, passkeys })
    };
    let many = (0..9).map(|name| [name; 32]).collect();
    for (what, signed) in [
        ("number 0", roster(0, vec![])),
        ("a passkey twice", roster(2, vec![[1; 32], [1; 32]])),
        ("nine passkeys", roster(2, many)),
    ] {
        let malformed = FactError::Malformed("the roster");
        world.refuses(what, |facts| facts.join_roster(&proofs, &signed), malformed);
    }
}

#[test]
fn passkeys() {
    let world = World::new();
    let ada = world.ada();
    let proofs = world.here.proofs();
    let honest = ada.passkey(1, 1);
    let changed = |change: fn(&mut PasskeyRecord)| {
        let mut changed = honest.clone();
        change(&mut changed);
        changed
    };
    for (what, passkey) in [
        ("another box", changed(|p| p.boxes[0].sealed.0[0] ^= 1)),
        ("another session", changed(|p| p.nonces[0].handshake[0] ^= 1)),
        ("another registration", changed(|p| p.registration[0] ^= 1)),
    ] {
        let malformed = FactError::Malformed("the passkey");
        world.refuses(what, |facts| facts.join_passkey(&proofs, &passkey), malformed);
    }
    let eves = world.eve().passkey(1, 1);
    let other = FactError::OtherAccount("the passkey");
    world.refuses("of another account", |facts| facts.join_passkey(&proofs, &eves), other);
    let elsewhere = world.ada_elsewhere().passkey(1, 1);
    let keys = FactError::OtherKeys(world.elsewhere.keys.digest);
    world.refuses("of another fleet", |facts| facts.join_passkey(&proofs, &elsewhere), keys);
    // What only the head says is another passkey, which no roster names.
    let changes: [fn(&mut PasskeyRecord); 3] =
        [|p| p.head.commitment[0] ^= 1, |p| p.head.credential.push(0), |p| p.head.number += 1];
    for change in changes {
        let mut facts = world.facts();
        assert_eq!(facts.join_passkey(&proofs, &changed(change)), Ok(false));
        assert_eq!(facts, world.facts());
    }
}

#[test]
fn votes() {
    let world = World::new();
    let account = world.ada().account();
    let proofs = world.here.proofs();
    let tried = TryId([2; 32]);
    let vote =
        |fleet: &Fleet, account, round, slot, tried| fleet.vote(account, round, slot, tried, 2);
    let honest = vote(&world.here, account, 1, 1, tried);
    let with = |statement: Statement| SlotVote { statement, ..honest };
    let Statement { key, signature, .. } = honest.statement;
    let uncertified = world.here.kind.person(77);
    let place = slot_id(&world.here.keys.digest, &account, 1, 1);
    let of = StatementOf::Vote { slot: place, tried };
    let message = of.message(&world.here.keys.digest, SiteIndex(2));
    let unknown = Statement {
        site: SiteIndex(2),
        key: VoteKey(uncertified.public()),
        signature: uncertified.sign(&message),
    };
    let receipt = StatementOf::Receipt { account, version: 1, tried, round: 1 };
    for (what, vote) in [
        ("altered", with(Statement { signature: flipped(signature), ..honest.statement })),
        ("in another site's name", with(Statement { site: SiteIndex(3), ..honest.statement })),
        (
            "in the name of a site that is not",
            with(Statement { site: SiteIndex(6), ..honest.statement }),
        ),
        ("with a key that no device certified", with(unknown)),
        (
            "signed with another site's key",
            with(Statement { key: VoteKey(world.here.voter(3).public()), ..honest.statement }),
        ),
        ("for another try", SlotVote { tried: TryId([3; 32]), ..honest }),
        ("in another slot", SlotVote { slot: 2, ..honest }),
        ("of another round", with(vote(&world.here, account, 0, 1, tried).statement)),
        (
            "of another account",
            with(vote(&world.here, world.eve().account(), 1, 1, tried).statement),
        ),
        ("of another fleet", with(vote(&world.elsewhere, account, 1, 1, tried).statement)),
        ("a receipt", with(world.here.said(2, &receipt))),
        ("a ticket", with(world.here.said(2, &StatementOf::Ticket { account }))),
    ] {
        let join = |facts: &mut AccountFacts| facts.join_vote(&proofs, &vote).map(|j| j.changed);
        world.refuses(what, join, FactError::Unproved("the vote"));
    }
    assert_eq!(key, VoteKey(world.here.voter(2).public()));
    for slot in [0, limits::MAX_TRIES + 1, 255] {
        let vote = vote(&world.here, account, 1, slot, tried);
        let join = |facts: &mut AccountFacts| facts.join_vote(&proofs, &vote).map(|j| j.changed);
        world.refuses("no such slot", join, FactError::Malformed("the vote"));
    }
}

#[test]
fn votes_of_another_round_say_nothing() {
    let world = World::new();
    let account = world.ada().account();
    for round in [0, 2, Round::MAX] {
        let vote = world.here.vote(account, round, 1, TryId([2; 32]), 2);
        let mut facts = world.facts();
        let joined = facts.join_vote(&world.here.proofs(), &vote).unwrap();
        assert!(!joined.changed && joined.equivocation.is_none());
        assert_eq!(facts, world.facts());
    }
}

#[test]
fn ends_of_rounds() {
    let world = World::new();
    let ada = world.ada();
    let account = ada.account();
    let proofs = world.here.proofs();
    let honest = world.here.round_end(account, 1, &[1, 2, 3]);
    let receipts = |end: &RoundEnd| end.statements().to_vec();
    let tried = TryId([9; 32]);
    let with = |version, receipts| RoundEnd {
        round: 1,
        proof: RoundEndProof::Receipts { version, tried, receipts },
    };
    let mut altered = receipts(&honest);
    altered[2].signature = flipped(altered[2].signature);
    let mut renamed = receipts(&honest);
    renamed[2] = Statement { site: SiteIndex(4), ..renamed[1] };
    let other_try = StatementOf::Receipt { account, version: 1, tried: TryId([8; 32]), round: 1 };
    let mut mixed = receipts(&honest);
    mixed[2] = world.here.said(3, &other_try);
    let place = slot_id(&world.here.keys.digest, &account, 1, 1);
    let votes = world.here.all_said(&[1, 2, 3], &StatementOf::Vote { slot: place, tried });
    // Honest ones at the end do not count: nobody reads further than a fleet has sites.
    let mut padded = vec![receipts(&honest)[0]; 5];
    padded.extend(receipts(&honest));
    let of = |fleet: &Fleet, account, round| receipts(&fleet.round_end(account, round, &[1, 2, 3]));
    for (what, end) in [
        ("too few", world.here.round_end(account, 1, &[1, 2])),
        ("none", with(1, vec![])),
        ("one site three times", with(1, vec![receipts(&honest)[0]; 3])),
        ("one site twice", world.here.round_end(account, 1, &[1, 2, 2])),
        ("one of them altered", with(1, altered)),
        ("one of them in another site's name", with(1, renamed)),
        ("of two tries", with(1, mixed)),
        ("more than the fleet has sites", with(1, padded)),
        ("votes", with(1, votes)),
        ("of another version", with(2, receipts(&honest))),
        ("of another round", RoundEnd { round: 2, ..honest.clone() }),
        ("of another account", with(1, of(&world.here, world.eve().account(), 1))),
        ("of another fleet", with(1, of(&world.elsewhere, account, 1))),
        ("a reset by someone else", world.eve().reset(1)),
        ("a reset of another round", RoundEnd { round: 2, ..ada.reset(1) }),
        ("a reset at another fleet", world.ada_elsewhere().reset(1)),
        ("a reset of another account of hers", world.second_account().reset(1)),
    ] {
        let unproved = FactError::Unproved("the end of a round");
        world.refuses(what, |facts| facts.join_round_end(&proofs, &end), unproved);
    }
}

#[test]
fn admissions() {
    let world = World::new();
    let ada = world.ada();
    let account = ada.account();
    let proofs = world.here.proofs();
    let Admission::Tickets(tickets) = world.here.tickets(account, &[1, 2, 3]) else {
        unreachable!()
    };
    let mut altered = tickets.clone();
    altered[0].signature = flipped(altered[0].signature);
    let confirmed = |end| Admission::Confirmed(end);
    for (what, admission) in [
        ("too few", world.here.tickets(account, &[1, 2])),
        ("one site three times", world.here.tickets(account, &[2, 2, 2])),
        ("one of them altered", Admission::Tickets(altered)),
        ("of another account", world.here.tickets(world.eve().account(), &[1, 2, 3])),
        ("of another fleet", world.elsewhere.tickets(account, &[1, 2, 3])),
        ("too few receipts", confirmed(world.here.round_end(account, 0, &[1, 2]))),
        (
            "receipts of another account",
            confirmed(world.here.round_end(world.eve().account(), 0, &[1, 2, 3])),
        ),
        // The owner can always say so: it shows nothing about sites.
        ("the owner's word", confirmed(ada.reset(0))),
    ] {
        let mut facts = ada.facts();
        let refused = facts.join_admission(&proofs, &admission);
        assert_eq!(refused, Err(FactError::Unproved("the admission")), "{what}");
        assert_eq!(facts, ada.facts(), "{what}");
    }
}

#[test]
fn certificates_of_vote_keys() {
    let world = World::new();
    let honest = world.here.certificate(1);
    let resigned = |signer: u8, site, key| {
        let message = VoteKeyCertificate::message(
            &world.here.keys.digest,
            SiteIndex(site),
            honest.started,
            &key,
        );
        VoteKeyCertificate {
            site: SiteIndex(site),
            signature: world.here.device(signer).sign(&message),
            key,
            ..honest
        }
    };
    let fresh = VoteKey(world.here.kind.person(77).public());
    for (what, certificate) in [
        ("altered", VoteKeyCertificate { key: fresh, ..honest }),
        (
            "of another start",
            VoteKeyCertificate { key: fresh, started: 1, ..resigned(1, 1, fresh) },
        ),
        ("by another site's device", resigned(2, 1, fresh)),
        ("for a site that is not", resigned(1, 6, fresh)),
        ("for site 0", resigned(1, 0, fresh)),
        ("of another fleet", world.elsewhere.certificate(1)),
    ] {
        let mut vote_keys = world.here.vote_keys.clone();
        let signatures = world.here.signatures();
        assert!(!vote_keys.learn(&world.here.keys, signatures, &certificate), "{what}");
        assert_eq!(vote_keys, world.here.vote_keys, "{what}");
    }
}

#[test]
fn acknowledgements() {
    let world = World::new();
    let account = world.ada().account();
    let proofs = world.here.proofs();
    let say = |fleet: &Fleet, account, subject: Subject| Acknowledgement {
        statement: fleet.said(1, &StatementOf::Acknowledgement { account, subject: &subject }),
        subject,
    };
    let honest = say(&world.here, account, Subject::Removed);
    assert!(proofs.acknowledged(account, &honest));
    let statement = Statement { site: SiteIndex(2), ..honest.statement };
    for (what, word) in [
        ("of another subject", Acknowledgement { subject: Subject::Round(1), ..honest }),
        ("in another site's name", Acknowledgement { statement, ..honest }),
        ("of another account", say(&world.here, world.eve().account(), Subject::Removed)),
        ("of another fleet", say(&world.elsewhere, account, Subject::Removed)),
    ] {
        assert!(!proofs.acknowledged(account, &word), "{what}");
    }
}

#[test]
fn tries_and_their_certificates() {
    let world = World::new();
    let ada = world.ada();
    let proofs = world.here.proofs();
    let tried = ada.tried(1);
    let access = AccessKey(ada.access().public());
    assert!(proofs.asked(&tried, &access));
    assert!(!proofs.asked(&tried, &AccessKey(world.eve().person.public())));
    assert!(!proofs.asked(&Try { at: tried.at + 1, ..tried }, &access));
    assert!(!proofs.asked(&Try { slot: 2, ..tried }, &access));
    assert!(!world.elsewhere.proofs().asked(&tried, &access));
    let id = tried.id(&world.here.keys.digest);
    let votes = |sites: &[u8]| {
        let vote = |site: &u8| world.here.vote(ada.account(), 0, 1, id, *site).statement;
        sites.iter().map(vote).collect::<Vec<_>>()
    };
    let counted = |votes| proofs.votes(&Certificate { tried, votes }).len();
    assert_eq!(counted(votes(&[1, 2, 3, 4, 5])), 5);
    assert_eq!(counted(votes(&[1, 1, 1])), 1, "one site three times");
    let slot_2 = world.here.vote(ada.account(), 0, 2, id, 2).statement;
    let other_try = world.here.vote(ada.account(), 0, 1, TryId([0; 32]), 3).statement;
    assert_eq!(counted([&votes(&[1])[..], &[slot_2, other_try]].concat()), 1);
    let elsewhere = Certificate { tried, votes: votes(&[1, 2, 3]) };
    assert!(world.elsewhere.proofs().votes(&elsewhere).is_empty());
}
