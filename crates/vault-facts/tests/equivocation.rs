//! A site that votes twice in one slot is found, and anybody can check it.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Fleet, Owner};
use vault_protocol::*;

const X: TryId = TryId([1; 32]);
const Y: TryId = TryId([2; 32]);
const Z: TryId = TryId([3; 32]);

#[test]
fn two_votes_of_one_site_in_one_slot_show_that_it_is_bad() {
    let fleet = Fleet::real(1);
    let ada = Owner::new(&fleet, 10);
    let mut facts = ada.facts();
    let vote = |slot, tried, site| fleet.vote(ada.account(), 0, slot, tried, site);
    let mut join = |vote| facts.join_vote(&fleet.proofs(), &vote).unwrap();
    for honest in [vote(1, X, 1), vote(1, X, 1), vote(1, Y, 2), vote(2, Y, 1)] {
        assert_eq!(join(honest).equivocation, None, "{honest:?}");
    }
    let found = join(vote(1, Y, 1)).equivocation.unwrap();
    assert_eq!(found.first, (X, vote(1, X, 1).statement));
    assert_eq!(found.second, (Y, vote(1, Y, 1).statement));
    assert!(fleet.proofs().equivocation(&found));
    // It is told once, and a third vote shows nothing more.
    for more in [vote(1, X, 1), vote(1, Y, 1), vote(1, Z, 1)] {
        let joined = join(more);
        assert!(!joined.changed && joined.equivocation.is_none(), "{more:?}");
    }
    assert!(facts.votes_for(1, &Z).is_empty());
    assert_eq!(facts.voters(1).len(), 2, "it counts as one voter all the same");
}

#[test]
fn a_site_that_started_anew_between_its_votes_is_found_as_well() {
    let mut fleet = Fleet::real(1);
    let ada = Owner::new(&fleet, 10);
    let account = ada.account();
    let mut facts = ada.facts();
    let first = fleet.vote(account, 0, 1, X, 1);
    let anew = fleet.kind.person(77);
    let key = VoteKey(anew.public());
    let site = SiteIndex(1);
    let message = VoteKeyCertificate::message(&fleet.keys.digest, site, support::STARTED + 9, &key);
    let signature = fleet.device(1).sign(&message);
    let certificate = VoteKeyCertificate { site, started: support::STARTED + 9, key, signature };
    let keys = fleet.keys.clone();
    let signatures = fleet.signatures();
    assert!(fleet.vote_keys.learn(&keys, signatures, &certificate));
    let place = slot_id(&fleet.keys.digest, &account, 0, 1);
    let of = StatementOf::Vote { slot: place, tried: Y };
    let signature = anew.sign(&of.message(&fleet.keys.digest, site));
    let second = SlotVote { tried: Y, statement: Statement { site, key, signature }, ..first };
    assert_eq!(facts.join_vote(&fleet.proofs(), &first).unwrap().equivocation, None);
    let found = facts.join_vote(&fleet.proofs(), &second).unwrap().equivocation.unwrap();
    assert!(fleet.proofs().equivocation(&found));
}

#[test]
fn nobody_can_be_shown_to_have_voted_twice_who_has_not() {
    let fleet = Fleet::real(1);
    let elsewhere = Fleet::real(2);
    let account = Owner::new(&fleet, 10).account();
    let vote = |slot, tried, site| fleet.vote(account, 0, slot, tried, site).statement;
    let place = slot_id(&fleet.keys.digest, &account, 0, 1);
    let made = |second| Equivocation { slot: place, first: (X, vote(1, X, 1)), second };
    let foreign = elsewhere.vote(account, 0, 1, Y, 1).statement;
    assert!(fleet.proofs().equivocation(&made((Y, vote(1, Y, 1)))));
    for (what, shown) in [
        ("one vote twice", made((X, vote(1, X, 1)))),
        ("one vote under another try's name", made((Y, vote(1, X, 1)))),
        ("a vote of another site", made((Y, vote(1, Y, 2)))),
        ("a vote in another slot", made((Y, vote(2, Y, 1)))),
        ("a vote at another fleet", made((Y, foreign))),
        ("another slot's name", Equivocation { slot: SlotId([0; 32]), ..made((Y, vote(1, Y, 1))) }),
    ] {
        assert!(!fleet.proofs().equivocation(&shown), "{what}");
    }
}
