//! What happens to one account, step by step.
#![allow(clippy::unwrap_used)]

mod support;

use support::*;
use vault_protocol::{EventKind, Refusal};
use vault_state::{Command, EXPIRY_GRACE, InMemory, Outcome};

fn registered() -> InMemory {
    let mut state = InMemory::default();
    assert_eq!(play(&mut state, register(1, 1)), Outcome::Registered { version: 1 });
    state
}

/// Spends `n` tries with new ids, far enough apart for every delay.
fn spend(state: &mut InMemory, n: u8) {
    for i in 1..=n {
        let outcome = run(state, reserve(1, 1, i, 10_000 * u64::from(i)));
        assert_eq!(outcome, Outcome::Reserved { tries_left: 10 - i });
    }
}

#[test]
fn the_same_try_again_spends_nothing() {
    let mut state = registered();
    assert_eq!(run(&mut state, reserve(1, 1, 7, 5)), Outcome::Reserved { tries_left: 9 });
    assert_eq!(run(&mut state, reserve(1, 1, 7, 6)), Outcome::Reserved { tries_left: 9 });
    assert_eq!(run(&mut state, reserve(1, 1, 8, 6)), Outcome::Reserved { tries_left: 8 });
    assert_eq!(state.totals.tries, 2);
}

#[test]
fn the_fifth_try_has_to_wait() {
    let mut state = registered();
    for id in 1..=4 {
        run(&mut state, reserve(1, 1, id, 100));
    }
    assert_eq!(run(&mut state, reserve(1, 1, 5, 129)), Outcome::Refused(Refusal::TooSoon { at: 130 }));
    assert_eq!(run(&mut state, reserve(1, 1, 5, 130)), Outcome::Reserved { tries_left: 5 });
    assert_eq!(state.accounts[&account(1)].status().next_try_at, 190);
}

#[test]
fn an_older_clock_does_not_shorten_the_delay() {
    let mut state = registered();
    run(&mut state, reserve(1, 1, 1, 1000));
    for id in 2..=4 {
        run(&mut state, reserve(1, 1, id, 1));
    }
    assert_eq!(run(&mut state, reserve(1, 1, 5, 40)), Outcome::Refused(Refusal::TooSoon { at: 1030 }));
}

#[test]
fn the_eleventh_try_destroys_the_boxes_and_the_id_is_never_free_again() {
    let mut state = registered();
    spend(&mut state, 10);
    assert_eq!(run(&mut state, reserve(1, 1, 11, 999_999)), Outcome::Refused(Refusal::Destroyed));
    let account = &state.accounts[&account(1)];
    assert!(account.record().is_none() && account.status().destroyed);
    assert_eq!(account.events.back().unwrap().kind, EventKind::Destroyed);
    for version in [1, 2] {
        assert_eq!(play(&mut state, register(1, version)), Outcome::Refused(Refusal::Destroyed));
    }
}

#[test]
fn replacing_does_not_give_tries_back() {
    let mut state = registered();
    spend(&mut state, 6);
    assert_eq!(play(&mut state, register(1, 2)), Outcome::Registered { version: 2 });
    assert_eq!(run(&mut state, reserve(1, 1, 50, 900_000)), Outcome::Refused(Refusal::WrongVersion { current: 2 }));
    assert_eq!(run(&mut state, reserve(1, 2, 51, 900_000)), Outcome::Reserved { tries_left: 3 });
}

#[test]
fn receipts_of_t_sites_give_all_tries_back() {
    let mut state = registered();
    spend(&mut state, 3);
    assert_eq!(run(&mut state, confirm(1, 1, 3, 0, 1)), Outcome::Confirmed { complete: false });
    assert_eq!(run(&mut state, confirm(1, 1, 3, 0, 1)), Outcome::Confirmed { complete: false });
    assert_eq!(run(&mut state, confirm(1, 1, 3, 0, 3)), Outcome::Confirmed { complete: true });
    assert_eq!(state.accounts[&account(1)].tries_left(), 10);
    assert_eq!(run(&mut state, confirm(1, 1, 3, 0, 2)), Outcome::Confirmed { complete: true });
    assert_eq!(run(&mut state, reserve(1, 1, 3, 1)), Outcome::Reserved { tries_left: 10 });
}

#[test]
fn receipts_for_different_tries_do_not_add_up() {
    let mut state = registered();
    spend(&mut state, 2);
    assert_eq!(run(&mut state, confirm(1, 1, 1, 0, 1)), Outcome::Confirmed { complete: false });
    assert_eq!(run(&mut state, confirm(1, 1, 2, 0, 2)), Outcome::Confirmed { complete: false });
}

#[test]
fn an_unconfirmed_last_try_expires() {
    let mut state = registered();
    spend(&mut state, 10);
    let last = 100_000;
    assert_eq!(run(&mut state, Command::Expire { at: last + EXPIRY_GRACE - 1 }), Outcome::Expired { accounts: 0 });
    assert_eq!(run(&mut state, Command::Expire { at: last + EXPIRY_GRACE }), Outcome::Expired { accounts: 1 });
    assert_eq!(run(&mut state, reserve(1, 1, 10, last)), Outcome::Refused(Refusal::Destroyed));
}

#[test]
fn a_confirmed_last_try_does_not_expire() {
    let mut state = registered();
    spend(&mut state, 10);
    run(&mut state, confirm(1, 1, 10, 0, 1));
    run(&mut state, confirm(1, 1, 10, 0, 2));
    assert_eq!(run(&mut state, Command::Expire { at: u64::MAX }), Outcome::Expired { accounts: 0 });
}

#[test]
fn the_owner_removes_for_good() {
    let mut state = registered();
    assert_eq!(run(&mut state, remove(1, 1, 1)), Outcome::Removed);
    assert_eq!(run(&mut state, remove(1, 1, 1)), Outcome::Removed);
    assert_eq!(run(&mut state, reserve(1, 1, 1, 1)), Outcome::Refused(Refusal::Destroyed));
    assert_eq!(play(&mut state, register(1, 2)), Outcome::Refused(Refusal::Destroyed));
}

#[test]
fn history_keeps_the_newest_events() {
    let mut state = registered();
    for version in 2..400 {
        play(&mut state, register(1, version));
    }
    let events = &state.accounts[&account(1)].events;
    assert_eq!(events.len(), vault_protocol::limits::MAX_EVENTS);
    assert_eq!(events.back().unwrap().kind, EventKind::Replaced { version: 399 });
}
