//! Invariant: an account in a snapshot is taken only with the owner's signature and t receipts for its round.
#![allow(clippy::unwrap_used)]

mod support;

use support::*;
use vault_state::{Account, Current, InMemory, Untrusted, check_offered};

/// Registered, replaced once, one round confirmed, two tries into the next.
fn honest() -> Account {
    let mut state = InMemory::default();
    play(&mut state, register(1, 1));
    play(&mut state, register(1, 2));
    run(&mut state, reserve(1, 2, 1, 10));
    run(&mut state, confirm(1, 2, 1, 0, 1));
    run(&mut state, confirm(1, 2, 1, 0, 2));
    run(&mut state, reserve(1, 2, 2, 20));
    run(&mut state, reserve(1, 2, 3, 20));
    state.accounts.remove(&account(1)).unwrap()
}

fn check(held: Option<&Account>, change: impl FnOnce(&mut Account)) -> Result<(), Untrusted> {
    let mut offered = honest();
    change(&mut offered);
    check_offered(&fleet(), &passkeys::PlainBytes, &account(1), held, &offered)
}

#[test]
fn an_honest_account_is_taken() {
    assert_eq!(check(None, |_| ()), Ok(()));
    assert_eq!(check(Some(&honest()), |_| ()), Ok(()));
}

#[test]
fn a_swapped_box_is_refused() {
    let swap = |a: &mut Account| {
        if let Current::Sealed { record, .. } = &mut a.current {
            record.boxes.swap(0, 1);
        }
    };
    assert_eq!(check(None, swap), Err(Untrusted::Owner));
}

#[test]
fn a_raised_limit_is_refused() {
    assert_eq!(check(None, |a| a.max_tries = 200), Err(Untrusted::Record));
}

#[test]
fn a_round_without_receipts_is_refused() {
    let next_round = |a: &mut Account| {
        a.round += 1;
        a.tries.clear();
    };
    assert_eq!(check(None, next_round), Err(Untrusted::Receipts));
    assert_eq!(check(None, |a| a.last_confirm = None), Err(Untrusted::Receipts));
}

#[test]
fn one_receipt_under_two_names_is_refused() {
    let double = |a: &mut Account| {
        let receipts = &mut a.last_confirm.as_mut().unwrap().receipts;
        let (first, receipt) = receipts.pop_first().unwrap();
        receipts.clear();
        receipts.insert(first, receipt.clone());
        receipts.insert(vault_protocol::SiteIndex(3), receipt);
    };
    assert_eq!(check(None, double), Err(Untrusted::Receipts));
}

#[test]
fn fewer_tries_than_this_site_has_seen_are_refused() {
    assert_eq!(check(Some(&honest()), |a| a.tries.truncate(1)), Err(Untrusted::Older));
}

#[test]
fn a_tombstone_cannot_be_revived() {
    let mut held = honest();
    let Current::Sealed { .. } = &held.current else { unreachable!() };
    held.current = Current::Gone(vault_state::Gone::Destroyed);
    assert_eq!(check(Some(&held), |_| ()), Err(Untrusted::Older));
}
