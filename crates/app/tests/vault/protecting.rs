//! What is said of a way back through a vault, from its making to an outage.

use crate::support::{Computer, World};
use app::Unwatched;
use app::model::{ProtectionState as State, VaultAnswer, VaultEventKind};
use std::time::Duration;

async fn state(computer: &Computer) -> State {
    app::protection(&computer.keepsake).await.unwrap().state
}

async fn backs_up(computer: &Computer, backup: &str) {
    app::back_up(&computer.keepsake, backup, Duration::ZERO, &Unwatched).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_code_counts_once_it_was_typed_from_paper_and_while_its_vault_answers() {
    let world = World::new().await;
    let ada = world.computer("ada");
    backs_up(&ada, &world.backup("ada")).await;
    let code = ada.enrolls(&world, None).await.unwrap().code.unwrap();
    assert_eq!(state(&ada).await, State::Unsaved);
    app::confirm_code(&ada.keepsake).unwrap();
    assert_eq!(state(&ada).await, State::AllWell);
    world.kill(&[1, 2, 3]);
    let found = app::protection(&ada.keepsake).await.unwrap();
    assert_eq!((found.state, found.vault), (State::VaultAway, VaultAnswer::Away));
    assert!(found.vault_problem.is_some());
    world.start(&[1, 2, 3]).await;
    assert!(ada.drills(&code).await.unwrap().confirmed);
    assert_eq!(state(&ada).await, State::AllWell);
}

#[tokio::test(start_paused = true)]
async fn a_drill_with_the_right_code_shows_that_it_is_on_paper() {
    let world = World::new().await;
    let ada = world.computer("ada");
    backs_up(&ada, &world.backup("ada")).await;
    let code = ada.enrolls(&world, None).await.unwrap().code.unwrap();
    ada.drills(&code).await.unwrap();
    assert_eq!(state(&ada).await, State::AllWell);
}

#[tokio::test(start_paused = true)]
async fn a_vault_whose_evidence_was_refused_is_not_believed() {
    let world = World::new().await;
    let ada = world.computer("ada");
    ada.protects(&world, &world.backup("ada")).await;
    app::confirm_code(&ada.keepsake).unwrap();
    let folder = world.home("ada").join("fleets").join(hex::encode(world.fleet.trust().id()));
    let bundle = world.fleet.bundles()[0].id();
    let verdict =
        serde_json::json!({ "bundle": bundle, "failed": ["E5"], "sentence": "Not good.", "at": 1 });
    std::fs::write(folder.join("evidence.json"), verdict.to_string()).unwrap();
    assert_eq!(state(&ada).await, State::VaultDistrusted);
}

#[tokio::test(start_paused = true)]
async fn a_code_that_is_thrown_away_ends_at_the_vault_and_in_the_backup() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    backs_up(&ada, &backup).await;
    let code = ada.enrolls(&world, None).await.unwrap().code.unwrap();
    let spread = app::discard_code(&ada.keepsake).await.unwrap().unwrap();
    assert!(spread.done);
    assert_eq!(state(&ada).await, State::OnlyThisComputer);
    assert!(app::status(&ada.keepsake).await.unwrap().vault.is_none());
    let new = world.computer("new");
    assert_eq!(new.recovers(&backup, &code).await.unwrap_err().code, "no_way_in");
    let again = ada.enrolls(&world, None).await.unwrap();
    assert_eq!(again.version, 1, "a new account");
    app::confirm_code(&ada.keepsake).unwrap();
    assert_eq!(state(&ada).await, State::AllWell);
    assert!(new.recovers(&backup, &again.code.unwrap()).await.unwrap().confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_code_on_paper_is_not_thrown_away_and_neither_is_one_that_took_anothers_place() {
    let world = World::new().await;
    let ada = world.computer("ada");
    ada.protects(&world, &world.backup("ada")).await;
    app::confirm_code(&ada.keepsake).unwrap();
    assert_eq!(app::discard_code(&ada.keepsake).await.unwrap_err().code, "code_in_use");
    app::rotate_code(&ada.keepsake, None, &Unwatched).await.unwrap();
    assert_eq!(state(&ada).await, State::Unsaved);
    assert_eq!(app::discard_code(&ada.keepsake).await.unwrap_err().code, "code_in_use");
}

#[tokio::test(start_paused = true)]
async fn the_computers_own_tries_are_told_from_a_strangers() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let code = ada.protects(&world, &backup).await;
    let own = async || {
        let events = app::vault_events(&ada.keepsake).await.unwrap();
        let tries = events.into_iter().filter(|event| event.kind == VaultEventKind::Tried);
        tries.map(|event| event.own).collect::<Vec<_>>()
    };
    assert_eq!(own().await, [true], "enrolling proves the code");
    world.later(4000).await;
    world.computer("thief").recovers(&backup, &code).await.unwrap();
    assert_eq!(own().await, [true, false]);
}
