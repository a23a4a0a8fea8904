//! Invariant: the passkeys of an account in a snapshot are those of its owner's last word, each verifies, and none that
//! was struck off comes back.
#![allow(clippy::unwrap_used)]

mod support;

use support::passkeys::*;
use support::*;
use vault_protocol::PasskeyRecord;
use vault_state::{Account, Current, Gone, InMemory, Passkey, SignedRoster, Untrusted, check_offered};

/// Passkeys 5 and 6, of which 6 was used; no code.
fn honest() -> Account {
    let mut state = InMemory::default();
    play(&mut state, add(1, &[], passkey(1, 5, 1)));
    play(&mut state, add(1, &[passkey(1, 5, 1).digest()], passkey(1, 6, 2)));
    run(&mut state, use_passkey(1, 6, 40, 10));
    state.accounts.remove(&account(1)).unwrap()
}

/// As [`honest`], and then passkey 6 was struck off.
fn after_removal() -> Account {
    let mut state = InMemory::default();
    state.accounts.insert(account(1), honest());
    run(&mut state, strike_off(1, 3, &[passkey(1, 5, 1).digest()]));
    state.accounts.remove(&account(1)).unwrap()
}

/// As [`honest`], and then the owner removed the account.
fn after_the_end() -> Account {
    let mut state = InMemory::default();
    state.accounts.insert(account(1), honest());
    run(&mut state, remove(1, 0, 1));
    state.accounts.remove(&account(1)).unwrap()
}

fn check(held: Option<&Account>, offered: &Account) -> Result<(), Untrusted> {
    check_offered(&fleet(), &PlainBytes, &account(1), held, offered)
}

/// Of an honest account that was bent, for a site that holds nothing of it.
fn check_bent(bend: impl FnOnce(&mut Account)) -> Result<(), Untrusted> {
    let mut offered = honest();
    bend(&mut offered);
    check(None, &offered)
}

fn signed(account: &mut Account) -> &mut SignedRoster {
    account.passkeys.roster.as_mut().unwrap()
}

fn held_as(record: PasskeyRecord) -> Passkey {
    Passkey { digest: record.digest(), record, added: 1, last_used: None, counter: 1, last_challenge: None }
}

#[test]
fn an_honest_account_is_taken() {
    assert_eq!(check(None, &honest()), Ok(()));
    assert_eq!(check(Some(&honest()), &honest()), Ok(()));
    assert_eq!(check(Some(&honest()), &after_removal()), Ok(()));
    assert_eq!(check(None, &after_the_end()), Ok(()));
    assert_eq!(check(Some(&honest()), &after_the_end()), Ok(()));
}

#[test]
fn an_account_with_neither_code_nor_roster_is_refused() {
    let empty = |a: &mut Account| (a.passkeys.roster, a.passkeys.held) = (None, vec![]);
    assert_eq!(check_bent(empty), Err(Untrusted::Record));
    assert_eq!(check_bent(|a| a.version = 1), Err(Untrusted::Record));
}

#[test]
fn passkeys_without_a_roster_are_refused() {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    let mut offered = state.accounts.remove(&account(1)).unwrap();
    assert_eq!(check(None, &offered), Ok(()));
    offered.passkeys.held = honest().passkeys.held;
    assert_eq!(check(None, &offered), Err(Untrusted::Passkeys));
}

#[test]
fn a_roster_that_is_not_signed_by_the_owner_is_refused() {
    let refused = Err(Untrusted::Passkeys);
    assert_eq!(check_bent(|a| signed(a).signature.0[0] ^= 1), refused);
    assert_eq!(check_bent(|a| signed(a).roster.change += 1), refused);
    let by_another = |a: &mut Account| {
        let signed = signed(a);
        signed.roster.owner = record(9, 1).owner;
        signed.signature = sign_roster(9, &signed.roster);
    };
    assert_eq!(check_bent(by_another), refused);
    let of_another_account = |a: &mut Account| {
        let signed = signed(a);
        signed.roster.account = account(2);
        signed.signature = sign_roster(1, &signed.roster);
    };
    assert_eq!(check_bent(of_another_account), refused);
}

#[test]
fn a_roster_that_no_site_would_have_taken_is_refused() {
    let nine = |a: &mut Account| {
        a.passkeys.held = (1..=9).map(|id| held_as(passkey(1, id, id.into()))).collect();
        let all: Vec<_> = a.passkeys.held.iter().map(|p| p.digest).collect();
        let roster = roster(1, 9, &all);
        a.passkeys.roster = Some(SignedRoster { signature: sign_roster(1, &roster), roster });
    };
    assert_eq!(check_bent(nine), Err(Untrusted::Passkeys));
}

#[test]
fn passkeys_other_than_those_on_the_roster_are_refused() {
    let refused = Err(Untrusted::Passkeys);
    assert_eq!(check_bent(|a| drop(a.passkeys.held.pop())), refused, "one too few");
    assert_eq!(check_bent(|a| a.passkeys.held.push(held_as(passkey(1, 7, 3)))), refused, "one too many");
    assert_eq!(check_bent(|a| a.passkeys.held.swap(0, 1)), refused, "another order");
    assert_eq!(check_bent(|a| a.passkeys.held[1] = held_as(passkey(1, 7, 2))), refused, "another one");
}

#[test]
fn a_record_under_the_digest_of_another_is_refused() {
    let swapped_box = |a: &mut Account| a.passkeys.held[0].record.boxes.swap(0, 1);
    assert_eq!(check_bent(swapped_box), Err(Untrusted::Passkeys));
}

#[test]
fn a_passkey_of_another_account_or_epoch_or_without_a_registration_is_refused() {
    let with = |bend: fn(&mut PasskeyRecord)| {
        let mut record = passkey(1, 5, 1);
        bend(&mut record);
        let roster = roster(1, 3, &[record.digest()]);
        check_bent(|a| {
            a.passkeys.held = vec![held_as(record)];
            a.passkeys.roster = Some(SignedRoster { signature: sign_roster(1, &roster), roster });
        })
    };
    assert_eq!(with(|_| ()), Ok(()));
    assert_eq!(with(|r| r.account = account(2)), Err(Untrusted::Passkeys));
    assert_eq!(with(|r| r.epoch = 2), Err(Untrusted::Passkeys));
    assert_eq!(with(|r| r.registration[0] ^= 1), Err(Untrusted::Passkeys));
    assert_eq!(with(|r| r.nonces.truncate(1)), Err(Untrusted::Passkeys));
    assert_eq!(with(|r| r.boxes.truncate(2)), Err(Untrusted::Passkeys));
}

#[test]
fn a_passkey_that_was_struck_off_does_not_come_back() {
    assert_eq!(check(Some(&after_removal()), &honest()), Err(Untrusted::Older));
    let mut newer_roster_older_passkeys = honest();
    newer_roster_older_passkeys.passkeys.roster = after_removal().passkeys.roster;
    assert_eq!(check(Some(&after_removal()), &newer_roster_older_passkeys), Err(Untrusted::Passkeys));
}

#[test]
fn an_account_without_the_roster_that_this_site_holds_is_refused() {
    let mut state = InMemory::default();
    state.accounts.insert(account(1), honest());
    play(&mut state, register(1, 1));
    let held = state.accounts.remove(&account(1)).unwrap();
    let mut offered = held.clone();
    offered.passkeys = vault_state::Passkeys::default();
    assert_eq!(check(None, &offered), Ok(()), "a site that knows nothing of it cannot tell");
    assert_eq!(check(Some(&held), &offered), Err(Untrusted::Older));
}

#[test]
fn another_roster_of_the_same_change_is_refused() {
    let mut offered = honest();
    let roster = roster(1, 2, &[passkey(1, 5, 1).digest()]);
    offered.passkeys.roster = Some(SignedRoster { signature: sign_roster(1, &roster), roster });
    offered.passkeys.held.truncate(1);
    assert_eq!(check(None, &offered), Ok(()));
    assert_eq!(check(Some(&honest()), &offered), Err(Untrusted::Older));
}

#[test]
fn a_counter_that_was_set_back_is_refused() {
    let mut offered = honest();
    offered.passkeys.held[1].counter = 9;
    assert_eq!(check(None, &offered), Ok(()), "a site that knows nothing of it cannot tell");
    assert_eq!(check(Some(&honest()), &offered), Err(Untrusted::Older));
}

#[test]
fn an_account_that_its_owner_removed_has_no_passkeys() {
    let mut with_passkeys = after_the_end();
    with_passkeys.passkeys.held = honest().passkeys.held;
    assert_eq!(check(None, &with_passkeys), Err(Untrusted::Passkeys));
    assert_eq!(check(Some(&after_the_end()), &with_passkeys), Err(Untrusted::Passkeys));
    // As if only its code had been destroyed.
    with_passkeys.current = Current::Gone(Gone::Destroyed);
    assert_eq!(check(Some(&after_the_end()), &with_passkeys), Err(Untrusted::Older));
    assert_eq!(check(Some(&after_the_end()), &honest()), Err(Untrusted::Older));
}
