//! Sites that are away, hang, restart, lose messages; devices that are slow; clocks that are wrong.

use super::support::*;
use std::time::Duration;
use vault_client::VaultError;
use vault_protocol::{Answer, CodeOrigin, GuessPolicy, Refusal, Request};
use vault_simulation::network::{Node, Weather};
use vault_simulation::raw::RawClient;
use vault_simulation::tricks::scripted;

#[tokio::test(start_paused = true)]
async fn any_three_of_five_sites_are_enough() {
    for away in [[1, 2], [1, 5], [2, 4], [4, 5], [3, 5]] {
        let mut world = World::with(CodeOrigin::Generated).await;
        world.kill(&away);
        let (_, took) = timed(world.recovers()).await;
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_three_sites_away_nothing_is_spent() {
    let world = World::with(CodeOrigin::Own).await;
    world.kill(&[1, 2, 3]);
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::TooFewSites(few)) = refused else { panic!("{refused:?}") };
    assert_eq!((few.answered, few.needed), (2, 3));
    world.start(&[1, 2, 3]).await;
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 1);
    for i in world.fleet.sites() {
        let stored = world.fleet.stored(i, world.ada.account()).await.unwrap();
        assert!(stored.facts.voters(1).is_empty(), "not even a vote");
    }
}

#[tokio::test(start_paused = true)]
async fn a_strict_fleet_needs_four() {
    let plan = Plan { policy: GuessPolicy::Strict, ..Plan::fair(4) };
    let mut world = World::of(plan, CodeOrigin::Own).await;
    world.kill(&[5]);
    world.recovers().await;
    world.kill(&[4]);
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::TooFewSites(few)) = refused else { panic!("{refused:?}") };
    assert_eq!((few.answered, few.needed), (3, 4));
}

#[tokio::test(start_paused = true)]
async fn fleets_of_three_and_seven() {
    for (n, away) in [(3, &[2][..]), (7, &[1, 4, 7])] {
        let mut world = World::of(Plan { sites: n, ..Plan::fair(6) }, CodeOrigin::Generated).await;
        world.recovers().await;
        world.kill(away);
        world.recovers().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_is_sent_again() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.fleet.network().set_weather(Weather { lost: 80, repeated: 80, ..Weather::FAIR });
    for _ in 0..5 {
        let recovered = world.ada.try_code(&world.client, &world.ada.code).await;
        match recovered {
            Ok(recovered) => assert_eq!(recovered.vault_key, world.key),
            Err(VaultError::TooFewSites(_) | VaultError::Unfinished(_)) => {}
            Err(VaultError::TooSoon { seconds }) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    world.fleet.network().set_weather(Weather::FAIR);
    tokio::time::sleep(Duration::from_secs(960)).await;
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn a_certified_try_that_was_not_evaluated_is_gone_on_with() {
    let world = World::with(CodeOrigin::Own).await;
    // Every site votes, and then cannot reach its device.
    let away = scripted(|_, request, honest| match request {
        Request::Evaluate { .. } => Some(Err(Refusal::Unavailable { reason: "away".into() })),
        _ => Some(honest),
    });
    for i in [2, 3, 4, 5] {
        world.fleet.corrupt(site(i), Some(away.clone())).await;
    }
    let stopped = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::Unfinished(unfinished)) = stopped else { panic!("{stopped:?}") };
    assert_eq!((unfinished.evaluated(), unfinished.needed(), unfinished.sites()), (1, 3, 5));
    assert!(!format!("{unfinished:?}").contains("code"));
    for i in [2, 3, 4, 5] {
        world.fleet.corrupt(site(i), None).await;
    }
    let before = world.guesses().await;
    let recovered = world.client.resume(*unfinished).await.unwrap();
    assert_eq!(recovered.vault_key, world.key);
    assert_eq!(recovered.slot, 1);
    assert!(recovered.spread.is_settled());
    assert_eq!(world.guesses().await, before.max(2), "the same guess");
}

#[tokio::test(start_paused = true)]
async fn a_partition_costs_no_guess_and_heals() {
    let mut world = World::with(CodeOrigin::Own).await;
    for i in [1, 2, 3] {
        world.fleet.network().cut(Node::Client(1), Node::Site(site(i)));
    }
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    assert!(matches!(refused, Err(VaultError::TooFewSites(_))), "{refused:?}");
    world.fleet.network().mend();
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn sites_that_do_not_hear_each_other_are_told_by_the_client() {
    let mut world = World::with(CodeOrigin::Own).await;
    for a in 1..=5 {
        for b in a + 1..=5 {
            world.fleet.network().cut(Node::Site(site(a)), Node::Site(site(b)));
        }
    }
    world.guess_wrong(2).await;
    // Two others answer this time, and know nothing of the slots before.
    world.kill(&[1, 2]);
    world.recovers().await;
    world.start(&[1, 2]).await;
    world.ada.carry(&world.client).await;
    assert_eq!(world.rounds().await, [2; 5]);
}

#[tokio::test(start_paused = true)]
async fn sites_that_missed_the_slots_before_a_delay_do_not_cost_a_slot() {
    let world = World::with(CodeOrigin::Own).await;
    for a in 1..=5 {
        for b in a + 1..=5 {
            world.fleet.network().cut(Node::Site(site(a)), Node::Site(site(b)));
        }
    }
    world.kill(&[5]);
    world.guess_wrong(5).await;
    world.start(&[5]).await;
    world.kill(&[1]);
    tokio::time::sleep(Duration::from_secs(61)).await;
    // Slot 6 needs four votes; site 5 knows of no slot, and would begin to wait only now.
    let refused = world.ada.try_code(&world.client, "wrong").await;
    assert!(matches!(refused, Err(VaultError::TooSoon { .. })), "{refused:?}");
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 6, "the slot was not lost for that");
    world.guess_wrong(1).await;
}

#[tokio::test(start_paused = true)]
async fn scattered_clocks_are_overcome_where_a_group_is_large_enough() {
    let mut world = World::with(CodeOrigin::Own).await;
    for (i, off) in [(1, -100), (2, 0), (3, 110), (4, 5000), (5, -9000)] {
        world.fleet.clock(site(i)).set_off(off);
    }
    world.recovers().await;
    world.fleet.clock(site(3)).set_off(4000);
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::TooFewSites(few)) = refused else { panic!("{refused:?}") };
    let clocks = |p: &vault_client::SiteProblem| {
        matches!(p, vault_client::SiteProblem::Refused(Refusal::WrongTime { .. }))
    };
    assert!(few.notes.problems.values().any(clocks), "{:?}", few.notes.problems);
}

#[tokio::test(start_paused = true)]
async fn clocks_too_far_apart_for_a_quorum_cost_no_slot() {
    let plan = Plan { policy: GuessPolicy::Strict, ..Plan::fair(1) };
    let mut world = World::of(plan, CodeOrigin::Own).await;
    world.fleet.clock(site(2)).set_off(3600);
    world.fleet.clock(site(5)).set_off(3610);
    for _ in 0..3 {
        let refused = world.ada.try_code(&world.client, &world.ada.code).await;
        assert!(matches!(refused, Err(VaultError::TooFewSites(_))), "{refused:?}");
    }
    let seen = world.client.look(world.ada.account()).await.unwrap();
    assert_eq!(seen.next_slot(), 1);
    world.fleet.clock(site(5)).set_off(0);
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_ahead_and_was_set_right_locks_nobody_out() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.fleet.clock(site(1)).set_off(3600);
    world.fleet.clock(site(2)).set_off(3600);
    world.guess_wrong(5).await;
    world.fleet.clock(site(1)).set_off(0);
    world.fleet.clock(site(2)).set_off(0);
    // Slot 6 needs one of the two.
    let refused = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::TooSoon { seconds }) = refused else { panic!("{refused:?}") };
    assert!(seconds <= 60);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn votes_that_another_client_left_behind_do_not_stop_a_person() {
    for policy in [GuessPolicy::Balanced, GuessPolicy::Strict] {
        let mut world = World::of(Plan { policy, ..Plan::fair(1) }, CodeOrigin::Own).await;
        let mut raw = RawClient::new(&world.fleet, 3);
        let seen = world.client.look(world.ada.account()).await.unwrap();
        let tried = world.ada.sign_try(seen.round(), 1, seen.time());
        for i in [1, 2] {
            let request = Request::Vote { tried, news: Default::default() };
            let voted = raw.ask(site(i), &request).await;
            assert!(matches!(voted, Some(Ok(Answer::Voted(_)))), "{voted:?}");
        }
        world.kill(if policy == GuessPolicy::Balanced { &[5, 4] } else { &[5] });
        world.recovers().await;
    }
}

#[tokio::test(start_paused = true)]
async fn devices_at_their_real_speed_are_waited_for() {
    let mut world = World::with(CodeOrigin::Generated).await;
    for i in world.fleet.sites() {
        world.fleet.device(i).set_latency(73);
    }
    let (_, took) = timed(world.recovers()).await;
    assert!(took < Duration::from_millis(800), "{took:?}");
    // One device is twenty times slower than the others: it is not waited for.
    world.fleet.device(site(2)).set_latency(1500);
    let (_, took) = timed(world.recovers()).await;
    assert!(took < Duration::from_millis(2500), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hung_device_does_not_hold_a_recovery_up() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.fleet.device(site(1)).hang(true);
    world.fleet.device(site(4)).hang(true);
    let (_, took) = timed(world.recovers()).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_site_that_lost_its_disk_hears_of_its_accounts_again() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(2).await;
    let empty = vault_simulation::disk::Disk::empty(vault_simulation::dice::Dice::new(1, "new"));
    world.fleet.set_back(site(3), empty.store()).await;
    settle().await;
    world.kill(&[1, 2]);
    world.recovers().await;
}
