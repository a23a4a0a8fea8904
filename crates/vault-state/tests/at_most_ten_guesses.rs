//! Invariant: between two complete confirms at most ten different tries are ever allowed, whatever comes in which order.

mod support;

use proptest::prelude::*;
use std::collections::BTreeSet;
use support::*;
use vault_state::{Command, InMemory, Outcome};

/// Any command an attacker or a person may cause; receipts are real ones of sites 1 to 3 for any round.
fn any_command() -> impl Strategy<Value = Command> {
    let version = 1u32..4;
    let id = 1u8..30;
    prop_oneof![
        1 => version.clone().prop_map(|v| register(1, v)),
        12 => (version.clone(), id.clone(), 0u64..40_000).prop_map(|(v, i, at)| reserve(1, v, i, at)),
        2 => (version, id, 0u64..3, 1u8..=3).prop_map(|(v, i, round, site)| confirm(1, v, i, round, site)),
        1 => (0u64..30_000).prop_map(|at| Command::Expire { at }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn at_most_ten_guesses(commands in prop::collection::vec(any_command(), 1..150)) {
        let mut state = InMemory::default();
        play(&mut state, register(1, 1));
        let mut allowed = BTreeSet::new();
        let mut confirmed = None;
        for command in commands {
            let outcome = play(&mut state, command.clone());
            match (command, outcome) {
                (Command::ReserveGuess { version, try_id, .. }, Outcome::Reserved { .. })
                    if confirmed != Some((version, try_id)) =>
                {
                    allowed.insert((version, try_id));
                }
                (Command::Confirm { version, try_id, .. }, Outcome::Confirmed { complete: true })
                    if confirmed != Some((version, try_id)) =>
                {
                    allowed.clear();
                    confirmed = Some((version, try_id));
                }
                _ => {}
            }
            prop_assert!(allowed.len() <= 10, "{} guesses in one round", allowed.len());
        }
    }
}
