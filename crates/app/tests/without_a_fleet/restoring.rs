//! Bringing back all of a backup, or a part of it; never over what is here.

use crate::support::{Computer, refused, secret};
use app::{Between, NextStep, RestoreChoice, RestoreParts, Unwatched};

/// A new computer that opens a backup of two chats.
async fn newcomer() -> (Computer, Computer, String) {
    let (old, repo) = Computer::backed_up().await;
    old.imports(&old.export("Ottokar", "25/11/2026, 20:00 - Ottokar: No plums\n")).await.unwrap();
    old.backs_up(&repo).await.unwrap();
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let new = Computer::new();
    app::recover_with_offline_key(&new.keepsake, &repo, secret(&key)).await.unwrap();
    (old, new, repo)
}

#[tokio::test]
async fn restoring_twice_adds_nothing() {
    let (_old, new, repo) = newcomer().await;
    let first = app::restore(&new.keepsake, &repo, None, &Unwatched).await.unwrap();
    assert_eq!((first.conversations, first.messages, first.kept), (2, 4, 0));
    let second = app::restore(&new.keepsake, &repo, None, &Unwatched).await.unwrap();
    assert_eq!((second.messages, second.kept), (0, 4));
}

#[tokio::test]
async fn one_chat_or_one_day_comes_back_alone() {
    let (_old, new, repo) = newcomer().await;
    let ottokar = RestoreChoice { chats: vec!["Ottokar".into()], ..RestoreChoice::default() };
    let report = app::restore_chosen(&new.keepsake, &repo, ottokar, &Unwatched).await.unwrap();
    assert_eq!((report.messages, report.media), (1, 0));
    let first_day = Between { from: None, until: Some(1_795_478_400_000) };
    let choice = RestoreChoice { between: first_day, ..RestoreChoice::default() };
    let report = app::restore_chosen(&new.keepsake, &repo, choice, &Unwatched).await.unwrap();
    assert_eq!(report.messages, 2);
    let all = app::status(&new.keepsake).await.unwrap();
    assert_eq!((all.conversations, all.messages), (2, 3));
}

#[tokio::test]
async fn messages_can_come_before_their_media() {
    let (_old, new, repo) = newcomer().await;
    let choice = |parts| RestoreChoice { parts, ..RestoreChoice::default() };
    let messages =
        app::restore_chosen(&new.keepsake, &repo, choice(RestoreParts::Messages), &Unwatched)
            .await
            .unwrap();
    assert_eq!((messages.messages, messages.media), (4, 0));
    let media = app::restore_chosen(&new.keepsake, &repo, choice(RestoreParts::Media), &Unwatched)
        .await
        .unwrap();
    assert_eq!((media.messages, media.media), (0, 1));
    let check = app::check_archive(&new.keepsake, &Unwatched).await.unwrap();
    assert_eq!((check.media, check.media_lost, check.database), (1, 0, None));
}

#[tokio::test]
async fn what_cannot_be_chosen_is_said_and_nothing_is_brought() {
    let (_old, new, repo) = newcomer().await;
    let unknown = RestoreChoice { chats: vec!["Nobody".into()], ..RestoreChoice::default() };
    let refusal = app::restore_chosen(&new.keepsake, &repo, unknown, &Unwatched).await;
    assert_eq!(refused(refusal), ("not_found", NextStep::SeeChatsOfBackup));
    let between = Between { from: Some(0), until: None };
    let media_of_a_day =
        RestoreChoice { between, parts: RestoreParts::Media, ..RestoreChoice::default() };
    let refusal = app::restore_chosen(&new.keepsake, &repo, media_of_a_day, &Unwatched).await;
    assert_eq!(refused(refusal), ("bad_choice", NextStep::RestoreMediaWithMessages));
    assert!(app::conversations(&new.keepsake).await.unwrap().is_empty());
}
