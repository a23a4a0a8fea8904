//! Somebody who has a copy of the backup uses up the tries of a chosen code: it freezes, its owner
//! hears of it, and gives the tries back.

use crate::support::{Computer, OWN_CODE, World};
use app::NextStep;
use app::model::VaultEventKind;

/// Guesses until the code is frozen, waiting as the sites demand.
async fn use_up(world: &World, thief: &Computer, backup: &str) {
    let mut guesses = 0;
    loop {
        let refused = thief.recovers(backup, &format!("guess number {guesses}")).await.unwrap_err();
        match refused.code {
            "wrong_code" => guesses += 1,
            "too_soon" => world.later(60).await,
            "frozen" => break,
            other => panic!("{other}: {refused:?}"),
        }
        assert!(guesses <= 10, "{guesses} guesses");
    }
    assert_eq!(guesses, 10);
}

#[tokio::test(start_paused = true)]
async fn the_owner_hears_of_it_and_gives_the_tries_back() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    ada.protects_with_own_code(&world, &backup).await;
    use_up(&world, &world.computer("thief"), &backup).await;

    let status = ada.status().await;
    assert_eq!((status.tries_left, status.tries_elsewhere), (0, 10));
    assert!(status.can_reset && status.tries_by_header && !status.destroyed);
    let until = status.frozen_until.unwrap();
    let now = 1_800_000_000;
    assert!(until > now + 6 * 86_400 && until < now + 8 * 86_400, "{until}");
    let vault = app::ask_vault(&ada.keepsake, &backup, None).await.unwrap();
    assert_eq!((vault.tries_left, vault.frozen_until.is_some()), (Some(0), true));

    let refused = ada.drills(OWN_CODE).await.unwrap_err();
    assert_eq!(refused.code, "frozen");
    assert!(refused.happened.contains("7 days"), "{refused:?}");
    assert_eq!(refused.next, NextStep::GiveTriesBack);

    let reset = app::reset_tries(&ada.keepsake).await.unwrap();
    assert_eq!((reset.spread.acknowledged, reset.spread.done, reset.max_tries), (5, true, 10));
    let status = ada.status().await;
    assert_eq!((status.tries_left, status.frozen_until, status.can_reset), (10, None, false));
    assert!(ada.drills(OWN_CODE).await.unwrap().confirmed);
    let events = app::vault_events(&ada.keepsake).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert!(
        kinds.contains(&VaultEventKind::Frozen) && kinds.contains(&VaultEventKind::Reset),
        "{kinds:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_code_thaws_as_well() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    ada.protects_with_own_code(&world, &backup).await;
    use_up(&world, &world.computer("thief"), &backup).await;
    let made = app::rotate_code(&ada.keepsake, None, &app::Unwatched).await.unwrap();
    assert_eq!(made.warnings, Vec::<String>::new());
    assert_eq!(ada.tries_left().await, 10);
}

#[tokio::test(start_paused = true)]
async fn who_does_nothing_for_seven_days_has_to_make_a_new_code() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    ada.protects_with_own_code(&world, &backup).await;
    use_up(&world, &world.computer("thief"), &backup).await;
    world.jump(8 * 86_400).await;
    let status = ada.status().await;
    assert!(status.destroyed && !status.can_reset, "{status:?}");
    assert_eq!(app::reset_tries(&ada.keepsake).await.unwrap_err().code, "destroyed");
    assert_eq!(ada.drills(OWN_CODE).await.unwrap_err().code, "destroyed");
    let made = app::rotate_code(&ada.keepsake, None, &app::Unwatched).await.unwrap();
    assert!(ada.drills(&made.code.unwrap()).await.unwrap().confirmed);
}

#[tokio::test(start_paused = true)]
async fn only_a_computer_of_the_owner_can_give_tries_back() {
    let world = World::new().await;
    let ada = world.computer("ada");
    ada.protects_with_own_code(&world, &world.backup("ada")).await;
    let nobody = world.computer("nobody");
    assert_eq!(app::reset_tries(&nobody.keepsake).await.unwrap_err().code, "not_enrolled");
    std::fs::copy(
        ada.keepsake.home().join("account.json"),
        nobody.keepsake.home().join("account.json"),
    )
    .unwrap();
    assert_eq!(app::reset_tries(&nobody.keepsake).await.unwrap_err().code, "no_backup_key");
}
