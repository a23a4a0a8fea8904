//! One vote for each slot, for ever, and only under the rules.

mod support;

use support::*;
use vault_protocol::limits::{CLOCK_TOLERANCE, MAX_TRIES};
use vault_protocol::{CodeOrigin, GuessPolicy, News, Refusal};
use vault_state::{SiteAccount, Vote};

fn one_site() -> (Fleet, Person, SiteAccount) {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    let person = Person::new(&fleet, CodeOrigin::Generated);
    let account = registered(&fleet, &person, 1);
    (fleet, person, account)
}

#[test]
fn the_second_try_of_a_slot_gets_the_first_ones_vote_shown() {
    let (fleet, person, mut account) = one_site();
    let (first, second) = (person.tried(0, 1, 1, START), person.tried(0, 1, 2, START));
    let Ok(Vote::For(given)) = vote(&fleet, 1, &mut account, &first, START) else { panic!() };
    assert_eq!(vote(&fleet, 1, &mut account, &second, START), Ok(Vote::ForAnother(given)));
    assert_eq!(vote(&fleet, 1, &mut account, &first, START), Ok(Vote::For(given)));
}

#[test]
fn slots_are_spent_in_order_and_by_votes_of_t_sites() {
    let (fleet, person, mut account) = one_site();
    let second = person.tried(0, 2, 2, START);
    let wrong = Err(Refusal::WrongSlot { next: 1 });
    assert_eq!(vote(&fleet, 1, &mut account, &second, START), wrong);
    let first = person.tried(0, 1, 1, START);
    learn(&fleet, 1, &mut account, votes(fleet.votes(&first, &[2, 3])), START);
    assert_eq!(vote(&fleet, 1, &mut account, &second, START), wrong);
    // Of different sites, for whatever tries.
    let another = person.tried(0, 1, 9, START);
    learn(&fleet, 1, &mut account, votes(fleet.votes(&another, &[2, 3])), START);
    assert_eq!(vote(&fleet, 1, &mut account, &second, START), wrong);
    learn(&fleet, 1, &mut account, votes(fleet.votes(&another, &[4])), START);
    assert!(vote(&fleet, 1, &mut account, &second, START).is_ok());
}

#[test]
fn its_own_clock_decides_about_a_tries_time_and_about_delays() {
    let (fleet, person, mut account) = one_site();
    for at in [START - CLOCK_TOLERANCE - 1, START + CLOCK_TOLERANCE + 1] {
        let tried = person.tried(0, 1, 1, at);
        let refused = vote(&fleet, 1, &mut account, &tried, START);
        assert_eq!(refused, Err(Refusal::WrongTime { clock: START }));
    }
    for slot in 1..=4 {
        let tried = person.tried(0, slot, slot, START);
        assert!(vote(&fleet, 1, &mut account, &tried, START).is_ok(), "slot {slot}");
        learn(&fleet, 1, &mut account, votes(fleet.votes(&tried, &[2, 3])), START);
    }
    // The client says that it is later than it is.
    let fifth = person.tried(0, 5, 5, START + 100);
    let refused = vote(&fleet, 1, &mut account, &fifth, START + 29);
    assert_eq!(refused, Err(Refusal::TooSoon { at: START + 30 }));
    assert!(vote(&fleet, 1, &mut account, &fifth, START + 30).is_ok());
}

#[test]
fn a_site_that_did_not_vote_waits_from_when_it_knew_of_the_slot() {
    let (fleet, person, mut account) = one_site();
    for slot in 1..=4 {
        let tried = person.tried(0, slot, slot, START);
        learn(&fleet, 1, &mut account, votes(fleet.votes(&tried, &[2, 3, 4])), START + 10);
    }
    let fifth = person.tried(0, 5, 5, START + 30);
    let refused = vote(&fleet, 1, &mut account, &fifth, START + 39);
    assert_eq!(refused, Err(Refusal::TooSoon { at: START + 40 }));
    assert!(vote(&fleet, 1, &mut account, &fifth, START + 40).is_ok());
}

#[test]
fn a_clock_that_was_an_hour_ahead_and_is_right_again_locks_nobody_out() {
    let (fleet, person, mut account) = one_site();
    for slot in 1..=4 {
        let tried = person.tried(0, slot, slot, START + 3600);
        assert!(vote(&fleet, 1, &mut account, &tried, START + 3600).is_ok());
        learn(&fleet, 1, &mut account, votes(fleet.votes(&tried, &[2, 3])), START + 3600);
    }
    let fifth = person.tried(0, 5, 5, START);
    let refused = vote(&fleet, 1, &mut account, &fifth, START);
    assert_eq!(refused, Err(Refusal::TooSoon { at: START + 30 }));
    assert!(vote(&fleet, 1, &mut account, &fifth, START + 30).is_ok());
}

#[test]
fn a_try_needs_the_access_key() {
    let (fleet, person, mut account) = one_site();
    let stranger = Person { access: vault_protocol::AccessKey([0xcc; 32]), ..person };
    let refused = vote(&fleet, 1, &mut account, &stranger.tried(0, 1, 1, START), START);
    assert_eq!(refused, Err(Refusal::WrongAccess));
    let mut altered = person.tried(0, 1, 1, START);
    altered.alpha[0] ^= 1;
    assert_eq!(vote(&fleet, 1, &mut account, &altered, START), Err(Refusal::WrongAccess));
    assert!(account.own.slots.is_empty());
}

#[test]
fn a_try_is_of_the_current_version_and_round() {
    let (fleet, person, mut account) = one_site();
    let newer = person.tried_at_version(2, 0, 1, 1, START);
    let refused = vote(&fleet, 1, &mut account, &newer, START);
    assert_eq!(refused, Err(Refusal::WrongVersion { current: 1 }));
    let later = person.tried(1, 1, 1, START);
    let refused = vote(&fleet, 1, &mut account, &later, START);
    assert_eq!(refused, Err(Refusal::WrongRound { current: 0 }));
    let first = person.tried(0, 1, 1, START);
    learn(&fleet, 1, &mut account, ended(fleet.round_end(&first, &[2, 3, 4])), START);
    let refused = vote(&fleet, 1, &mut account, &first, START);
    assert_eq!(refused, Err(Refusal::WrongRound { current: 1 }));
    assert!(vote(&fleet, 1, &mut account, &later, START).is_ok());
}

#[test]
fn replacing_the_code_gives_no_tries_back() {
    let (fleet, person, mut account) = one_site();
    let first = person.tried(0, 1, 1, START);
    vote(&fleet, 1, &mut account, &first, START).unwrap();
    let signer = ToySigner(1);
    let site = fleet.site(&signer);
    let mut account = site.register(Some(account), &person.record(2), None, START).unwrap();
    let again = person.tried_at_version(2, 0, 1, 2, START);
    assert!(matches!(vote(&fleet, 1, &mut account, &again, START), Ok(Vote::ForAnother(_))));
}

/// Spends all slots at one site, each after its delay; tells when the last one was spent.
fn exhaust(fleet: &Fleet, person: &Person, account: &mut SiteAccount) -> u64 {
    let mut now = START;
    for slot in 1..=MAX_TRIES {
        now += 1000;
        let tried = person.tried(0, slot, slot, now);
        vote(fleet, 1, account, &tried, now).expect("a free slot");
        learn(fleet, 1, account, votes(fleet.votes(&tried, &[2, 3])), now);
    }
    now
}

#[test]
fn after_the_last_slot_a_generated_code_is_destroyed_at_the_next_request() {
    let (fleet, person, mut account) = one_site();
    let now = exhaust(&fleet, &person, &mut account);
    let eleventh = person.tried(0, MAX_TRIES + 1, 1, now + 1);
    assert_eq!(vote(&fleet, 1, &mut account, &eleventh, now + 1), Err(Refusal::Destroyed));
    assert!(account.facts.sealed().is_none());
}

#[test]
fn after_the_last_slot_a_generated_code_is_destroyed_within_the_hour() {
    let (fleet, person, mut account) = one_site();
    let now = exhaust(&fleet, &person, &mut account);
    let signer = ToySigner(1);
    let site = fleet.site(&signer);
    assert!(!site.destroy_if_due(&mut account, now + 3599));
    assert!(site.destroy_if_due(&mut account, now + 3600));
    assert!(account.facts.sealed().is_none());
}

#[test]
fn the_end_of_the_round_within_the_hour_keeps_the_box() {
    let (fleet, person, mut account) = one_site();
    let now = exhaust(&fleet, &person, &mut account);
    let last = person.tried(0, MAX_TRIES, MAX_TRIES, now);
    learn(&fleet, 1, &mut account, ended(fleet.round_end(&last, &[2, 3, 4])), now + 10);
    let signer = ToySigner(1);
    assert!(!fleet.site(&signer).destroy_if_due(&mut account, now + 10_000));
    assert!(vote(&fleet, 1, &mut account, &person.tried(1, 1, 1, now), now).is_ok());
}

#[test]
fn an_own_code_is_frozen_and_its_owner_thaws_it() {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    let person = Person::new(&fleet, CodeOrigin::Own);
    let mut account = registered(&fleet, &person, 1);
    let now = exhaust(&fleet, &person, &mut account);
    let until = now + 7 * 24 * 3600;
    let eleventh = person.tried(0, MAX_TRIES + 1, 1, now);
    let frozen = vote(&fleet, 1, &mut account, &eleventh, now);
    assert_eq!(frozen, Err(Refusal::Frozen { until }));
    let mut forgotten = account.clone();
    let signer = ToySigner(1);
    assert!(fleet.site(&signer).destroy_if_due(&mut forgotten, until));
    learn(&fleet, 1, &mut account, ended(person.reset(0)), now);
    assert!(vote(&fleet, 1, &mut account, &person.tried(1, 1, 1, now), now).is_ok());
}

#[test]
fn a_destroyed_box_does_not_come_back() {
    let (fleet, person, mut account) = one_site();
    let now = exhaust(&fleet, &person, &mut account);
    let signer = ToySigner(1);
    let site = fleet.site(&signer);
    let honest = registered(&fleet, &person, 2);
    let told = fleet.site(&ToySigner(2)).tell(&honest);
    assert!(site.destroy_if_due(&mut account, now + 3600));
    let (account, _) = site.learn_from_site(Some(account), &told, now + 3601).unwrap();
    assert!(account.facts.sealed().is_none());
    let again = site.register(Some(account.clone()), &person.record(1), None, now + 3602);
    assert_eq!(again.err(), Some(Refusal::Destroyed));
    let newer = site.register(Some(account), &person.record(2), None, now + 3603).unwrap();
    assert!(newer.facts.sealed().is_some());
}

#[test]
fn nothing_is_left_of_a_removed_account() {
    let (fleet, person, mut account) = one_site();
    let removal = News { removal: Some(person.removal()), ..News::default() };
    learn(&fleet, 1, &mut account, removal, START);
    assert!(account.facts.record().is_none());
    let refused = vote(&fleet, 1, &mut account, &person.tried(0, 1, 1, START), START);
    assert_eq!(refused, Err(Refusal::Removed));
    let signer = ToySigner(1);
    let site = fleet.site(&signer);
    let again = site.register(Some(account), &person.record(2), None, START);
    assert_eq!(again.err(), Some(Refusal::Removed));
}
