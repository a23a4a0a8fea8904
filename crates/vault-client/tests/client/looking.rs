//! What is seen of an account, and of the sites that show it.

use super::support::*;
use std::time::Duration;
use vault_client::{Code, SiteProblem, VaultError};
use vault_protocol::{CodeOrigin, CodeState};

#[tokio::test(start_paused = true)]
async fn a_look_shows_what_t_sites_agree_on_and_each_sites_own_words() {
    let world = World::with(CodeOrigin::Generated).await;
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.record().unwrap().version, 1);
    assert_eq!((seen.round(), seen.next_slot(), seen.wait_seconds()), (1, 1, 0));
    assert_eq!(*seen.claim(), world.ada.claim());
    assert_eq!(
        seen.views.keys().copied().collect::<Vec<_>>(),
        world.fleet.sites().collect::<Vec<_>>()
    );
    for view in seen.views.values() {
        assert_eq!(view.own.code, CodeState::Open);
        assert!(view.own.has_box && !view.removed);
        assert_eq!(view.round, 1);
    }
    assert_eq!(seen.notes, Default::default());
}

#[tokio::test(start_paused = true)]
async fn tries_left_are_counted_by_votes() {
    let world = World::with(CodeOrigin::Own).await;
    for spent in 1..=3u8 {
        world.guess_wrong(1).await;
        let seen = world.client.look(world.ada.account()).await.unwrap();
        assert_eq!(seen.code(), Code::Open { tries_left: 10 - spent });
    }
}

#[tokio::test(start_paused = true)]
async fn silent_sites_are_named_and_cost_a_moment() {
    let world = World::with(CodeOrigin::Generated).await;
    world.hang(&[2], true);
    world.kill(&[5]);
    let (seen, took) = timed(world.client.look(world.ada.account())).await;
    let seen = seen.unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(seen.notes.silent().collect::<Vec<_>>(), [site(2), site(5)]);
    assert!(matches!(seen.notes.problems[&site(2)], SiteProblem::Late));
    assert!(matches!(seen.notes.problems[&site(5)], SiteProblem::Network(_)));
    assert!(seen.record().is_some(), "three agree");
}

#[tokio::test(start_paused = true)]
async fn two_sites_alone_say_nothing() {
    let world = World::with(CodeOrigin::Generated).await;
    world.kill(&[1, 2, 3]);
    let (seen, took) = timed(world.client.look(world.ada.account())).await;
    let Err(VaultError::TooFewSites(few)) = seen else { panic!("{seen:?}") };
    assert_eq!((few.answered, few.needed, few.sites), (2, 3, 5));
    assert!(took < Duration::from_secs(3), "who refuses connections is not waited for: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hung_majority_ends_in_an_error_and_not_in_a_wait_without_end() {
    let world = World::with(CodeOrigin::Generated).await;
    world.hang(&[1, 2, 3], true);
    let (seen, took) = timed(world.client.look(world.ada.account())).await;
    assert!(matches!(seen, Err(VaultError::TooFewSites(_))), "{seen:?}");
    assert!(took <= Duration::from_secs(15), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_one_site_shows_is_the_owners_word() {
    let world = World::with(CodeOrigin::Generated).await;
    world.kill(&[2, 3, 4, 5]);
    let sign = |message: &[u8]| world.ada.sign(message);
    let owner = vault_client::Owner { claim: world.ada.claim(), sign: &sign };
    let removed = world.client.remove(&owner).await;
    assert_eq!(removed.spread.acknowledged(), &sites(&[1]));
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert!(seen.is_removed());
    assert_eq!(seen.code(), Code::Removed);
}

#[tokio::test(start_paused = true)]
async fn one_clock_far_off_changes_nothing() {
    for off in [-3600, 3600, 86_400, -86_400] {
        let mut world = World::with(CodeOrigin::Own).await;
        world.fleet.clock(site(3)).set_off(off);
        world.recovers().await;
        let seen = world.client.look(world.ada.account()).await.unwrap();
        let right = vault_simulation::clock::START;
        assert!(seen.time().abs_diff(right) < 60, "{off}: {}", seen.time());
    }
}
