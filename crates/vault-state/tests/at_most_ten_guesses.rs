//! Invariant: between two complete confirms at most ten different tries are ever allowed, whatever comes in which order,
//! and whatever is done with passkeys in between.

mod support;

use proptest::prelude::*;
use std::collections::BTreeSet;
use support::passkeys::any_passkey_command;
use support::*;
use vault_state::{Command, InMemory, Outcome, Try};

/// Any command an attacker or a person may cause; receipts are real ones of sites 1 to 3 for any round.
fn any_command() -> impl Strategy<Value = Command> {
    let version = 1u32..4;
    let id = 1u8..30;
    prop_oneof![
        1 => version.clone().prop_map(|v| register(1, v)),
        12 => (version.clone(), id.clone(), 0u64..40_000).prop_map(|(v, i, at)| reserve(1, v, i, at)),
        2 => (version, id, 0u64..3, 1u8..=3).prop_map(|(v, i, round, site)| confirm(1, v, i, round, site)),
        1 => (0u64..30_000).prop_map(|at| Command::Expire { at }),
        3 => any_passkey_command(1),
    ]
}

fn is_about_the_code(command: &Command) -> bool {
    use Command::{Confirm, Expire, Register, ReserveGuess};
    matches!(command, Register { .. } | ReserveGuess { .. } | Confirm { .. } | Expire { .. })
}

/// What became of each command about the code, and the tries that stand at the end.
fn outcomes(commands: impl IntoIterator<Item = Command>) -> (Vec<Outcome>, Vec<Try>) {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    let played = commands.into_iter().map(|c| (is_about_the_code(&c), play(&mut state, c)));
    let outcomes = played.filter_map(|(counts, outcome)| counts.then_some(outcome)).collect();
    (outcomes, state.accounts[&account(1)].tries.clone())
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

    #[test]
    fn passkeys_do_not_change_the_count(commands in prop::collection::vec(any_command(), 1..80)) {
        let code_alone: Vec<_> = commands.iter().filter(|c| is_about_the_code(c)).cloned().collect();
        prop_assert_eq!(outcomes(commands), outcomes(code_alone));
    }
}
