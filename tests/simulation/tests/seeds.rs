//! Courses of events by seed: what must hold holds in all of them, and planted faults are found.

use vault_simulation::scenario::{Fault, Outcome, run, run_all};

/// In every run of the tests; `script/soak` runs as many as one likes.
const SEEDS: u64 = 200;
/// A planted fault is found within so many.
const PLANTED: u64 = 60;

fn described(outcome: &Outcome) -> String {
    let Outcome { course, violations, .. } = outcome;
    format!(
        "{course:?}\n{violations:#?}\nscript/soak {} 1 writes its history to a file",
        course.seed
    )
}

#[test]
fn everything_holds_in_two_hundred_courses() {
    let failed = run_all(1..1 + SEEDS, None);
    let told: Vec<_> = failed.iter().map(described).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

#[test]
fn the_same_seed_has_the_same_history_byte_for_byte() {
    for seed in [1, 2, 6, 19, 102] {
        let (one, two) = (run(seed, None), run(seed, None));
        let different = one.history.lines().zip(two.history.lines()).find(|(a, b)| a != b);
        assert_eq!(different, None, "seed {seed}");
        assert_eq!(one.history.len(), two.history.len(), "seed {seed}");
    }
    assert_ne!(run(1, None).history, run(2, None).history);
}

fn finds(fault: Fault, about: &str) {
    let found = (1..=PLANTED).find_map(|seed| {
        let outcome = run(seed, Some(fault));
        outcome.violations.iter().any(|v| v.contains(about)).then_some(outcome)
    });
    let found = found.unwrap_or_else(|| panic!("{fault:?} was not found in {PLANTED} courses"));
    println!("{fault:?} was found by seed {}: {:?}", found.course.seed, found.violations);
}

#[test]
fn sites_that_vote_twice_are_found_by_the_guesses() {
    finds(Fault::VotesTwice, "guesses in round");
}

#[test]
fn sites_that_acknowledge_before_they_store_are_found_by_what_is_told() {
    finds(Fault::AcknowledgesBeforeStoring, "has not stored");
}

#[test]
fn disks_that_lose_their_last_write_are_found() {
    finds(Fault::LosesLastWrite, "");
}
