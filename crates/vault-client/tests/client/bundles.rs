//! Current and next bundle side by side, a bundle that was not verified, and a fleet of version 1.

use super::support::*;
use std::sync::Arc;
use vault_client::{Fleet as Client, Reply, SiteProblem, VaultError};
use vault_protocol::CodeOrigin;

#[tokio::test(start_paused = true)]
async fn a_client_with_the_older_bundle_gets_through_while_the_fleet_changes_over() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.fleet.publish_next();
    for i in 1..=5 {
        world.kill(&[i]);
        world.start(&[i]).await;
        world.recovers().await;
    }
    let seen = world.client.look(world.ada.account()).await.unwrap();
    let newest = world.fleet.bundles()[0].id();
    assert_eq!(seen.notes.other_bundles.len(), 5, "the sites name a bundle that it has not");
    assert!(seen.notes.other_bundles.values().all(|id| *id == newest));
}

#[tokio::test(start_paused = true)]
async fn a_client_with_the_newer_bundle_uses_the_older_one_where_it_is_served() {
    let world = World::with(CodeOrigin::Generated).await;
    world.fleet.publish_next();
    let bundles = world.fleet.bundles();
    let client = Client::new(&bundles[0], &bundles[1..], world.fleet.ports(2));
    // No site serves the new one yet; then two do; then all.
    for restarted in [&[][..], &[1, 2], &[3, 4, 5]] {
        world.kill(restarted);
        world.start(restarted).await;
        let recovered = world.ada.try_code(&client, &world.ada.code).await.unwrap();
        assert_eq!(recovered.vault_key, world.key);
        assert!(recovered.notes.problems.is_empty(), "{:?}", recovered.notes.problems);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_was_not_verified_is_not_used() {
    let world = World::with(CodeOrigin::Generated).await;
    world.fleet.publish_next();
    let bundles = world.fleet.bundles();
    let only_newest = Client::new(&bundles[0], &[], world.fleet.ports(2));
    let refused = world.ada.try_code(&only_newest, &world.ada.code).await;
    let Err(VaultError::TooFewSites(few)) = refused else { panic!("{refused:?}") };
    let older = SiteProblem::OtherBundle(bundles[1].id());
    assert!(few.notes.problems.values().all(|problem| *problem == older), "{:?}", few.notes);
}

#[tokio::test(start_paused = true)]
async fn a_bundle_of_other_keys_is_left_out() {
    let world = World::with(CodeOrigin::Generated).await;
    let other = Fleet::start(Plan::fair(77)).await;
    let bundles = [world.fleet.bundles(), other.bundles()].concat();
    let client = Client::new(&bundles[0], &bundles[1..], world.fleet.ports(2));
    assert!(world.ada.try_code(&client, &world.ada.code).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_fleet_of_version_1_is_told() {
    let world = World::with(CodeOrigin::Generated).await;
    for i in world.fleet.sites() {
        let nothing_here = Reply { status: 404, body: vec![], bundle: None, retry_after: None };
        world.fleet.set_door(i, Some(Arc::new(move |_| Some(nothing_here.clone()))));
    }
    let refused = world.client.look(world.ada.account()).await;
    assert!(matches!(refused, Err(VaultError::OlderFleet)), "{refused:?}");
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    assert!(matches!(refused, Err(VaultError::OlderFleet)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn two_sites_that_say_so_do_not_make_it_an_older_fleet() {
    let mut world = World::with(CodeOrigin::Generated).await;
    for i in [1, 2] {
        let gone = Reply { status: 410, body: vec![], bundle: None, retry_after: None };
        world.fleet.set_door(site(i), Some(Arc::new(move |_| Some(gone.clone()))));
    }
    world.recovers().await;
}
