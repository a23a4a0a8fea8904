//! Damage to what is on this computer: found, and mended from a backup.

use crate::support::{Computer, PHOTO, files, flip_a_bit};
use app::Unwatched;

#[tokio::test]
async fn a_whole_archive_is_said_to_be_whole_and_not_touched() {
    let (computer, _repo) = Computer::backed_up().await;
    let check = app::check_archive(&computer.keepsake, &Unwatched).await.unwrap();
    assert_eq!((check.database, check.media, check.media_lost), (None, 1, 0));
    let repair = app::repair_archive(&computer.keepsake, &Unwatched).await.unwrap();
    assert_eq!((repair.set_aside, repair.media_lost, repair.backups_read), (None, 0, 0));
}

#[tokio::test]
async fn a_rotten_photo_comes_back_from_the_backup() {
    let (computer, _repo) = Computer::backed_up().await;
    let media = computer.keepsake.home().join("archive").join("media");
    let [photo] = files(&media, "").try_into().unwrap();
    flip_a_bit(&photo);
    let check = app::check_archive(&computer.keepsake, &Unwatched).await.unwrap();
    assert_eq!(check.media_lost, 1);
    let repair = app::repair_archive(&computer.keepsake, &Unwatched).await.unwrap();
    assert_eq!((repair.media_lost, repair.media_restored, repair.problems.len()), (1, 1, 0));

    let message = computer.messages("Mira").await.remove(1);
    let hash = message.attachments[0].hash.clone().unwrap();
    assert_eq!(app::media_bytes(&computer.keepsake, &hash).await.unwrap(), PHOTO);
}

#[tokio::test]
async fn a_photo_that_no_backup_has_is_counted_as_lost() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let media = computer.keepsake.home().join("archive").join("media");
    files(&media, "").iter().for_each(|file| std::fs::remove_file(file).unwrap());
    let repair = app::repair_archive(&computer.keepsake, &Unwatched).await.unwrap();
    assert_eq!((repair.media_lost, repair.media_restored), (1, 0));
}
