//! Invariant: which passkeys an account has is its owner's word, given in order, about passkeys that verify. Anything
//! else changes nothing.

mod support;

use ed25519_dalek::Signer;
use support::passkeys::*;
use support::*;
use vault_protocol::{Change, FleetId, PasskeyRecord, Refusal, RosterUpdate, SealedBox, Signature64, roster_message};
use vault_state::{Command, InMemory, Outcome};

/// Passkeys 5 and 6 of person 1 after changes 1 and 2; t sites were asked for change 3.
fn state_with_two() -> InMemory {
    let mut state = InMemory::default();
    play(&mut state, add(1, &[], first()));
    play(&mut state, add(1, &[first().digest()], second()));
    asked_for(&mut state, 1, 3);
    state
}

fn first() -> PasskeyRecord {
    passkey(1, 5, 1)
}

fn second() -> PasskeyRecord {
    passkey(1, 6, 2)
}

fn third() -> PasskeyRecord {
    passkey(1, 7, 3)
}

/// The change that adds passkey 7 to the two.
fn add_third(record: PasskeyRecord) -> Command {
    add(1, &[first().digest(), second().digest()], record)
}

fn asked_for(state: &mut InMemory, person: u8, change: Change) {
    for site in 1..=THRESHOLD {
        run(state, opening(person, change, site, 1000));
    }
}

fn assert_refused(command: Command, why: Refusal) {
    let mut state = state_with_two();
    let before = state.clone();
    assert_eq!(run(&mut state, command), Outcome::Refused(why));
    assert_eq!(state, before);
}

#[test]
fn the_change_as_it_should_be_is_taken() {
    assert_eq!(run(&mut state_with_two(), add_third(third())), Outcome::RosterSet { change: 3 });
}

#[test]
fn a_roster_signed_by_another_key() {
    let all = [first().digest(), second().digest(), third().digest()];
    let roster = roster(1, 3, &all);
    let signature = sign_roster(9, &roster);
    let update = RosterUpdate { roster, signature, added: Some(third()) };
    assert_refused(Command::SetRoster { update, at: 1000 }, Refusal::NotOwner);
}

#[test]
fn a_roster_of_a_stranger_with_their_own_key() {
    let mut roster = roster(1, 3, &[]);
    roster.owner = record(9, 1).owner;
    assert_refused(set(9, roster, None), Refusal::NotOwner);
}

#[test]
fn a_roster_that_was_changed_after_signing() {
    let signature = sign_roster(1, &roster(1, 3, &[first().digest()]));
    let update = RosterUpdate { roster: roster(1, 3, &[]), signature, added: None };
    assert_refused(Command::SetRoster { update, at: 1000 }, Refusal::NotOwner);
}

#[test]
fn a_roster_signed_for_another_account_or_fleet() {
    let signed_for = |fleet: FleetId, account_signed: u8| {
        let message = roster_message(&fleet, &roster(account_signed, 3, &[]));
        let signature = Signature64(owner(1).sign(&message).to_bytes());
        let update = RosterUpdate { roster: roster(1, 3, &[]), signature, added: None };
        Command::SetRoster { update, at: 1000 }
    };
    assert_refused(signed_for(FLEET, 2), Refusal::NotOwner);
    assert_refused(signed_for(FleetId([0xf2; 16]), 1), Refusal::NotOwner);
}

#[test]
fn an_older_roster_again() {
    assert_refused(add(1, &[], first()), Refusal::WrongChange { current: 2 });
    let back_to_one = set(1, roster(1, 2, &[first().digest()]), None);
    assert_refused(back_to_one, Refusal::WrongChange { current: 2 });
}

#[test]
fn a_change_that_leaves_one_out() {
    assert_refused(strike_off(1, 4, &[]), Refusal::WrongChange { current: 2 });
    assert_refused(strike_off(1, 0, &[]), Refusal::Malformed);
}

#[test]
fn a_roster_that_names_a_passkey_which_is_nowhere() {
    assert_refused(strike_off(1, 3, &[first().digest(), [0xee; 32]]), Refusal::NoSuchPasskey);
    assert_refused(strike_off(1, 3, &[first().digest(), third().digest()]), Refusal::NoSuchPasskey);
}

#[test]
fn a_roster_that_names_one_passkey_twice() {
    assert_refused(strike_off(1, 3, &[first().digest(), first().digest()]), Refusal::Malformed);
}

#[test]
fn a_passkey_that_was_struck_off_and_is_named_again() {
    let mut state = state_with_two();
    run(&mut state, strike_off(1, 3, &[second().digest()]));
    let before = state.clone();
    let back = strike_off(1, 4, &[second().digest(), first().digest()]);
    assert_eq!(run(&mut state, back), Outcome::Refused(Refusal::NoSuchPasskey));
    // Nor with its record: that was made for another change.
    asked_for(&mut state, 1, 4);
    let all = [second().digest(), first().digest()];
    let again = set(1, roster(1, 4, &all), Some(first()));
    assert_eq!(run(&mut state, again), Outcome::Refused(Refusal::Malformed));
    assert_eq!(state.accounts, before.accounts);
}

#[test]
fn a_passkey_that_is_not_on_its_roster() {
    let roster = roster(1, 3, &[first().digest(), second().digest()]);
    assert_refused(set(1, roster, Some(third())), Refusal::Malformed);
}

#[test]
fn a_second_record_of_one_credential() {
    let mut twin = third();
    twin.credential = credential(5);
    twin.registration = answer(&twin.challenge(&FLEET), 1, &twin.credential);
    assert_refused(add_third(twin), Refusal::Malformed);
}

#[test]
fn a_passkey_of_another_account_change_or_epoch() {
    let of = |bend: fn(&mut PasskeyRecord)| {
        let mut record = third();
        bend(&mut record);
        let all = [first().digest(), second().digest(), record.digest()];
        set(1, roster(1, 3, &all), Some(record))
    };
    assert_refused(of(|r| r.account = account(2)), Refusal::Malformed);
    assert_refused(of(|r| r.change = 2), Refusal::Malformed);
    assert_refused(of(|r| r.epoch = 2), Refusal::WrongEpoch { epoch: 2 });
}

#[test]
fn a_passkey_without_a_box_for_each_site_or_with_one_too_large() {
    let with = |bend: fn(&mut PasskeyRecord)| {
        let mut record = third();
        bend(&mut record);
        add_third(record)
    };
    assert_refused(with(|r| r.boxes.truncate(2)), Refusal::Malformed);
    assert_refused(with(|r| r.boxes.push(SealedBox(vec![]))), Refusal::Malformed);
    assert_refused(with(|r| r.boxes[0] = SealedBox(vec![0; 193])), Refusal::Malformed);
}

#[test]
fn nonces_of_fewer_than_t_sites() {
    for sites in [&[][..], &[1], &[1, 1], &[0, 1], &[1, 4]] {
        let mut record = third();
        record.nonces = nonces(sites, 3);
        record.registration = answer(&record.challenge(&FLEET), 1, &record.credential);
        assert_refused(add_third(record), Refusal::Malformed);
    }
}

#[test]
fn a_registration_over_other_nonces_or_of_another_account_or_credential() {
    let with = |registration: Vec<u8>| add_third(PasskeyRecord { registration, ..third() });
    let other_nonces = PasskeyRecord { nonces: nonces(&[1, 2], 9), ..third() };
    assert_refused(with(answer(&other_nonces.challenge(&FLEET), 1, &credential(7))), Refusal::PasskeyInvalid);
    let of_another = passkey(2, 7, 3);
    assert_refused(with(of_another.registration), Refusal::PasskeyInvalid);
    assert_refused(with(answer(&third().challenge(&FLEET), 1, &credential(8))), Refusal::PasskeyInvalid);
    assert_refused(with(vec![]), Refusal::PasskeyInvalid);
}

#[test]
fn an_empty_roster_for_an_account_that_is_not_there() {
    assert_refused(strike_off(2, 1, &[]), Refusal::NoSuchAccount);
}

#[test]
fn a_code_of_a_stranger_for_an_account_that_a_passkey_claimed() {
    let mut state = state_with_two();
    let mut record = record(1, 1);
    record.owner = support::record(9, 1).owner;
    for site in 1..=THRESHOLD {
        run(&mut state, evaluation(1, 1, site, 1000));
    }
    let signature = sign_record(9, &record);
    let claimed = run(&mut state, Command::Register { record, signature, at: 1000 });
    assert_eq!(claimed, Outcome::Refused(Refusal::NotOwner));
}
