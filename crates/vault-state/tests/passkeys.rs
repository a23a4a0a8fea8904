//! What happens to an account's passkeys, step by step.
#![allow(clippy::unwrap_used)]

mod support;

use support::passkeys::*;
use support::*;
use vault_protocol::limits::MAX_PASSKEYS;
use vault_protocol::{AccountEvent, EventKind, PasskeyRecord, Refusal};
use vault_state::{Account, Command, Current, EXPIRY_GRACE, InMemory, Outcome};

/// An account of person 1 with passkey 5, by change 1.
fn with_a_passkey() -> (InMemory, PasskeyRecord) {
    let mut state = InMemory::default();
    let record = passkey(1, 5, 1);
    assert_eq!(play(&mut state, add(1, &[], record.clone())), Outcome::RosterSet { change: 1 });
    (state, record)
}

fn person(state: &InMemory) -> &Account {
    &state.accounts[&account(1)]
}

fn events(state: &InMemory) -> Vec<EventKind> {
    person(state).events.iter().map(|event| event.kind).collect()
}

fn counter(state: &InMemory, id: u8) -> u32 {
    person(state).passkeys.of_credential(&credential(id)).unwrap().counter
}

#[test]
fn a_first_passkey_claims_an_account_that_has_no_code_yet() {
    let (state, record) = with_a_passkey();
    let account = person(&state);
    assert_eq!((&account.current, account.version), (&Current::NoCode, 0));
    assert_eq!(account.passkeys.list().change, 1);
    assert_eq!(account.passkeys.list().passkeys[0].digest, record.digest());
    assert!(state.pending.is_empty(), "the nonces are used up");
}

#[test]
fn a_passkey_is_added_used_and_removed() {
    let (mut state, first) = with_a_passkey();
    let second = passkey(1, 6, 2);
    assert_eq!(play(&mut state, add(1, &[first.digest()], second.clone())), Outcome::RosterSet { change: 2 });
    assert_eq!(run(&mut state, use_passkey(1, 6, 40, 2)), Outcome::PasskeyUsed { digest: second.digest() });
    let used = person(&state).passkeys.find(&second.digest()).unwrap();
    assert_eq!((used.counter, used.last_used), (2, Some(2000)));
    assert_eq!(run(&mut state, strike_off(1, 3, &[first.digest()])), Outcome::RosterSet { change: 3 });
    assert_eq!(person(&state).passkeys.held.len(), 1);
    assert_eq!(run(&mut state, use_passkey(1, 6, 41, 3)), Outcome::Refused(Refusal::NoSuchPasskey));
    assert_eq!(run(&mut state, use_passkey(1, 5, 41, 2)), Outcome::PasskeyUsed { digest: first.digest() });
    use EventKind::{PasskeyAdded, PasskeyRemoved, PasskeyUsed};
    assert_eq!(events(&state), [PasskeyAdded, PasskeyAdded, PasskeyUsed, PasskeyRemoved, PasskeyUsed]);
}

#[test]
fn one_change_may_replace_a_passkey_by_another() {
    let (mut state, _) = with_a_passkey();
    let new = passkey(1, 6, 2);
    assert_eq!(play(&mut state, add(1, &[], new.clone())), Outcome::RosterSet { change: 2 });
    assert_eq!(person(&state).passkeys.held.iter().map(|p| p.digest).collect::<Vec<_>>(), [new.digest()]);
}

#[test]
fn the_same_roster_again_changes_nothing() {
    let (mut state, record) = with_a_passkey();
    let before = state.clone();
    assert_eq!(run(&mut state, add(1, &[], record)), Outcome::RosterSet { change: 1 });
    assert_eq!(state, before);
}

#[test]
fn the_same_assertion_at_another_site_is_the_same_use() {
    let (mut state, record) = with_a_passkey();
    run(&mut state, use_passkey(1, 5, 40, 2));
    let after_one = state.clone();
    for _ in 0..3 {
        assert_eq!(run(&mut state, use_passkey(1, 5, 40, 2)), Outcome::PasskeyUsed { digest: record.digest() });
    }
    assert_eq!(state, after_one, "one line in the history, one step of the counter");
}

#[test]
fn a_passkey_that_counts_nothing_may_be_used_again_and_again() {
    let mut state = InMemory::default();
    let record = passkey_counting_from(0, 1, 5, 1);
    play(&mut state, add(1, &[], record.clone()));
    for session in 40..43 {
        assert_eq!(run(&mut state, use_passkey(1, 5, session, 0)), Outcome::PasskeyUsed { digest: record.digest() });
    }
    assert_eq!(counter(&state, 5), 0);
    assert_eq!(events(&state).len(), 4);
}

#[test]
fn a_code_that_comes_after_a_passkey_is_version_1_and_noted_as_registered() {
    let (mut state, record) = with_a_passkey();
    assert_eq!(play(&mut state, register(1, 2)), Outcome::Refused(Refusal::WrongVersion { current: 0 }));
    assert_eq!(play(&mut state, register(1, 1)), Outcome::Registered { version: 1 });
    assert_eq!(events(&state), [EventKind::PasskeyAdded, EventKind::Registered { version: 1 }]);
    assert_eq!(person(&state).status().tries_left, 10);
    assert_eq!(run(&mut state, use_passkey(1, 5, 40, 2)), Outcome::PasskeyUsed { digest: record.digest() });
    assert_eq!(run(&mut state, reserve(1, 1, 7, 10)), Outcome::Reserved { tries_left: 9 });
}

#[test]
fn a_guess_at_a_code_that_is_not_there_destroys_nothing() {
    let (mut state, _) = with_a_passkey();
    let before = state.clone();
    for version in [0, 1] {
        let refused = Outcome::Refused(Refusal::WrongVersion { current: 0 });
        assert_eq!(run(&mut state, reserve(1, version, 7, 10)), refused);
    }
    assert_eq!(run(&mut state, Command::Expire { at: u64::MAX }), Outcome::Expired { accounts: 0 });
    assert_eq!(state, before);
    assert_eq!(play(&mut state, register(1, 1)), Outcome::Registered { version: 1 });
}

#[test]
fn a_passkey_that_comes_after_a_code_leaves_the_code_as_it_is() {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    run(&mut state, reserve(1, 1, 7, 10));
    assert_eq!(play(&mut state, add(1, &[], passkey(1, 5, 1))), Outcome::RosterSet { change: 1 });
    let account = person(&state);
    assert_eq!((account.version, account.tries_left()), (1, 9));
    assert!(account.record().is_some());
}

#[test]
fn the_limit_destroys_the_code_and_leaves_the_passkeys() {
    let (mut state, first) = with_a_passkey();
    play(&mut state, register(1, 1));
    for id in 1..=10 {
        run(&mut state, reserve(1, 1, id, 10_000 * u64::from(id)));
    }
    run(&mut state, Command::Expire { at: 100_000 + EXPIRY_GRACE });
    assert!(person(&state).status().destroyed);
    assert_eq!(run(&mut state, use_passkey(1, 5, 40, 2)), Outcome::PasskeyUsed { digest: first.digest() });
    let second = passkey(1, 6, 2);
    assert_eq!(play(&mut state, add(1, &[first.digest()], second)), Outcome::RosterSet { change: 2 });
}

#[test]
fn the_owner_who_removes_the_account_ends_its_passkeys_too() {
    let (mut state, record) = with_a_passkey();
    assert_eq!(run(&mut state, remove(1, 0, 1)), Outcome::Removed);
    assert!(person(&state).passkeys.held.is_empty());
    assert_eq!(run(&mut state, use_passkey(1, 5, 40, 2)), Outcome::Refused(Refusal::NoSuchPasskey));
    let destroyed = Outcome::Refused(Refusal::Destroyed);
    assert_eq!(run(&mut state, add(1, &[], record.clone())), destroyed, "the roster that it had");
    assert_eq!(play(&mut state, add(1, &[record.digest()], passkey(1, 6, 2))), destroyed);
    assert_eq!(run(&mut state, opening(1, 2, 1, 10)), destroyed);
    assert_eq!(play(&mut state, register(1, 1)), destroyed);
}

#[test]
fn eight_passkeys_are_held_and_no_ninth() {
    let mut state = InMemory::default();
    let mut all = vec![];
    for id in 1..=MAX_PASSKEYS as u8 {
        let record = passkey(1, id, id.into());
        assert_eq!(play(&mut state, add(1, &all, record.clone())), Outcome::RosterSet { change: id.into() });
        all.push(record.digest());
    }
    assert_eq!(play(&mut state, add(1, &all, passkey(1, 9, 9))), Outcome::Refused(Refusal::Malformed));
    assert_eq!(play(&mut state, add(1, &all[1..], passkey(1, 9, 9))), Outcome::RosterSet { change: 9 });
}

#[test]
fn a_refused_passkey_is_a_line_in_the_history_and_nothing_else() {
    let (mut state, record) = with_a_passkey();
    run(&mut state, refused_at(1, 2, 70));
    let line = AccountEvent { at: 70, kind: EventKind::PasskeyRefused };
    assert_eq!(person(&state).events.back(), Some(&line));
    assert_eq!(run(&mut state, use_passkey(1, 5, 40, 2)), Outcome::PasskeyUsed { digest: record.digest() });
    assert_eq!(run(&mut state, refused_at(1, 4, 71)), Outcome::Refused(Refusal::Malformed));
}

#[test]
fn refused_passkeys_push_out_only_their_own_lines() {
    let (mut state, _) = with_a_passkey();
    for at in 0..1000 {
        run(&mut state, refused_at(1, 2, at));
    }
    let events = &person(&state).events;
    assert_eq!(events.front().map(|e| e.kind), Some(EventKind::PasskeyAdded));
    assert_eq!(events.iter().skip(1).map(|e| e.at).collect::<Vec<_>>(), (984..1000).collect::<Vec<_>>(), "the newest");
}

#[test]
fn replayed_uses_push_out_only_their_own_lines() {
    let mut state = InMemory::default();
    play(&mut state, add(1, &[], passkey_counting_from(0, 1, 5, 1)));
    for session in [40, 41].repeat(500) {
        run(&mut state, use_passkey(1, 5, session, 0));
    }
    let events = events(&state);
    assert_eq!((events[0], events.len()), (EventKind::PasskeyAdded, 1 + 128));
}
