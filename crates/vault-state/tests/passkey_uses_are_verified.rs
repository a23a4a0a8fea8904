//! Invariant: a use is written down for a passkey that the account has, over nonces of t sites, with a counter that goes
//! on. Anything else changes nothing.
#![allow(clippy::unwrap_used)]

mod support;

use support::passkeys::*;
use support::*;
use vault_protocol::{Refusal, challenge_of};
use vault_state::{Command, InMemory, Outcome};

/// Passkey 5 of person 1 was used in session 40 with counter 10; person 2 has passkey 6.
fn used_once() -> InMemory {
    let mut state = InMemory::default();
    play(&mut state, add(1, &[], passkey(1, 5, 1)));
    play(&mut state, add(2, &[], passkey(2, 6, 1)));
    run(&mut state, use_passkey(1, 5, 40, 10));
    state
}

fn assert_refused(command: Command, why: Refusal) {
    let mut state = used_once();
    let before = state.clone();
    assert_eq!(run(&mut state, command), Outcome::Refused(why));
    assert_eq!(state, before);
}

fn shown(assertion: Vec<u8>) -> Command {
    Command::UsePasskey { account: account(1), nonces: nonces(&[1, 2], 41), assertion, at: 1 }
}

#[test]
fn the_use_as_it_should_be_is_written_down() {
    let mut state = used_once();
    let digest = passkey(1, 5, 1).digest();
    assert_eq!(run(&mut state, use_passkey(1, 5, 41, 11)), Outcome::PasskeyUsed { digest });
    assert_eq!(state.accounts[&account(1)].passkeys.find(&digest).unwrap().counter, 11);
}

#[test]
fn a_share_is_for_the_use_that_was_written_down_last() {
    let (mut state, digest) = (used_once(), passkey(1, 5, 1).digest());
    let challenge = |session| challenge_of(&FLEET, &account(1), &nonces(&[1, 2], session));
    let used_for = |state: &InMemory, session| {
        let found = state.accounts[&account(1)].passkeys.used_for(&digest, &challenge(session));
        found.map(|passkey| passkey.digest)
    };
    assert_eq!(used_for(&state, 40), Ok(digest));
    assert_eq!(used_for(&state, 41), Err(Refusal::NonceMismatch), "it was not written down");
    run(&mut state, use_passkey(1, 5, 41, 11));
    assert_eq!(used_for(&state, 41), Ok(digest));
    assert_eq!(used_for(&state, 40), Err(Refusal::NonceMismatch), "another one came after it");
    run(&mut state, strike_off(1, 2, &[]));
    assert_eq!(used_for(&state, 41), Err(Refusal::NoSuchPasskey));
}

#[test]
fn an_account_that_is_not_there() {
    assert_refused(use_passkey(3, 5, 41, 11), Refusal::NoSuchAccount);
}

#[test]
fn a_credential_that_the_account_has_not() {
    assert_refused(use_passkey(1, 9, 41, 11), Refusal::NoSuchPasskey);
    // One of somebody else.
    assert_refused(use_passkey(1, 6, 41, 11), Refusal::NoSuchPasskey);
}

#[test]
fn what_is_no_assertion() {
    assert_refused(shown(vec![]), Refusal::Malformed);
}

#[test]
fn nonces_of_fewer_than_t_sites() {
    for sites in [&[][..], &[1], &[1, 1], &[2, 1, 2], &[0, 1], &[1, 4], &[1, 2, 3, 3]] {
        assert_refused(use_with(1, 5, nonces(sites, 41), 11), Refusal::NonceMismatch);
    }
}

#[test]
fn an_answer_to_another_challenge() {
    let other_session = challenge_of(&FLEET, &account(1), &nonces(&[1, 2], 42));
    let other_sites = challenge_of(&FLEET, &account(1), &nonces(&[1, 3], 41));
    let other_account = challenge_of(&FLEET, &account(2), &nonces(&[1, 2], 41));
    for challenge in [other_session, other_sites, other_account] {
        assert_refused(shown(answer(&challenge, 11, &credential(5))), Refusal::PasskeyInvalid);
    }
}

#[test]
fn a_counter_that_is_not_above_the_last() {
    for counter in [0, 1, 9, 10] {
        assert_refused(use_passkey(1, 5, 41, counter), Refusal::PasskeyInvalid);
    }
}

#[test]
fn an_older_assertion_again() {
    let mut state = used_once();
    run(&mut state, use_passkey(1, 5, 41, 11));
    let before = state.clone();
    assert_eq!(run(&mut state, use_passkey(1, 5, 40, 10)), Outcome::Refused(Refusal::PasskeyInvalid));
    assert_eq!(state, before);
}

#[test]
fn an_answer_to_the_last_challenge_that_does_not_verify() {
    let Command::UsePasskey { account, nonces, mut assertion, at } = use_passkey(1, 5, 40, 10) else { unreachable!() };
    assertion[0] ^= 1;
    assert_refused(Command::UsePasskey { account, nonces, assertion, at }, Refusal::PasskeyInvalid);
}

#[test]
fn another_answer_to_the_last_challenge() {
    for counter in [9, 11] {
        assert_refused(use_passkey(1, 5, 40, counter), Refusal::PasskeyInvalid);
    }
}

/// No site releases anything for it, since the nonces were used up: a bad site can write one more line, and no more.
#[test]
fn an_older_assertion_of_a_passkey_that_counts_nothing_is_a_line_in_the_history() {
    let mut state = InMemory::default();
    play(&mut state, add(1, &[], passkey_counting_from(0, 1, 5, 1)));
    run(&mut state, use_passkey(1, 5, 40, 0));
    run(&mut state, use_passkey(1, 5, 41, 0));
    let lines = |state: &InMemory| state.accounts[&account(1)].events.len();
    let before = lines(&state);
    assert!(matches!(run(&mut state, use_passkey(1, 5, 40, 0)), Outcome::PasskeyUsed { .. }));
    assert_eq!(lines(&state), before + 1);
}
