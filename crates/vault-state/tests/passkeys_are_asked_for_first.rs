//! A passkey is stored only after t sites gave a nonce towards it, lately: a record cannot come from nowhere.

mod support;

use support::passkeys::*;
use support::*;
use vault_protocol::{Refusal, SiteIndex};
use vault_state::{Command, InMemory, Outcome, PENDING_LIFETIME};

const NOT_ASKED: Outcome = Outcome::Refused(Refusal::NotEvaluated);
const STORED: Outcome = Outcome::RosterSet { change: 1 };
/// When [`add`] is dated.
const AT: u64 = 1000;

fn first() -> Command {
    add(1, &[], passkey(1, 5, 1))
}

#[test]
fn a_passkey_that_no_site_was_asked_for() {
    let mut state = InMemory::default();
    assert_eq!(run(&mut state, first()), NOT_ASKED);
    assert_eq!(state, InMemory::default());
}

#[test]
fn one_site_less_than_t_however_often() {
    let mut state = InMemory::default();
    for _ in 0..5 {
        run(&mut state, opening(1, 1, 1, AT));
    }
    assert_eq!(run(&mut state, first()), NOT_ASKED);
    run(&mut state, opening(1, 1, 2, AT));
    assert_eq!(run(&mut state, first()), STORED);
}

#[test]
fn nonces_for_another_account_or_change_and_evaluations_for_a_code() {
    let mut state = InMemory::default();
    for site in 1..=SITES {
        run(&mut state, opening(2, 1, site, AT));
        run(&mut state, evaluation(1, 1, site, AT));
        assert_eq!(run(&mut state, opening(1, 2, site, AT)), Outcome::Refused(Refusal::NoSuchAccount));
    }
    assert_eq!(run(&mut state, first()), NOT_ASKED);
}

#[test]
fn nonces_for_a_passkey_help_no_code() {
    let mut state = InMemory::default();
    for site in 1..=SITES {
        run(&mut state, opening(1, 1, site, AT));
    }
    assert_eq!(run(&mut state, register(1, 1)), NOT_ASKED);
}

#[test]
fn nonces_that_were_used_already() {
    let mut state = InMemory::default();
    let record = passkey(1, 5, 1);
    assert_eq!(play(&mut state, first()), STORED);
    assert!(state.pending.is_empty());
    assert_eq!(run(&mut state, add(1, &[record.digest()], passkey(1, 6, 2))), NOT_ASKED);
}

#[test]
fn nonces_that_were_given_too_long_ago() {
    for (age, outcome) in [(PENDING_LIFETIME, STORED), (PENDING_LIFETIME + 1, NOT_ASKED)] {
        let mut state = InMemory::default();
        for site in 1..=SITES {
            run(&mut state, opening(1, 1, site, AT));
        }
        let Command::SetRoster { update, .. } = first() else { unreachable!() };
        assert_eq!(run(&mut state, Command::SetRoster { update, at: AT + age }), outcome);
    }
}

#[test]
fn a_site_that_is_not_in_the_fleet() {
    let mut state = InMemory::default();
    for site in [0, 4, 255] {
        let command =
            Command::OpenPasskeyRegistration { account: account(1), change: 1, site: SiteIndex(site), at: AT };
        assert_eq!(run(&mut state, command), Outcome::Refused(Refusal::Malformed));
    }
    assert!(state.pending.is_empty());
}
