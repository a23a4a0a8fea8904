//! A printed kit opens every backup of a computer, until it is taken back.

use crate::support::{Computer, home, refused, secret};
use app::model::WayBack;
use app::{NextStep, Unwatched};

#[tokio::test]
async fn the_words_of_a_kit_bring_the_chats_back_on_a_new_computer() {
    let (old, repo) = Computer::backed_up().await;
    let kit = app::make_kit(&old.keepsake).await.unwrap();
    assert_eq!((kit.words.len(), kit.warnings.len()), (24, 0));
    assert_eq!(kit.places, std::slice::from_ref(&repo));
    for typed in [kit.words.join(" "), kit.digits.clone()] {
        let new = Computer::new();
        app::recover_with_offline_key(&new.keepsake, &repo, secret(&typed)).await.unwrap();
        let restored = app::restore(&new.keepsake, &repo, None, &Unwatched).await.unwrap();
        assert_eq!((restored.messages, restored.media), (3, 1));
        let status = app::status(&new.keepsake).await.unwrap();
        assert_eq!(status.backups[0].url, repo, "the new computer goes on with this backup");
    }
}

#[tokio::test]
async fn a_slip_in_the_words_is_found_before_any_backup_is_tried() {
    let (old, repo) = Computer::backed_up().await;
    let kit = app::make_kit(&old.keepsake).await.unwrap();
    let new = Computer::new();
    let mut words = kit.words.clone();
    words[3] = "keepsake".into();
    let typed = secret(&words.join(" "));
    let slip = app::recover_with_offline_key(&new.keepsake, &repo, typed).await;
    assert!(slip.as_ref().err().unwrap().happened.contains("word 4"));
    assert_eq!(refused(slip), ("offline_key_typo", NextStep::CompareOfflineKey));
}

#[tokio::test]
async fn a_backup_that_is_made_later_opens_with_the_kit_of_before() {
    let (computer, first) = Computer::backed_up().await;
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    app::confirm_kit(&computer.keepsake, &kit.id).unwrap();
    let second = computer.text("second");
    let report = computer.backs_up(&second).await.unwrap();
    assert_eq!(report.ways_back, [WayBack::OfflineKey, WayBack::ThisComputer]);
    let drill = app::drill_kit(&computer.keepsake, secret(&kit.words.join(" "))).await.unwrap();
    assert_eq!(drill.opened.len(), 2);
    std::fs::rename(&second, computer.text("away")).unwrap();
    let drill = app::drill_kit(&computer.keepsake, secret(&kit.digits)).await.unwrap();
    assert_eq!((drill.opened, drill.not_reached), (vec![first], vec![second]));
}

#[tokio::test]
async fn a_kit_counts_once_it_was_typed_back_and_one_that_never_was_is_taken_back() {
    let (computer, repo) = Computer::backed_up().await;
    let left = app::make_kit(&computer.keepsake).await.unwrap();
    assert_eq!(app::status(&computer.keepsake).await.unwrap().kits, 0);
    assert_eq!(app::kits(&computer.keepsake).unwrap()[0].saved, None);
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    app::confirm_kit(&computer.keepsake, &kit.id).unwrap();
    let ids: Vec<_> = app::kits(&computer.keepsake).unwrap().into_iter().map(|k| k.id).collect();
    assert_eq!(ids, [kit.id]);
    let new = Computer::new();
    let first = app::recover_with_offline_key(&new.keepsake, &repo, secret(&left.digits)).await;
    assert_eq!(refused(first).0, "wrong_key");
}

#[tokio::test]
async fn a_kit_that_was_removed_opens_nothing_also_where_the_disk_was_away() {
    let (computer, first) = Computer::backed_up().await;
    let second = computer.text("second");
    computer.backs_up(&second).await.unwrap();
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    let away = computer.text("away");
    std::fs::rename(&second, &away).unwrap();
    let warnings = app::remove_kit(&computer.keepsake, &kit.id).await.unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    std::fs::rename(&away, &second).unwrap();
    let opens = async |repo: &str| {
        let new = Computer::new();
        app::recover_with_offline_key(&new.keepsake, repo, secret(&kit.digits)).await
    };
    assert_eq!(refused(opens(&first).await).0, "wrong_key");
    opens(&second).await.unwrap();
    computer.backs_up(&second).await.unwrap();
    assert_eq!(refused(opens(&second).await).0, "wrong_key");
    let again = app::remove_kit(&computer.keepsake, &kit.id).await;
    assert_eq!(refused(again), ("not_found", NextStep::SeeKits));
}

#[tokio::test]
async fn a_kit_that_another_computer_took_away_is_not_given_back() {
    let (computer, repo) = Computer::backed_up().await;
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    let other = Computer::new();
    app::recover_with_offline_key(&other.keepsake, &repo, secret(&kit.digits)).await.unwrap();
    let [entry] = app::offline_keys(&other.keepsake, &repo).await.unwrap().try_into().unwrap();
    app::restore(&other.keepsake, &repo, None, &Unwatched).await.unwrap();
    other.backs_up(&repo).await.unwrap();
    app::remove_offline_key(&other.keepsake, &repo, &entry.id).await.unwrap();
    computer.backs_up(&repo).await.unwrap();
    assert!(app::offline_keys(&computer.keepsake, &repo).await.unwrap().is_empty());
    assert!(app::kits(&computer.keepsake).unwrap().is_empty());
}

#[tokio::test]
async fn a_kit_survives_a_restart_and_a_damaged_list_is_said() {
    let (computer, repo) = Computer::backed_up().await;
    let kit = app::make_kit(&computer.keepsake).await.unwrap();
    let again = home(&computer.path("home"));
    assert_eq!(app::kits(&again).unwrap()[0].id, kit.id);
    let file = std::fs::read_to_string(computer.path("home/kits.json")).unwrap();
    assert!(!file.contains(&kit.digits.replace(' ', "")) && !file.contains(&kit.words[0]));
    std::fs::write(computer.path("home/kits.json"), "{").unwrap();
    assert_eq!(refused(app::kits(&again)), ("damaged", NextStep::MoveKitsAway));
    assert_eq!(refused(computer.backs_up(&repo).await).1, NextStep::MoveKitsAway);
}
