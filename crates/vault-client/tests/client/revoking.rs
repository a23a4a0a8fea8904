//! The owner's word: removal, tries given back. It is told by how many sites.

use super::support::*;
use std::sync::Arc;
use vault_client::{Carried, Matter, Owner, SiteProblem, VaultError};
use vault_protocol::{CodeOrigin, Refusal};
use vault_simulation::tricks::{FalseAcknowledgements, StaleState, Withhold};

async fn remove(world: &World) -> Carried {
    let sign = |message: &[u8]| world.ada.sign(message);
    world.client.remove(&Owner { claim: world.ada.claim(), sign: &sign }).await
}

#[tokio::test(start_paused = true)]
async fn a_removal_ends_the_account_everywhere() {
    let world = World::with(CodeOrigin::Generated).await;
    let removed = remove(&world).await;
    assert_eq!(removed.matter, Matter::Removed);
    assert!(removed.spread.holds_despite(2) && removed.errand.is_none());
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    assert!(matches!(refused, Err(VaultError::Removed)), "{refused:?}");
    let again = world.ada.clone().enroll(&world.client, 2).await;
    assert!(matches!(again, Err(VaultError::Removed)), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn removed_at_three_of_five_holds_despite_nobody_and_is_carried_on() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.kill(&[4, 5]);
    let removed = remove(&world).await;
    assert_eq!(removed.spread.count(), 3);
    assert!(removed.spread.holds_despite(0) && !removed.spread.holds_despite(1));
    world.ada.errands.extend(removed.errand);
    world.start(&[4, 5]).await;
    world.ada.carry(&world.client).await;
    assert!(world.ada.errands.is_empty());
}

#[tokio::test(start_paused = true)]
async fn sites_that_come_back_hear_of_a_removal_from_the_others() {
    let world = World::with(CodeOrigin::Generated).await;
    world.kill(&[5]);
    remove(&world).await;
    world.start(&[5]).await;
    settle().await;
    let stored = world.fleet.stored(site(5), world.ada.account()).await.unwrap();
    assert!(stored.facts.is_removed());
}

#[tokio::test(start_paused = true)]
async fn with_two_liars_a_removal_that_holds_is_final() {
    let world = World::with(CodeOrigin::Own).await;
    world.corrupt(&[1], Arc::new(FalseAcknowledgements)).await;
    world.corrupt(&[2], Arc::new(StaleState::default())).await;
    let removed = remove(&world).await;
    assert!(removed.spread.count() >= 4, "{:?}", removed.spread);
    let before = world.guesses().await;
    for _ in 0..3 {
        let refused = world.ada.try_code(&world.client, &world.ada.code).await;
        assert!(matches!(refused, Err(VaultError::Removed)), "{refused:?}");
    }
    assert_eq!(world.guesses().await, before);
}

#[tokio::test(start_paused = true)]
async fn withheld_acknowledgements_are_not_counted_whatever_was_stored() {
    let world = World::with(CodeOrigin::Generated).await;
    world.corrupt(&[1, 2], Arc::new(Withhold::Acknowledgements)).await;
    let removed = remove(&world).await;
    assert_eq!(removed.spread.acknowledged(), &sites(&[3, 4, 5]));
    assert_eq!(removed.notes.problems[&site(1)], SiteProblem::Late);
}

#[tokio::test(start_paused = true)]
async fn nobody_else_ends_an_account() {
    let world = World::with(CodeOrigin::Generated).await;
    let thief =
        Person::new("thief", CodeOrigin::Own, &vault_simulation::dice::Dice::new(1, "thief"));
    let sign = |message: &[u8]| thief.sign(message);
    let removed = world.client.remove(&Owner { claim: world.ada.claim(), sign: &sign }).await;
    assert_eq!(removed.spread.count(), 0);
    assert!(!world.client.look(world.ada.account()).await.unwrap().is_removed());
}

#[tokio::test(start_paused = true)]
async fn an_account_that_no_site_knows_is_not_removed_anywhere() {
    let world = World::with(CodeOrigin::Generated).await;
    let other =
        Person::new("other", CodeOrigin::Own, &vault_simulation::dice::Dice::new(1, "other"));
    let sign = |message: &[u8]| other.sign(message);
    let removed = world.client.remove(&Owner { claim: other.claim(), sign: &sign }).await;
    assert_eq!(removed.spread.count(), 0);
    let refused = SiteProblem::Refused(Refusal::NoSuchAccount);
    assert!(removed.notes.problems.values().all(|problem| *problem == refused));
}

#[tokio::test(start_paused = true)]
async fn the_owner_gives_the_tries_back_without_a_guess() {
    let world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(3).await;
    let sign = |message: &[u8]| world.ada.sign(message);
    let owner = Owner { claim: world.ada.claim(), sign: &sign };
    let seen = world.client.look(world.ada.account()).await.unwrap();
    let reset = world.client.reset(&owner, seen.round()).await;
    assert_eq!(reset.matter, Matter::Round(seen.round() + 1));
    assert!(reset.spread.is_everywhere());
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 1);
}
