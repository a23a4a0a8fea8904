//! What is said of the protection is what was found just now.

use crate::support::Computer;
use app::model::{PlaceAnswer, ProtectionState as State, VaultAnswer};

async fn state(computer: &Computer) -> State {
    app::protection(&computer.keepsake).await.unwrap().state
}

#[tokio::test]
async fn from_no_backup_to_a_kit_on_paper() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    assert_eq!(state(&computer).await, State::NoBackup);
    computer.backs_up(&computer.text("backup")).await.unwrap();
    assert_eq!(state(&computer).await, State::OnlyThisComputer);
    let left = app::make_kit(&computer.keepsake).await.unwrap();
    assert_eq!(state(&computer).await, State::Unsaved);
    app::remove_kit(&computer.keepsake, &left.id).await.unwrap();
    assert_eq!(state(&computer).await, State::OnlyThisComputer);
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    app::confirm_kit(&computer.keepsake, &kit.id).unwrap();
    let found = app::protection(&computer.keepsake).await.unwrap();
    assert_eq!((found.state, found.vault), (State::KitOnly, VaultAnswer::NotUsed));
    assert!(found.last_proof.is_some() && !found.drill_due);
}

#[tokio::test]
async fn a_key_made_on_the_command_line_is_a_way_back_too() {
    let (computer, repo) = Computer::backed_up().await;
    app::add_offline_key(&computer.keepsake, &repo).await.unwrap();
    assert_eq!(state(&computer).await, State::KitOnly);
}

#[tokio::test]
async fn a_place_that_is_gone_is_not_said_to_hold_anything() {
    let (computer, repo) = Computer::backed_up().await;
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    app::confirm_kit(&computer.keepsake, &kit.id).unwrap();
    std::fs::rename(&repo, computer.text("away")).unwrap();
    let found = app::protection(&computer.keepsake).await.unwrap();
    assert_eq!(found.state, State::PlaceGone);
    assert_eq!(found.places[0].answer, PlaceAnswer::Gone);
    assert!(found.places[0].problem.as_ref().unwrap().contains("not there"));
    std::fs::create_dir(&repo).unwrap();
    assert_eq!(state(&computer).await, State::PlaceGone, "an empty folder is no backup");
}

#[tokio::test]
async fn a_place_with_somebody_elses_backup_is_said_not_to_open() {
    let (computer, repo) = Computer::backed_up().await;
    let (_other, others) = Computer::backed_up().await;
    std::fs::rename(&repo, computer.text("away")).unwrap();
    std::fs::rename(&others, &repo).unwrap();
    assert_eq!(state(&computer).await, State::PlaceDamaged);
}

#[tokio::test]
async fn whoever_wants_no_reminder_gets_none() {
    let (computer, _) = Computer::backed_up().await;
    let file = computer.path("home/proofs.json");
    std::fs::write(&file, r#"{"type":"keepsake/proofs/v1","last":1,"silent":false}"#).unwrap();
    assert!(app::protection(&computer.keepsake).await.unwrap().drill_due);
    app::dismiss_drill_reminder(&computer.keepsake).unwrap();
    assert!(!app::protection(&computer.keepsake).await.unwrap().drill_due);
}
