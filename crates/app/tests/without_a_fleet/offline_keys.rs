//! 64 digits on paper open a backup on a new computer, and nobody is asked.

use crate::support::{Computer, refused, secret};
use app::model::WayBack;
use app::{NextStep, Unwatched};

#[tokio::test]
async fn a_new_computer_opens_the_backup_with_the_key_from_the_paper() {
    let (old, repo) = Computer::backed_up().await;
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let new = Computer::new();
    let preview = app::preview_backup(&new.keepsake, &repo).await.unwrap();
    assert_eq!(preview.ways_back, [WayBack::OfflineKey, WayBack::ThisComputer]);
    assert!(!preview.needs_fleet, "there is no code and no passkey");
    let locked = app::restore(&new.keepsake, &repo, None, &Unwatched).await;
    assert_eq!(refused(locked), ("no_backup_key", NextStep::RecoverFirst));

    app::recover_with_offline_key(&new.keepsake, &repo, secret(&key)).await.unwrap();
    let restored = app::restore(&new.keepsake, &repo, None, &Unwatched).await.unwrap();
    assert_eq!((restored.messages, restored.media, restored.problems.len()), (3, 1, 0));
    assert_eq!(texts(&new).await, texts(&old).await);
}

#[tokio::test]
async fn a_slip_is_told_from_a_key_of_another_backup() {
    let (old, repo) = Computer::backed_up().await;
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let new = Computer::new();
    let short = app::recover_with_offline_key(&new.keepsake, &repo, secret(&key[1..])).await;
    assert_eq!(refused(short), ("offline_key_typo", NextStep::CompareOfflineKey));
    let other = app::recover_with_offline_key(&new.keepsake, &repo, secret(&"0".repeat(64))).await;
    assert_eq!(refused(other).0, "wrong_key");
}

#[tokio::test]
async fn a_key_that_was_removed_opens_nothing_any_more() {
    let (old, repo) = Computer::backed_up().await;
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let [entry] = app::offline_keys(&old.keepsake, &repo).await.unwrap().try_into().unwrap();
    let none = app::remove_offline_key(&old.keepsake, &repo, "0123").await;
    assert_eq!(refused(none), ("not_found", NextStep::SeeOfflineKeys));
    app::remove_offline_key(&old.keepsake, &repo, &entry.id).await.unwrap();
    assert!(app::offline_keys(&old.keepsake, &repo).await.unwrap().is_empty());
    let new = Computer::new();
    assert_eq!(
        refused(app::recover_with_offline_key(&new.keepsake, &repo, secret(&key)).await).0,
        "wrong_key"
    );
}

#[tokio::test]
async fn a_home_with_backups_of_its_own_takes_no_other_key() {
    let (old, repo) = Computer::backed_up().await;
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let (other, other_repo) = Computer::backed_up().await;
    let taken = app::recover_with_offline_key(&other.keepsake, &repo, secret(&key)).await;
    assert_eq!(refused(taken), ("other_backup_key", NextStep::UseNewHome));
    other.backs_up(&other_repo).await.unwrap();
}

async fn texts(computer: &Computer) -> Vec<String> {
    computer.messages("Mira").await.into_iter().map(|message| message.text).collect()
}
