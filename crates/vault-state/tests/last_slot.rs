//! The last slot of a round needs more votes than spend it.

mod support;

use support::*;
use vault_protocol::limits::MAX_TRIES;
use vault_protocol::{CodeOrigin, GuessPolicy, Refusal};
use vault_state::SiteAccount;

/// An account whose slots before the last are spent, and when.
fn before_the_last_slot(fleet: &Fleet, person: &Person) -> (SiteAccount, u64) {
    let mut account = registered(fleet, person, 1);
    let mut now = START;
    for slot in 1..MAX_TRIES {
        now += 4000;
        let tried = person.tried(0, slot, slot, now);
        learn(fleet, 1, &mut account, votes(fleet.votes(&tried, &[2, 3, 4])), now);
    }
    (account, now + 4000)
}

#[test]
fn a_site_votes_in_the_last_slot_although_votes_of_others_have_spent_it() {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    for code in [CodeOrigin::Generated, CodeOrigin::Own] {
        let person = Person::new(&fleet, code);
        let (mut account, now) = before_the_last_slot(&fleet, &person);
        let last = person.tried(0, MAX_TRIES, 10, now);
        learn(&fleet, 1, &mut account, votes(fleet.votes(&last, &[2, 3, 4])), now);
        assert!(vote(&fleet, 1, &mut account, &last, now).is_ok(), "{code:?}");
        assert!(account.facts.sealed().is_some());
    }
}

#[test]
fn a_slot_beyond_the_last_destroys_the_box_only_when_all_are_spent() {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    let person = Person::new(&fleet, CodeOrigin::Generated);
    let (mut account, now) = before_the_last_slot(&fleet, &person);
    let beyond = person.tried(0, MAX_TRIES + 1, 11, now);
    let refused = vote(&fleet, 1, &mut account, &beyond, now);
    assert_eq!(refused, Err(Refusal::WrongSlot { next: MAX_TRIES }));
    let last = person.tried(0, MAX_TRIES, 10, now);
    learn(&fleet, 1, &mut account, votes(fleet.votes(&last, &[2, 3, 4])), now);
    assert_eq!(vote(&fleet, 1, &mut account, &beyond, now), Err(Refusal::Destroyed));
    assert!(account.facts.sealed().is_none());
}

#[test]
fn a_site_without_a_box_tells_others_of_the_end_of_a_round() {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    let person = Person::new(&fleet, CodeOrigin::Generated);
    let mut teller = registered(&fleet, &person, 2);
    teller.facts.forget_sealed();
    learn(&fleet, 2, &mut teller, ended(person.reset(0)), START);
    let told = fleet.site(&ToySigner(2)).tell(&teller);
    let account = registered(&fleet, &person, 1);
    let signer = ToySigner(1);
    let (account, _) = fleet.site(&signer).learn_from_site(Some(account), &told, START).unwrap();
    assert_eq!(account.facts.round(), 1);
}
