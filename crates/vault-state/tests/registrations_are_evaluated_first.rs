//! A record is stored only after t sites evaluated for it, lately: filling the fleet's disks costs device work first.

mod support;

use support::*;
use vault_protocol::Refusal;
use vault_state::{InMemory, MAX_PENDING_PER_SITE, Outcome, PENDING_LIFETIME};

const NOT_EVALUATED: Outcome = Outcome::Refused(Refusal::NotEvaluated);
/// When [`register`] is dated.
const AT: u64 = 1000;

#[test]
fn a_record_that_nobody_evaluated_for() {
    let mut state = InMemory::default();
    assert_eq!(run(&mut state, register(1, 1)), NOT_EVALUATED);
    assert_eq!(state, InMemory::default());
}

#[test]
fn one_site_less_than_t_however_often() {
    let mut state = InMemory::default();
    for _ in 0..5 {
        run(&mut state, evaluation(1, 1, 1, AT));
    }
    assert_eq!(run(&mut state, register(1, 1)), NOT_EVALUATED);
    run(&mut state, evaluation(1, 1, 2, AT));
    assert_eq!(run(&mut state, register(1, 1)), Outcome::Registered { version: 1 });
}

#[test]
fn evaluations_for_another_account_or_version() {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    for site in 1..=SITES {
        run(&mut state, evaluation(2, 1, site, AT));
    }
    assert_eq!(run(&mut state, register(1, 2)), NOT_EVALUATED);
    assert_eq!(run(&mut state, register(3, 1)), NOT_EVALUATED);
}

#[test]
fn evaluations_that_were_used_already() {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    assert!(state.pending.is_empty());
    assert_eq!(run(&mut state, register(1, 1)), Outcome::Registered { version: 1 }, "the same record again is stored");
    assert_eq!(run(&mut state, register(1, 2)), NOT_EVALUATED);
}

#[test]
fn evaluations_that_are_too_old() {
    for (age, outcome) in
        [(PENDING_LIFETIME, Outcome::Registered { version: 1 }), (PENDING_LIFETIME + 1, NOT_EVALUATED)]
    {
        let mut state = InMemory::default();
        for site in 1..=SITES {
            run(&mut state, evaluation(1, 1, site, AT - age));
        }
        assert_eq!(run(&mut state, register(1, 1)), outcome);
    }
}

#[test]
fn what_is_pending_is_bounded_and_a_flood_at_one_site_pushes_out_only_its_own() {
    let mut state = InMemory::default();
    for site in 1..=SITES {
        run(&mut state, evaluation(1, 1, site, AT));
    }
    for version_of_a_stranger in 0..1000u32 {
        let account = vault_protocol::AccountId(std::array::from_fn(|i| (version_of_a_stranger >> i) as u8 | 0x80));
        let site = vault_protocol::SiteIndex(1);
        let command = vault_state::Command::RecordRegistrationEvaluation {
            account,
            version: 1,
            alpha_hash: [0; 32],
            site,
            at: AT,
        };
        run(&mut state, command);
    }
    assert!(state.pending.len() <= MAX_PENDING_PER_SITE + 2, "{}", state.pending.len());
    assert_eq!(run(&mut state, register(1, 1)), Outcome::Registered { version: 1 });
}
