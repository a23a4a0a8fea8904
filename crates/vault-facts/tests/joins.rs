//! Facts form a join-semilattice: what is proved does not depend on the order, the choice or the
//! repetition of what was shown. Which of several proofs of the same stays may.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;
use support::{Fleet, Owner, State};
use vault_facts::testing::SymbolicSignatures;
use vault_facts::{AccountFacts, Proofs, Signatures};
use vault_protocol::*;

static FLEET: LazyLock<Fleet> = LazyLock::new(|| Fleet::symbolic(1));

fn ada() -> Owner<'static> {
    Owner::new(&FLEET, 10)
}

/// One thing that somebody may be shown of Ada's account.
#[derive(Clone, Debug)]
enum Fact {
    Admission(Admission),
    Record(SignedRecord),
    Sealed(SealedRecord),
    Roster(SignedRoster),
    Passkey(PasskeyRecord),
    Removal(Removal),
    RoundEnd(RoundEnd),
    Vote(SlotVote),
}

impl Fact {
    fn join(&self, facts: &mut AccountFacts) {
        let proofs = FLEET.proofs();
        let joined = match self {
            Self::Admission(fact) => facts.join_admission(&proofs, fact),
            Self::Record(fact) => facts.join_record(&proofs, fact),
            Self::Sealed(fact) => facts.join_sealed_record(&proofs, fact),
            Self::Roster(fact) => facts.join_roster(&proofs, fact),
            Self::Passkey(fact) => facts.join_passkey(&proofs, fact),
            Self::Removal(fact) => facts.join_removal(&proofs, fact),
            Self::RoundEnd(fact) => facts.join_round_end(&proofs, fact),
            Self::Vote(fact) => facts.join_vote(&proofs, fact).map(|joined| joined.changed),
        };
        joined.expect("all of them are genuine");
    }
}

/// Everything that Ada ever signed, and five sites of which 4 and 5 vote for whatever they are
/// asked. She removes her account in a world of its own, or hardly anything else would be tested.
fn history() -> Vec<Fact> {
    [admissions(), records(), rosters(), rounds(), votes()].concat()
}

fn admissions() -> Vec<Fact> {
    let account = ada().account();
    let tickets = [[1, 2, 3], [3, 4, 5]].map(|sites| FLEET.tickets(account, &sites));
    tickets.map(Fact::Admission).into()
}

/// Three versions, the second signed by two of her computers at once.
fn records() -> Vec<Fact> {
    let whole = [(1, 0), (2, 0), (2, 1), (3, 0)].map(|(version, v)| ada().record(version, v));
    let mut facts: Vec<_> = whole.iter().map(|w| Fact::Record(w.signed)).collect();
    facts.extend(whole.into_iter().map(Fact::Sealed));
    facts
}

/// She adds a passkey, two computers add another one at once, and both are struck off.
fn rosters() -> Vec<Fact> {
    let [laptop, key, phone] = passkeys();
    let rosters = [
        ada().roster(1, &[&laptop]),
        ada().roster(2, &[&laptop, &key]),
        ada().roster(2, &[&laptop, &phone]),
        ada().roster(3, &[&laptop]),
    ];
    let mut facts: Vec<_> = rosters.into_iter().map(Fact::Roster).collect();
    facts.extend([laptop, key, phone].map(Fact::Passkey));
    facts
}

fn passkeys() -> [PasskeyRecord; 3] {
    [ada().passkey(1, 1), ada().passkey(2, 2), ada().passkey(2, 3)]
}

/// Rounds end by receipts, of different sites, or by her word.
fn rounds() -> Vec<Fact> {
    let account = ada().account();
    let ends = [
        FLEET.round_end(account, 0, &[1, 2, 3]),
        FLEET.round_end(account, 0, &[5, 4, 3, 2]),
        ada().reset(0),
        ada().reset(1),
        FLEET.round_end(account, 2, &[1, 4, 5]),
    ];
    ends.map(Fact::RoundEnd).into()
}

/// In the first slots of each round.
fn votes() -> Vec<Fact> {
    let mut facts = Vec::new();
    for round in 0..4 {
        for slot in 1..=2 {
            for site in 1..=5 {
                let tries = if site < 4 { 1..=1 } else { 1..=3 };
                let vote =
                    |tried| FLEET.vote(ada().account(), round, slot, TryId([tried; 32]), site);
                facts.extend(tries.map(vote).map(Fact::Vote));
            }
        }
    }
    facts
}

/// What one party shows another: all that it knows, in the order in which it is joined.
#[derive(Clone, Debug)]
struct Message {
    facts: Vec<Fact>,
    news: News,
    passkeys: Vec<PasskeyRecord>,
}

impl Message {
    fn by(facts: &AccountFacts) -> Self {
        let record = match (facts.record(), facts.sealed().cloned()) {
            (Some(signed), Some(sealed)) => {
                Some(Fact::Sealed(SealedRecord { signed: *signed, sealed }))
            }
            (signed, _) => signed.map(|signed| Fact::Record(*signed)),
        };
        let admission = facts.admission().map(Fact::Admission);
        Self {
            facts: admission.into_iter().chain(record).collect(),
            news: facts.news(&FLEET.vote_keys),
            passkeys: facts.passkeys().to_vec(),
        }
    }

    fn join(&self, facts: &mut AccountFacts) {
        self.facts.iter().for_each(|fact| fact.join(facts));
        let learned = facts.learn(&FLEET.proofs(), &self.news);
        assert_eq!(learned.refused, []);
        for passkey in &self.passkeys {
            facts.join_passkey(&FLEET.proofs(), passkey).unwrap();
        }
    }
}

/// Somebody who was shown some of the history, in some order.
fn somebody(of: &[Fact], picks: &[Index]) -> AccountFacts {
    let mut facts = ada().facts();
    picks.iter().for_each(|pick| pick.get(of).join(&mut facts));
    facts
}

fn picks(most: usize) -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), 0..most)
}

/// How often somebody is shown something: more than three times as often as there are parties.
const MESSAGES: usize = 20;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_parties_show_each_other_leads_to_the_same_in_any_order_and_repetition(
        parties in prop::collection::vec(picks(60), 1..6),
        removes in prop::option::weighted(0.1, any::<Index>()),
        orders in prop::array::uniform2(prop::collection::vec(any::<u32>(), MESSAGES)),
    ) {
        let history = history();
        let mut shown: Vec<_> =
            parties.iter().map(|picks| Message::by(&somebody(&history, picks))).collect();
        if let Some(at) = removes {
            let mut facts = somebody(&history, &parties[at.index(parties.len())]);
            Fact::Removal(ada().removal()).join(&mut facts);
            shown.push(Message::by(&facts));
        }
        let states = orders.map(|order| {
            // Everything is shown, most of it more than once.
            let mut sequence: Vec<_> = order.into_iter().zip(shown.iter().cycle()).collect();
            sequence.sort_by_key(|(place, _)| *place);
            let mut facts = ada().facts();
            sequence.iter().for_each(|(_, all)| all.join(&mut facts));
            State::by(&facts)
        });
        prop_assert_eq!(&states[0], &states[1]);
    }

    #[test]
    fn joining_again_what_is_known_changes_nothing(picks in picks(80)) {
        let facts = somebody(&history(), &picks);
        let mut again = facts.clone();
        Message::by(&facts).join(&mut again);
        prop_assert_eq!(again, facts);
    }

    #[test]
    fn two_who_saw_parts_in_different_orders_agree_once_they_have_shown_each_other_all(
        seen in prop::array::uniform2(picks(80)),
    ) {
        // Even a passkey that comes back after one of them had struck it off.
        let [laptop, _, phone] = passkeys();
        let again = Fact::Roster(ada().roster(4, &[&phone, &laptop]));
        let history = [history(), vec![again]].concat();
        let mut ones = somebody(&history, &seen[0]);
        let mut others = somebody(&history, &seen[1]);
        Message::by(&others).join(&mut ones);
        Message::by(&ones).join(&mut others);
        prop_assert_eq!(State::by(&ones), State::by(&others));
    }

    #[test]
    fn facts_only_grow(picks in picks(80), next in any::<Index>()) {
        let history = history();
        let mut facts = somebody(&history, &picks);
        let before = State::by(&facts);
        next.get(&history).join(&mut facts);
        let after = State::by(&facts);
        let version = |state: &State| state.record.map_or(0, |signed| signed.record.version);
        let number = |state: &State| state.roster.as_ref().map_or(0, |s| s.roster.number);
        prop_assert!(after.admitted >= before.admitted);
        prop_assert!(version(&after) >= version(&before));
        prop_assert!(number(&after) >= number(&before));
        prop_assert!(after.round >= before.round);
        if after.round == before.round {
            for (after, before) in after.voters.iter().zip(&before.voters) {
                prop_assert!(after.is_superset(before));
            }
        }
    }

    #[test]
    fn a_removed_account_is_that_alone_whatever_comes(
        before in picks(40),
        after in picks(40),
    ) {
        let history = history();
        let mut facts = somebody(&history, &before);
        Fact::Removal(ada().removal()).join(&mut facts);
        after.iter().for_each(|pick| pick.get(&history).join(&mut facts));
        let admitted = facts.admission().is_some();
        let expected = State { admitted, removed: true, ..State::by(&ada().facts()) };
        prop_assert_eq!(State::by(&facts), expected);
        prop_assert_eq!(facts.subjects(&FLEET.keys), [Subject::Removed]);
    }
}

#[test]
fn of_two_records_or_rosters_with_one_number_the_larger_encoding_stays() {
    // As a number 200 is smaller than 256. Postcard writes the lowest bits first, so there it is
    // larger.
    let record = |memory_kib| {
        let mut record = ada().record(1, 0).signed.record;
        record.parameters.memory_kib = memory_kib;
        ada().signed(record)
    };
    let larger = record(200);
    let smaller = record(256);
    let bytes = |signed| postcard::to_allocvec(&signed).unwrap();
    assert!(bytes(larger) > bytes(smaller));
    for order in [[larger, smaller], [smaller, larger]] {
        let mut facts = ada().facts();
        order.iter().for_each(|signed| Fact::Record(*signed).join(&mut facts));
        assert_eq!(facts.record(), Some(&larger));
    }
    // The longer list is the larger, whatever its first digest.
    let roster = |passkeys: Vec<PasskeyDigest>| {
        ada().signed_roster(Roster { claim: ada().claim, number: 1, passkeys })
    };
    let larger = roster(vec![[1; 32], [2; 32]]);
    let smaller = roster(vec![[9; 32]]);
    for order in [[&larger, &smaller], [&smaller, &larger]] {
        let mut facts = ada().facts();
        order.into_iter().for_each(|signed| Fact::Roster(signed.clone()).join(&mut facts));
        assert_eq!(facts.roster(), Some(&larger));
    }
}

/// Looks at the first half only, so that there are two signatures of the same: an owner could make
/// them (RFC 8032 has one nonce for each message, but nobody can see that).
struct FirstHalf;

impl Signatures for FirstHalf {
    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &Signature64) -> bool {
        let expected = SymbolicSignatures::sign(key, message);
        expected.0[..32] == signature.0[..32]
    }

    fn ecdsa(&self, _: &Point, _: &[u8], _: &Signature64) -> bool {
        false
    }
}

#[test]
fn boxes_stay_with_a_record_that_was_signed_again() {
    let whole = ada().record(1, 0);
    let mut again = whole.clone();
    again.signed.signature.0[63] = 1;
    let proofs = Proofs { signatures: &FirstHalf, ..FLEET.proofs() };
    for plain_first in [false, true] {
        let mut facts = ada().facts();
        if plain_first {
            assert_eq!(facts.join_record(&proofs, &again.signed), Ok(true));
        }
        assert_eq!(facts.join_sealed_record(&proofs, &whole), Ok(true));
        facts.join_record(&proofs, &again.signed).unwrap();
        assert_eq!(facts.record(), Some(&again.signed), "the larger encoding");
        assert_eq!(facts.sealed(), Some(&whole.sealed));
    }
}

#[test]
fn receipts_of_a_past_round_admit_an_account_all_the_same() {
    let past = Fact::RoundEnd(FLEET.round_end(ada().account(), 3, &[1, 2, 3]));
    let reset = Fact::RoundEnd(ada().reset(5));
    let removal = Fact::Removal(ada().removal());
    for order in [[&past, &reset], [&reset, &past], [&past, &removal], [&removal, &past]] {
        let mut facts = ada().facts();
        order.into_iter().for_each(|fact| fact.join(&mut facts));
        assert!(facts.admission().is_some(), "{order:?}");
    }
    let mut facts = ada().facts();
    reset.join(&mut facts);
    assert!(facts.admission().is_none(), "her word alone does not");
}

#[test]
fn a_struck_off_passkey_is_gone_and_its_record_does_not_come_back() {
    let [laptop, key, _] = passkeys();
    let mut facts = ada().facts();
    for fact in [
        Fact::Roster(ada().roster(1, &[&laptop])),
        Fact::Passkey(laptop.clone()),
        Fact::Roster(ada().roster(2, &[&key])),
        Fact::Passkey(laptop.clone()),
        Fact::Roster(ada().roster(1, &[&laptop])),
        Fact::Passkey(laptop),
        Fact::Passkey(key.clone()),
    ] {
        fact.join(&mut facts);
    }
    assert_eq!(facts.passkeys(), [key]);
}

#[test]
fn the_end_of_a_round_drops_the_votes_before_it_and_no_others() {
    let account = ada().account();
    let mut facts = ada().facts();
    let vote = |round| Fact::Vote(FLEET.vote(account, round, 1, TryId([1; 32]), 1));
    vote(0).join(&mut facts);
    assert_eq!(facts.voters(1).len(), 1);
    Fact::RoundEnd(FLEET.round_end(account, 4, &[1, 2, 3])).join(&mut facts);
    assert_eq!((facts.round(), facts.voters(1).len()), (5, 0));
    vote(5).join(&mut facts);
    Fact::RoundEnd(FLEET.round_end(account, 0, &[1, 2, 3])).join(&mut facts);
    assert_eq!((facts.round(), facts.voters(1).len()), (5, 1));
}
