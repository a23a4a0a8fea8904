//! Every fault that is planted is found: a model that finds nothing proves nothing.

use crate::faults::Fault;
use crate::guesses::Guesses;
use stateright::{Checker, HasDiscoveries, Model};
use vault_protocol::GuessPolicy;

fn breaks(model: Guesses, promise: &'static str) {
    let fault = model.fault;
    let found = HasDiscoveries::AnyOf([promise].into());
    let checked = model.checker().threads(2).finish_when(found).spawn_bfs().join();
    let broken: Vec<_> = checked.discoveries().into_keys().collect();
    assert!(broken.contains(&promise), "{fault:?} breaks {broken:?}, not {promise:?}");
}

fn finds(fault: Fault, promise: &'static str) {
    breaks(Guesses::new(3, 1, GuessPolicy::Balanced).tries(1, 2).rounds(2).with(fault), promise);
}

/// Where all three sites have to vote: one guess a slot.
fn finds_in_strict(fault: Fault, promise: &'static str) {
    breaks(Guesses::new(3, 1, GuessPolicy::Strict).tries(1, 2).rounds(1).with(fault), promise);
}

const ONCE: &str = "an honest site votes once in a slot";
const BOUND: &str = "no more guesses in a slot than the bound";
const LIMIT: &str = "no guess beyond the limit or without the access key";
const EARNED: &str = "no round ends without the right code";

#[test]
fn a_vote_given_twice() {
    finds(Fault::VotesTwice, ONCE);
    finds_in_strict(Fault::VotesTwice, BOUND);
}

#[test]
fn a_vote_lost_in_a_crash() {
    finds(Fault::LosesVotesInACrash, ONCE);
}

#[test]
fn a_vote_beyond_the_limit() {
    finds(Fault::VotesBeyondTheLimit, LIMIT);
}

#[test]
fn a_vote_for_a_try_that_nobody_signed() {
    finds(Fault::VotesForUnsignedTries, LIMIT);
}

#[test]
fn a_vote_before_the_slot_is_open() {
    let model = Guesses::new(3, 1, GuessPolicy::Balanced).tries(2, 1).rounds(1);
    breaks(model.with(Fault::VotesInAnySlot), "slots are spent in order");
}

#[test]
fn an_evaluation_with_too_few_votes() {
    finds_in_strict(Fault::EvaluatesWithTooFewVotes, BOUND);
}

#[test]
fn one_vote_counted_twice() {
    finds_in_strict(Fault::CountsOneVoteTwice, BOUND);
}

#[test]
fn a_round_adopted_unproved() {
    finds(Fault::AdoptsRoundsUnproved, EARNED);
}

#[test]
fn receipts_of_another_round() {
    finds(Fault::TakesReceiptsOfAnotherRound, EARNED);
}

#[test]
fn a_receipt_for_a_wrong_code() {
    finds(Fault::SignsReceiptsForWrongCodes, EARNED);
}

#[test]
fn a_site_that_goes_back_a_round() {
    finds(Fault::GoesBackARound, "no site goes back a round");
}
