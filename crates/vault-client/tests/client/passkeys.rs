//! A passkey: registered, used, struck off.

use super::support::*;
use std::sync::Arc;
use std::time::Duration;
use vault_client::{Lie, NewPasskey, Owner, PasskeyRegistered, VaultError};
use vault_protocol::{CodeOrigin, PasskeyHead, RosterNumber};
use vault_simulation::dice::Dice;
use vault_simulation::passkeys::SimulatedPasskey;
use vault_simulation::tricks::{FalseShares, Withhold};

async fn add(
    world: &World,
    passkey: &SimulatedPasskey,
    number: RosterNumber,
    others: &[[u8; 32]],
) -> Result<PasskeyRegistered, VaultError> {
    let begun = world.client.begin_passkey(world.ada.account()).await?;
    let registration = passkey.register(&begun.challenge());
    let credential = passkey.credential();
    let new = NewPasskey { number, others, credential: &credential, registration };
    let sign = |message: &[u8]| world.ada.sign(message);
    let owner = Owner { claim: world.ada.claim(), sign: &sign };
    world.client.register_passkey(begun, new, &owner).await
}

async fn release(
    world: &World,
    passkey: &mut SimulatedPasskey,
    head: &PasskeyHead,
) -> Result<vault_client::Released, VaultError> {
    let begun = world.client.begin_release(world.ada.account()).await?;
    let assertion = passkey.assert(&begun.challenge());
    world.client.release(begun, head, assertion).await
}

fn passkey(n: u8) -> SimulatedPasskey {
    SimulatedPasskey::new([n; 32])
}

#[tokio::test(start_paused = true)]
async fn a_passkey_is_registered_seen_and_released_to() {
    let world = World::with(CodeOrigin::Generated).await;
    let mut key = passkey(1);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    assert!(registered.carried.spread.is_everywhere());
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.roster(), 1);
    let shown = seen.passkeys();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].head, registered.head);
    assert_eq!(shown[0].sites.len(), 5);
    for _ in 0..2 {
        let released = release(&world, &mut key, &shown[0].head).await.unwrap();
        assert_eq!(released.secret, registered.secret);
        assert!(released.notes.liars.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_may_begin_with_a_passkey() {
    let fleet = Fleet::start(Plan::fair(5)).await;
    let client = fleet.client(1);
    let bea = Person::new("bea", CodeOrigin::Generated, &Dice::new(5, "bea"));
    let key = vault_client::VaultKey::clone(&World::with(CodeOrigin::Generated).await.key);
    let world = World { fleet, client, ada: bea, key };
    let mut key = passkey(2);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.code(), vault_client::Code::None);
    let released = release(&world, &mut key, &registered.head).await.unwrap();
    assert_eq!(released.secret, registered.secret);
    let refused = world.ada.try_code(&world.client, "code").await;
    assert!(matches!(refused, Err(VaultError::NoCode)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn two_sites_away_and_a_liar_do_not_keep_the_secret() {
    let world = World::with(CodeOrigin::Generated).await;
    let mut key = passkey(1);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    world.corrupt(&[1], Arc::new(Withhold::Everything)).await;
    world.kill(&[2]);
    let released = release(&world, &mut key, &registered.head).await.unwrap();
    assert_eq!(released.secret, registered.secret);
    assert_eq!(released.used, [3, 4, 5].map(site));
}

#[tokio::test(start_paused = true)]
async fn another_passkeys_answer_is_refused() {
    let world = World::with(CodeOrigin::Generated).await;
    let registered = add(&world, &passkey(1), 1, &[]).await.unwrap();
    let refused = release(&world, &mut passkey(9), &registered.head).await;
    assert!(matches!(refused.err(), Some(VaultError::NoSuchPasskey)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_another_session_is_worth_nothing() {
    let world = World::with(CodeOrigin::Generated).await;
    let mut key = passkey(1);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    let account = world.ada.account();
    // Somebody between begins sessions of his own with the same sites, and has the person sign
    // these.
    let of_the_relay = world.fleet.client(2).begin_release(account).await.unwrap();
    let of_the_person = world.client.begin_release(account).await.unwrap();
    let assertion = key.assert(&of_the_relay.challenge());
    let refused = world.client.release(of_the_person, &registered.head, assertion).await;
    assert!(matches!(refused.err(), Some(VaultError::PasskeyInvalid)));
}

#[tokio::test(start_paused = true)]
async fn a_person_who_takes_too_long_is_told_to_begin_again() {
    let world = World::with(CodeOrigin::Generated).await;
    let mut key = passkey(1);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    let begun = world.client.begin_release(world.ada.account()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(121)).await;
    let assertion = key.assert(&begun.challenge());
    let refused = world.client.release(begun, &registered.head, assertion).await.err();
    let told = matches!(refused, Some(VaultError::ChallengeExpired | VaultError::TooFewSites(_)));
    assert!(told, "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_struck_off_passkey_opens_nothing() {
    let world = World::with(CodeOrigin::Generated).await;
    let (mut lost, mut stays) = (passkey(1), passkey(2));
    let first = add(&world, &lost, 1, &[]).await.unwrap();
    let second = add(&world, &stays, 2, &[first.head.digest()]).await.unwrap();
    let sign = |message: &[u8]| world.ada.sign(message);
    let owner = Owner { claim: world.ada.claim(), sign: &sign };
    let left = world.client.leave_passkeys(&owner, 3, &[second.head.digest()]).await;
    assert!(left.spread.holds_despite(2));
    let refused = release(&world, &mut lost, &first.head).await.err();
    assert!(matches!(refused, Some(VaultError::NoSuchPasskey)), "{refused:?}");
    let released = release(&world, &mut stays, &second.head).await.unwrap();
    assert_eq!(released.secret, second.secret);
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.passkeys().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_old_roster_is_told_apart_from_a_new_one() {
    let world = World::with(CodeOrigin::Generated).await;
    let first = add(&world, &passkey(1), 1, &[]).await.unwrap();
    add(&world, &passkey(2), 2, &[first.head.digest()]).await.unwrap();
    let refused = add(&world, &passkey(3), 1, &[]).await.err();
    assert!(matches!(refused, Some(VaultError::WrongRoster { current: 2 })), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn false_shares_of_two_sites_are_worked_around_and_named() {
    let world = World::with(CodeOrigin::Generated).await;
    let mut key = passkey(1);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    // They verify nothing themselves here; what they release is wrong.
    world.corrupt(&[1, 2], Arc::new(FalseShares)).await;
    let released = release(&world, &mut key, &registered.head).await.unwrap();
    assert_eq!(released.secret, registered.secret);
    let named: Vec<_> = released.notes.liars.keys().map(|liar| liar.0).collect();
    assert!(!named.is_empty() && named.iter().all(|liar| [1, 2].contains(liar)), "{named:?}");
    for lies in released.notes.liars.values() {
        assert!(lies.contains(&Lie::WrongShare), "{lies:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn failed_answers_make_a_wait_and_never_a_lock() {
    let world = World::with(CodeOrigin::Generated).await;
    let mut key = passkey(1);
    let registered = add(&world, &key, 1, &[]).await.unwrap();
    let account = world.ada.account();
    for _ in 0..4 {
        let begun = world.client.begin_release(account).await.unwrap();
        let refused = world.client.release(begun, &registered.head, vec![1; 100]).await.err();
        assert!(matches!(refused, Some(VaultError::NoSuchPasskey)), "{refused:?}");
    }
    let waits = world.client.begin_release(account).await.err();
    assert!(matches!(waits, Some(VaultError::PasskeyTooSoon { .. })), "{waits:?}");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert!(release(&world, &mut key, &registered.head).await.is_ok());
}
