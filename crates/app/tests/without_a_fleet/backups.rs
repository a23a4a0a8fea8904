//! Backups are made, looked into, checked, thinned out and mended.

use crate::support::{Computer, files, flip_a_bit, refused};
use app::model::{Messenger, WayBack};
use app::{KeepPolicy, NextStep, Unwatched};
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn the_first_backup_has_everything_and_the_second_says_that_nothing_changed() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let repo = computer.text("backup");
    let before = app::status(&computer.keepsake).await.unwrap();
    assert!(before.backups.is_empty());

    let first = computer.backs_up(&repo).await.unwrap();
    assert_eq!(
        (first.unchanged, first.new_messages, first.new_media, first.missing_media),
        (false, 3, 1, 0)
    );
    assert_eq!(first.ways_back, [WayBack::ThisComputer], "no code was made yet");
    let second = computer.backs_up(&repo).await.unwrap();
    assert_eq!((second.unchanged, second.new_messages), (true, 0));

    let after = app::status(&computer.keepsake).await.unwrap();
    assert_eq!((after.backups.len(), after.backups[0].pending_changes), (1, 0));
}

#[tokio::test]
async fn a_disk_that_is_not_there_is_not_taken_for_an_empty_folder() {
    let computer = Computer::new();
    let gone = computer.text("disk/that/is/not/plugged/in");
    assert_eq!(refused(computer.backs_up(&gone).await), ("place_missing", NextStep::ConnectPlace));
    assert!(!Path::new(&gone).exists());
    assert_eq!(
        refused(computer.backs_up("ftp://host").await),
        ("bad_place", NextStep::CheckPlaceAddress)
    );
    assert_eq!(
        refused(computer.backs_up("s3://bucket").await),
        ("place_login_missing", NextStep::GivePlaceLogin)
    );
}

#[tokio::test]
async fn a_snapshot_is_browsed_and_compared_without_restoring_it() {
    let (computer, repo) = Computer::backed_up().await;
    computer
        .imports(&computer.export("Ottokar", "25/11/2026, 20:00 - Ottokar: No plums\n"))
        .await
        .unwrap();
    computer.backs_up(&repo).await.unwrap();
    let list = app::snapshots(&computer.keepsake, &repo).await.unwrap();
    assert_eq!(list.iter().map(|s| s.sequence).collect::<Vec<_>>(), [1, 2]);

    let chats = app::browse_backup(&computer.keepsake, &repo, Some("1".into())).await.unwrap();
    assert_eq!((chats.len(), chats[0].title.as_deref()), (1, Some("Mira")));
    assert_eq!(chats[0].source, Some(Messenger::WhatsApp));
    let diff = app::diff_backup(&computer.keepsake, &repo, "1".into(), None).await.unwrap();
    let changed: Vec<_> = diff.chats.iter().map(|chat| chat.title.as_deref()).collect();
    assert_eq!((diff.from, diff.to, changed), (1, 2, vec![Some("Ottokar")]));
    let stats = app::backup_stats(&computer.keepsake, &repo).await.unwrap();
    assert_eq!((stats.snapshots, stats.chats, stats.media), (2, 2, 1));

    let none = app::browse_backup(&computer.keepsake, &repo, Some("9".into())).await;
    assert_eq!(refused(none), ("not_found", NextStep::SeeBackups));
}

#[tokio::test]
async fn thinning_out_says_first_what_would_go() {
    let (computer, repo) = Computer::backed_up().await;
    for day in 1..3 {
        let line = format!(
            "{day}/12/2026, 20:00 - Ottokar: Day {day}\n30/12/2026, 20:00 - Ottokar: The end\n"
        );
        computer.imports(&computer.export("Ottokar", &line)).await.unwrap();
        computer.backs_up(&repo).await.unwrap();
    }
    let keep = KeepPolicy { last: 1, ..KeepPolicy::default() };
    let nothing =
        app::prune_backup(&computer.keepsake, &repo, KeepPolicy::default(), true, &Unwatched).await;
    assert_eq!(refused(nothing), ("no_policy", NextStep::SaySnapshotsToKeep));
    let would = app::prune_backup(&computer.keepsake, &repo, keep, true, &Unwatched).await.unwrap();
    assert_eq!((would.dry_run, would.snapshots_removed), (true, 2));
    assert_eq!(app::snapshots(&computer.keepsake, &repo).await.unwrap().len(), 3);

    let done = app::prune_backup(&computer.keepsake, &repo, keep, false, &Unwatched).await.unwrap();
    assert_eq!((done.dry_run, done.snapshots_removed), (false, 2));
    assert_eq!(app::snapshots(&computer.keepsake, &repo).await.unwrap().len(), 1);
}

#[tokio::test]
async fn damage_is_found_by_reading_every_byte_and_mended_from_the_chats_that_are_here() {
    let (computer, repo) = Computer::backed_up().await;
    let whole = app::check_backup(&computer.keepsake, &repo, true, &Unwatched).await.unwrap();
    assert!(whole.all_data_read && whole.problems.is_empty(), "{:?}", whole.problems);
    let packs = files(Path::new(&repo), "pack");
    assert!(!packs.is_empty());
    packs.iter().for_each(|pack| flip_a_bit(pack));

    let damaged = app::check_backup(&computer.keepsake, &repo, true, &Unwatched).await.unwrap();
    assert!(!damaged.problems.is_empty());
    app::repair_backup(&computer.keepsake, &repo, Duration::ZERO, &Unwatched).await.unwrap();
    computer.backs_up(&repo).await.unwrap();
    let mended = app::check_backup(&computer.keepsake, &repo, true, &Unwatched).await.unwrap();
    assert_eq!(mended.problems, Vec::<String>::new());
}

#[tokio::test]
async fn an_older_copy_put_in_its_place_is_refused_until_the_person_says_so() {
    let (computer, repo) = Computer::backed_up().await;
    let copy = computer.path("copy");
    copy_folder(Path::new(&repo), &copy);
    computer
        .imports(&computer.export("Ottokar", "25/11/2026, 20:00 - Ottokar: No plums\n"))
        .await
        .unwrap();
    computer.backs_up(&repo).await.unwrap();
    std::fs::remove_dir_all(&repo).unwrap();
    copy_folder(&copy, Path::new(&repo));

    let older = app::snapshots(&computer.keepsake, &repo).await;
    assert_eq!(refused(older), ("rolled_back", NextStep::FindNewestOrAcceptOlder));
    let newest = app::accept_older_backup(&computer.keepsake, &repo).await.unwrap().unwrap();
    assert_eq!(newest.sequence, 1);
    computer.backs_up(&repo).await.unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
