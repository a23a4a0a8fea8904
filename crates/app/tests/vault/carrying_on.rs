//! What not every site knows yet is told so, and this computer keeps at it.

use crate::support::World;
use app::model::{PendingKind, SpreadView};
use app::{NextStep, Unwatched};

#[tokio::test(start_paused = true)]
async fn with_two_sites_away_the_tries_are_not_said_to_be_back_before_a_fourth_knows_it() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    world.kill(&[4, 5]);
    let new = world.computer("new");
    let recovered = new.recovers(&backup, &code).await.unwrap();
    let SpreadView { acknowledged, needed, sites, done } = recovered.spread;
    assert_eq!((acknowledged, needed, sites, done), (3, 4, 5, false));
    assert!(!recovered.confirmed, "not settled");

    let known = app::status(&new.keepsake).await.unwrap().vault.unwrap();
    let [pending] = known.pending[..] else { panic!("{:?}", known.pending) };
    assert_eq!((pending.kind, pending.spread.acknowledged), (PendingKind::TriesBack, 3));
    assert_eq!(new.status().await.pending.len(), 1);

    // A computer that is asked again while nobody has come back says the same.
    assert_eq!(app::carry_on(&new.keepsake).await.unwrap().len(), 1);
    world.start(&[4]).await;
    assert_eq!(app::carry_on(&new.keepsake).await.unwrap(), []);
    assert_eq!(app::status(&new.keepsake).await.unwrap().vault.unwrap().pending, []);
}

#[tokio::test(start_paused = true)]
async fn a_status_carries_on_by_itself_but_not_every_minute() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let code = ada.protects(&world, &world.backup("ada")).await;
    world.kill(&[4, 5]);
    ada.drills(&code).await.unwrap();
    // No site tells another: whatever they learn comes from the client.
    world.start(&[4, 5]).await;
    world.later(61).await;
    assert_eq!(ada.status().await.pending, []);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_code_is_told_as_dead_only_where_it_is() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    ada.protects(&world, &backup).await;
    world.kill(&[5]);
    let made = app::rotate_code(&ada.keepsake, None, &Unwatched).await.unwrap();
    let spread = made.replaced.unwrap();
    assert_eq!((spread.acknowledged, spread.needed, spread.done), (4, 5, false));
    let [warning] = &made.warnings[..] else { panic!("{:?}", made.warnings) };
    assert!(warning.contains("1 of 5 sites were away"), "{warning}");
    let kinds: Vec<_> = ada.status().await.pending.iter().map(|pending| pending.kind).collect();
    assert_eq!(kinds, [PendingKind::Code]);
    world.start(&[5]).await;
    assert_eq!(app::carry_on(&ada.keepsake).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_contacted_when_there_is_nothing_to_tell() {
    let world = World::new().await;
    let ada = world.computer("ada");
    ada.protects(&world, &world.backup("ada")).await;
    world.contacts();
    assert_eq!(app::carry_on(&ada.keepsake).await.unwrap(), []);
    assert_eq!(world.contacts(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_shows_nobody_anything_and_survives_a_restart() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let code = ada.protects(&world, &world.backup("ada")).await;
    world.kill(&[4, 5]);
    ada.drills(&code).await.unwrap();
    let file = ada.keepsake.home().join("errands.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("auditor.invalid"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = world.computer("ada");
    assert_eq!(again.status().await.pending.len(), 1);

    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    let damaged = app::carry_on(&again.keepsake).await.unwrap_err();
    assert_eq!(damaged.code, "damaged");
    assert_eq!(damaged.next, NextStep::MoveErrandsAway);
}

#[tokio::test(start_paused = true)]
async fn with_a_third_site_away_nothing_is_claimed_and_nothing_is_lost() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    let code = ada.protects(&world, &backup).await;
    world.kill(&[3, 4, 5]);
    let refused = world.computer("new").recovers(&backup, &code).await.unwrap_err();
    assert_eq!(refused.code, "too_few_sites");
    world.start(&[3, 4, 5]).await;
    assert!(ada.drills(&code).await.unwrap().confirmed);
    assert_eq!(ada.tries_left().await, 10);
}
