//! Days of a computer whose backup is on a disk that comes and goes.
#![allow(clippy::unwrap_used)]

use super::{Every, PassResult, back_up_what_is_due, set_schedule};
use crate::backup::back_up;
use crate::{Clock, ImportOptions, Keepsake, KeyStore, Pass, Surroundings, Unwatched};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The real time, and what the test let go by.
#[derive(Default)]
struct Later(AtomicU64);

impl Clock for Later {
    fn unix_now(&self) -> u64 {
        crate::home::unix_now() + self.0.load(Ordering::Relaxed)
    }
}

struct Computer {
    dir: tempfile::TempDir,
    keepsake: Keepsake,
    clock: Arc<Later>,
}

impl Computer {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Later::default());
        let around = Surroundings {
            key_store: Some(KeyStore::File),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ..Surroundings::of_this_computer()
        };
        let keepsake = Keepsake::open_in(&dir.path().join("home"), around).unwrap();
        Self { dir, keepsake, clock }
    }

    /// With one chat, and a first backup of it on the disk.
    async fn backed_up() -> Self {
        let computer = Self::new();
        computer.import("Mira").await;
        std::fs::create_dir_all(computer.disk()).unwrap();
        back_up(&computer.keepsake, &computer.repo(), Duration::ZERO, &Unwatched).await.unwrap();
        computer
    }

    fn disk(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    fn repo(&self) -> String {
        self.disk().join("Keepsake").to_str().unwrap().to_owned()
    }

    async fn import(&self, name: &str) {
        let path = self.dir.path().join(format!("WhatsApp Chat with {name}.txt"));
        std::fs::write(&path, format!("13/02/2026, 10:00 - {name}: hello\n")).unwrap();
        crate::import_chats(&self.keepsake, &path, ImportOptions::default(), &Unwatched)
            .await
            .unwrap();
    }

    async fn after(&self, seconds: u64) -> Pass {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
        back_up_what_is_due(&self.keepsake, &Unwatched).await.unwrap()
    }

    fn unplug(&self) {
        std::fs::rename(self.disk(), self.dir.path().join("drawer")).unwrap();
    }

    fn plug_in(&self) {
        std::fs::rename(self.dir.path().join("drawer"), self.disk()).unwrap();
    }
}

fn result(pass: &Pass) -> PassResult {
    let [place] = pass.places.as_slice() else { panic!("{pass:?}") };
    place.result
}

#[tokio::test]
async fn what_is_new_is_backed_up_a_day_later_and_nothing_twice() {
    let computer = Computer::backed_up().await;
    assert_eq!(result(&computer.after(2 * DAY).await), PassResult::NothingNew);
    computer.import("Noor").await;
    set_schedule(&computer.keepsake, Every::Off).await.unwrap();
    assert_eq!(result(&computer.after(0).await), PassResult::Off);
    set_schedule(&computer.keepsake, Every::Week).await.unwrap();
    assert_eq!(result(&computer.after(0).await), PassResult::NotYet);
    set_schedule(&computer.keepsake, Every::Day).await.unwrap();
    let pass = computer.after(0).await;
    assert_eq!(result(&pass), PassResult::BackedUp);
    assert_eq!(pass.places[0].report.as_ref().unwrap().new_messages, 1);
    assert_eq!(result(&computer.after(2 * DAY).await), PassResult::NothingNew);
}

#[tokio::test]
async fn a_computer_without_a_backup_makes_none_by_itself() {
    let computer = Computer::new();
    computer.import("Mira").await;
    let pass = computer.after(9 * DAY).await;
    assert!(pass.places.is_empty() && pass.notice.is_none(), "{pass:?}");
}

#[tokio::test]
async fn a_disk_that_is_away_is_waited_for_and_told_of_once_after_a_week() {
    let computer = Computer::backed_up().await;
    computer.import("Noor").await;
    computer.unplug();
    let pass = computer.after(DAY).await;
    assert_eq!((result(&pass), pass.notice), (PassResult::WaitsForPlace, None));
    let pass = computer.after(7 * DAY).await;
    assert_eq!(result(&pass), PassResult::WaitsForPlace);
    assert!(pass.notice.unwrap().contains("for the disk of your backup"));
    assert_eq!(computer.after(DAY).await.notice, None);
    assert!(!computer.disk().exists(), "nothing is made in its place");

    computer.plug_in();
    assert_eq!(result(&computer.after(MINUTE).await), PassResult::BackedUp);
    let log = computer.keepsake.log_lines(9).unwrap().join("\n");
    assert!(log.contains("place 1 (folder): backed up 1 messages"), "{log}");
    assert!(!log.contains("Noor") && !log.contains("disk/"), "{log}");
}

#[tokio::test]
async fn a_backup_that_is_gone_from_its_disk_fails_less_and_less_often() {
    let computer = Computer::backed_up().await;
    computer.import("Noor").await;
    std::fs::remove_dir_all(computer.repo()).unwrap();
    std::fs::create_dir(computer.repo()).unwrap();
    let pass = computer.after(DAY).await;
    assert_eq!(result(&pass), PassResult::Failed);
    assert_eq!(pass.places[0].error.as_ref().unwrap().code, "not_a_backup");
    assert_eq!(result(&computer.after(MINUTE).await), PassResult::NotYet);
    assert_eq!(result(&computer.after(15 * MINUTE).await), PassResult::Failed);
    assert_eq!(result(&computer.after(15 * MINUTE).await), PassResult::NotYet);
    let pass = computer.after(7 * DAY).await;
    assert!(pass.notice.unwrap().contains("could not be backed up for a week"));
}

#[tokio::test]
async fn two_passes_never_run_at_once() {
    let computer = Computer::backed_up().await;
    let other = std::fs::File::create(computer.keepsake.path("background.lock")).unwrap();
    other.lock().unwrap();
    let pass = computer.after(DAY).await;
    assert!(pass.busy && pass.places.is_empty(), "{pass:?}");
}
