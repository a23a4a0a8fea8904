//! Invariant: a command without a valid proof leaves the state as it was.

mod support;

use support::*;
use vault_protocol::{Policy, Receipt, Refusal, Signature64, SiteIndex};
use vault_state::{Command, InMemory, Outcome};

fn state_with_a_try() -> InMemory {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    run(&mut state, reserve(1, 1, 7, 10));
    state
}

fn assert_refused(command: Command, why: Refusal) {
    let mut state = state_with_a_try();
    let before = state.clone();
    assert_eq!(run(&mut state, command), Outcome::Refused(why));
    assert_eq!(state, before);
}

fn confirm_with(receipt: Receipt) -> Command {
    Command::Confirm { account: account(1), version: 1, try_id: guess(7), receipt, at: 1 }
}

#[test]
fn a_first_claim_signed_by_another_key() {
    let record = record(2, 1);
    let signature = sign_record(9, &record);
    assert_refused(Command::Register { record, signature, at: 1 }, Refusal::NotOwner);
}

#[test]
fn a_replacement_by_a_stranger_with_their_own_key() {
    let mut record = record(1, 2);
    record.owner = support::record(9, 1).owner;
    let signature = sign_record(9, &record);
    assert_refused(Command::Register { record, signature, at: 1 }, Refusal::NotOwner);
}

#[test]
fn a_replacement_whose_boxes_were_swapped_after_signing() {
    let mut record = record(1, 2);
    let signature = sign_record(1, &record);
    record.boxes.swap(0, 1);
    assert_refused(Command::Register { record, signature, at: 1 }, Refusal::NotOwner);
}

#[test]
fn a_replacement_with_more_tries_than_the_limit() {
    let mut record = record(1, 2);
    record.policy = Policy { max_tries: 11 };
    let signature = sign_record(1, &record);
    assert_refused(Command::Register { record, signature, at: 1 }, Refusal::Malformed);
}

#[test]
fn a_replacement_that_skips_a_version() {
    assert_refused(register(1, 3), Refusal::WrongVersion { current: 1 });
}

#[test]
fn a_second_first_claim_by_the_owner_with_other_boxes() {
    let mut record = record(1, 1);
    record.boxes.reverse();
    let signature = sign_record(1, &record);
    assert_refused(Command::Register { record, signature, at: 1 }, Refusal::WrongVersion { current: 1 });
}

#[test]
fn a_record_of_another_epoch() {
    let mut record = record(1, 2);
    record.epoch = 2;
    let signature = sign_record(1, &record);
    assert_refused(Command::Register { record, signature, at: 1 }, Refusal::WrongEpoch { epoch: 2 });
}

#[test]
fn a_removal_by_a_stranger() {
    assert_refused(remove(1, 1, 9), Refusal::NotOwner);
}

#[test]
fn a_removal_signed_for_another_version() {
    let Command::Remove { account, signature, at, .. } = remove(1, 2, 1) else { unreachable!() };
    assert_refused(Command::Remove { account, version: 1, signature, at }, Refusal::NotOwner);
}

#[test]
fn a_receipt_signed_by_another_site() {
    assert_refused(confirm_with(receipt(1, 1, 7, 0, 2, 1)), Refusal::WrongTag);
}

#[test]
fn a_receipt_for_another_person_try_version_or_round() {
    for (person, version, id, round) in [(2, 1, 7, 0), (1, 2, 7, 0), (1, 1, 8, 0), (1, 1, 7, 1)] {
        assert_refused(confirm_with(receipt(person, version, id, round, 1, 1)), Refusal::WrongTag);
    }
}

#[test]
fn a_receipt_of_a_site_that_is_not_in_the_fleet() {
    for site in [0, 4, 255] {
        let signature = receipt(1, 1, 7, 0, 1, 1).signature;
        assert_refused(confirm_with(Receipt { site: SiteIndex(site), signature }), Refusal::WrongTag);
    }
}

#[test]
fn a_receipt_that_is_not_a_signature() {
    for bytes in [[0; 64], [0xff; 64]] {
        assert_refused(confirm_with(Receipt { site: SiteIndex(1), signature: Signature64(bytes) }), Refusal::WrongTag);
    }
}

#[test]
fn receipts_of_an_earlier_round_for_a_try_that_was_reserved_again() {
    let mut state = state_with_a_try();
    let old = [confirm(1, 1, 7, 0, 1), confirm(1, 1, 7, 0, 2)];
    for command in old.clone() {
        run(&mut state, command);
    }
    // Another recovery, so that try 7 is not the last confirmed one any more.
    run(&mut state, reserve(1, 1, 8, 20));
    run(&mut state, confirm(1, 1, 8, 1, 1));
    run(&mut state, confirm(1, 1, 8, 1, 2));
    assert_eq!(run(&mut state, reserve(1, 1, 7, 30)), Outcome::Reserved { tries_left: 9 });
    for command in old {
        assert_eq!(run(&mut state, command), Outcome::Refused(Refusal::WrongTag));
    }
    assert_eq!(state.accounts[&account(1)].tries_left(), 9);
}
