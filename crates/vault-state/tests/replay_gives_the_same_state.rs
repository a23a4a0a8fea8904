//! Invariant: the log alone decides the state, wherever and however often it is applied.

mod support;

use proptest::prelude::*;
use support::passkeys::any_passkey_command;
use support::*;
use vault_state::{Command, InMemory};

fn any_command() -> impl Strategy<Value = Command> {
    let person = 1u8..4;
    prop_oneof![
        1 => (person.clone(), 1u32..4).prop_map(|(p, v)| register(p, v)),
        1 => (person.clone(), 1u32..4, 1u8..9, 0u64..9000).prop_map(|(p, v, i, at)| reserve(p, v, i, at)),
        1 => (person.clone(), 1u8..9, 1u8..=3).prop_map(|(p, i, site)| confirm(p, 1, i, 0, site)),
        1 => person.clone().prop_map(|p| remove(p, 1, p)),
        2 => person.prop_flat_map(any_passkey_command),
        1 => (0u64..20_000).prop_map(|at| Command::Expire { at }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn replay_gives_the_same_state(log in prop::collection::vec(any_command(), 0..80)) {
        let mut states = [InMemory::default(), InMemory::default()];
        let outcomes = states.each_mut().map(|state| {
            log.iter().cloned().map(|command| play(state, command)).collect::<Vec<_>>()
        });
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
        prop_assert_eq!(&states[0], &states[1]);
    }
}
