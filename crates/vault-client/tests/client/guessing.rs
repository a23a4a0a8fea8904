//! One guess: right, wrong, too soon, one too many.

use super::support::*;
use std::time::Duration;
use vault_client::{Code, VaultError};
use vault_protocol::CodeOrigin;
use vault_protocol::limits::MAX_TRIES;

#[tokio::test(start_paused = true)]
async fn the_right_code_opens_the_key_and_costs_nothing() {
    let mut world = World::with(CodeOrigin::Generated).await;
    let account = world.ada.account();
    for _ in 0..3 {
        let recovered = world.ada.recover(&world.client).await.unwrap();
        assert_eq!(recovered.vault_key, world.key);
        assert_eq!(recovered.slot, 1, "every round begins anew");
        assert!(recovered.spread.is_everywhere() && recovered.errand.is_none());
        assert!(recovered.notes.problems.is_empty() && recovered.notes.liars.is_empty());
        let seen = world.client.look(account).await.unwrap();
        assert_eq!(seen.code(), Code::Open { tries_left: MAX_TRIES });
    }
    assert_eq!(world.guesses().await, 4);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_generated_code_costs_no_try() {
    let world = World::with(CodeOrigin::Generated).await;
    let before = world.guesses().await;
    for _ in 0..20 {
        let refused = world.ada.try_code(&world.client, "wrong").await;
        let Err(VaultError::WrongCode(wrong)) = refused else { panic!("{refused:?}") };
        assert!(!wrong.spent && wrong.unfinished.is_none());
        assert_eq!(wrong.tries_left, MAX_TRIES);
    }
    assert_eq!(world.guesses().await, before);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_own_code_costs_one_try_each() {
    let world = World::with(CodeOrigin::Own).await;
    let before = world.guesses().await;
    for n in 1..=3 {
        let refused = world.ada.try_code(&world.client, "wrong").await;
        let Err(VaultError::WrongCode(wrong)) = refused else { panic!("{refused:?}") };
        assert!(wrong.spent && wrong.unfinished.is_none(), "all sites answered");
        assert_eq!(wrong.tries_left, MAX_TRIES - n);
        assert_eq!(wrong.unless_lying, 3, "of five sites three must have lied");
        assert_eq!(world.guesses().await, before + usize::from(n));
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_fifth_try_on_there_is_a_wait_that_votes_show() {
    let world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(4).await;
    let refused = world.ada.try_code(&world.client, "wrong").await;
    let Err(VaultError::TooSoon { seconds }) = refused else { panic!("{refused:?}") };
    assert!((25..=30).contains(&seconds), "{seconds}");
    assert_eq!(world.guesses().await, 1 + 4, "and nothing was spent");
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 5);
    assert!(seen.wait_seconds().abs_diff(seconds) <= 1);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    world.guess_wrong(1).await;
}

#[tokio::test(start_paused = true)]
async fn the_right_code_in_the_last_try_gives_all_tries_back() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(9).await;
    tokio::time::sleep(Duration::from_secs(960)).await;
    world.recovers().await;
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.code(), Code::Open { tries_left: MAX_TRIES });
}

#[tokio::test(start_paused = true)]
async fn a_used_up_own_code_is_frozen_and_its_owner_thaws_it() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(10).await;
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::Frozen { seconds }) = refused else { panic!("{refused:?}") };
    assert!(seconds > 6 * 24 * 3600);
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert!(matches!(seen.code(), Code::Frozen { .. }), "{:?}", seen.code());
    let sign = |message: &[u8]| world.ada.sign(message);
    let owner = vault_client::Owner { claim: world.ada.claim(), sign: &sign };
    let thawed = world.client.reset(&owner, seen.round()).await;
    assert!(thawed.spread.is_everywhere());
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn a_frozen_code_that_nobody_thaws_is_destroyed_after_a_week() {
    let plan = Plan { upkeep: Duration::from_secs(3600), ..Plan::fair(1) };
    let world = World::of(plan, CodeOrigin::Own).await;
    world.guess_wrong(10).await;
    tokio::time::sleep(Duration::from_secs(7 * 24 * 3600 + 7200)).await;
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    assert!(matches!(refused, Err(VaultError::Destroyed)), "{refused:?}");
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.code(), Code::Destroyed);
}

#[tokio::test(start_paused = true)]
async fn two_clients_at_once_both_get_through() {
    let world = World::with(CodeOrigin::Generated).await;
    let another = world.fleet.client(2);
    let (one, two) = tokio::join!(
        world.ada.try_code(&world.client, &world.ada.code),
        world.ada.try_code(&another, &world.ada.code),
    );
    for recovered in [one, two] {
        assert_eq!(recovered.unwrap().vault_key, world.key);
    }
    assert!(world.guesses().await <= 1 + 2);
}

#[tokio::test(start_paused = true)]
async fn six_clients_at_once_spend_no_more_than_six_guesses() {
    let world = World::with(CodeOrigin::Own).await;
    let clients: Vec<_> = (2..8).map(|i| world.fleet.client(i)).collect();
    let tries = clients.iter().map(|client| world.ada.try_code(client, "wrong"));
    let outcomes = futures::future::join_all(tries).await;
    let wrong = |o: &&Result<_, VaultError>| matches!(o, Err(VaultError::WrongCode(w)) if w.spent);
    let spent = outcomes.iter().filter(wrong).count();
    assert_eq!(world.guesses().await, 1 + spent, "{outcomes:?}");
    assert!(spent >= 1);
    for outcome in &outcomes {
        let honest = matches!(
            outcome,
            Err(VaultError::WrongCode(_) | VaultError::TooFewSites(_) | VaultError::TooSoon { .. })
        );
        assert!(honest, "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_another_computer_replaced_is_told_so() {
    let mut world = World::with(CodeOrigin::Generated).await;
    let before = world.ada.clone();
    world.ada.enroll(&world.client, 2).await.unwrap();
    let refused = before.try_code(&world.client, &before.code).await;
    assert!(matches!(refused, Err(VaultError::OldCode { current: 2 })), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_there_is_told_so() {
    let world = World::with(CodeOrigin::Generated).await;
    let header = vault_client::Header { account: NOBODY, ..world.ada.header() };
    let refused = world.ada.try_with(&world.client, header, "code").await;
    assert!(matches!(refused, Err(VaultError::NoSuchAccount)), "{refused:?}");
    assert!(matches!(world.client.look(NOBODY).await, Err(VaultError::NoSuchAccount)));
}
