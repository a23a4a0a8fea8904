//! A backup as plain files, with nothing but its 64 digits.

use crate::support::{Computer, PHOTO, files, refused, secret};
use app::{NextStep, Unwatched};

#[tokio::test]
async fn records_and_media_are_there_in_the_clear() {
    let (old, repo) = Computer::backed_up().await;
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let out = old.path("plain");
    let report = app::decrypt_backup(&repo, secret(&key), &out, &Unwatched).await.unwrap();
    assert_eq!((report.media, report.missing_media, report.problems.len()), (1, 0, 0));
    let records: String =
        files(&out, ".jsonl").iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
    assert_eq!(records.lines().count() as u64, report.records);
    assert!(records.contains("The ferry leaves at nine"));
    let [photo] = files(&out.join("media"), "").try_into().unwrap();
    assert_eq!(std::fs::read(photo).unwrap(), PHOTO);
}

#[tokio::test]
async fn a_folder_that_is_not_empty_is_left_alone() {
    let (old, repo) = Computer::backed_up().await;
    let key = app::add_offline_key(&old.keepsake, &repo).await.unwrap().key;
    let out = old.path("mine");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("diary.txt"), "private").unwrap();
    let refusal = app::decrypt_backup(&repo, secret(&key), &out, &Unwatched).await;
    assert_eq!(refused(refusal), ("not_empty", NextStep::ChooseNewFolder));
    assert_eq!(files(&out, "").len(), 1);
}
