//! A place of backups as it is now: asked, not remembered.

use super::destinations::{self, Destination, address, ways_back};
use super::place_kind::kind_of;
use super::place_memory::PlaceMemory;
use super::waiting::waiting;
use crate::model::{LastCheck, NextBackup, PlaceKind, PlaceNow, PlaceState, WayBack};
use crate::progress::blocking;
use crate::schedule::{Around, Decision, decide};
use crate::system::{Volume, volume_of};
use crate::{Keepsake, Result};
use std::path::Path;

/// Looks whether the backup at `repo` answers now and is no older than was seen, what waits for it,
/// and when the next one is made by itself. Writes nothing there.
///
/// # Errors
/// `bad_place`, and those of the home's own files. What is wrong with the place is in the result.
pub async fn place_now(keepsake: &Keepsake, repo: &str) -> Result<PlaceNow> {
    let keepsake = keepsake.clone();
    let url = address(repo)?;
    blocking(move || now(&keepsake, url)).await
}

fn now(keepsake: &Keepsake, url: String) -> Result<PlaceNow> {
    let kind = kind_of(&url);
    let volume = match kind {
        PlaceKind::Folder => volume_of(Path::new(&url), keepsake.home()),
        _ => Volume::default(),
    };
    let asked = ask(keepsake, &url);
    let place = keepsake.destination(&url)?.unwrap_or_else(|| Destination::new(url.clone()));
    let state = state(&asked, volume.read_only);
    if asked.is_ok() {
        let now = keepsake.now();
        keepsake.remember_place(&url, |memory| {
            memory.answered = Some(now);
            memory.disk.clone_from(&volume.name);
        })?;
    }
    let memory = keepsake.place_memory(&url)?;
    let (ways_back, problem) = match asked {
        Ok(ways) => (ways, None),
        Err(error) => (vec![], Some(error).filter(|_| state == PlaceState::Failed)),
    };
    let is_there = state != PlaceState::Away;
    Ok(PlaceNow {
        kind,
        // One that is away is not mounted: then its name is remembered.
        disk: memory.disk.clone().or(volume.name),
        state,
        problem,
        free: volume.free.filter(|_| is_there),
        same_disk: is_there && volume.same_as_home,
        last_backup: place.last_backup.map(seconds),
        answered: memory.answered.map(seconds),
        waiting: waiting(keepsake, place.cursor)?,
        ways_back,
        next: next(keepsake, &place)?,
        checked: last_check(&memory),
        damage: memory.damage,
        notices: place.notices,
        url,
    })
}

/// What opens the backup there, if it answers.
fn ask(keepsake: &Keepsake, url: &str) -> Result<Vec<WayBack>> {
    if kind_of(url) == PlaceKind::Folder {
        // Opening a store makes its folder, and here nothing is to be written.
        destinations::folder_store(url)?;
    }
    Ok(ways_back(destinations::open(keepsake, url)?.header()))
}

fn state(asked: &Result<Vec<WayBack>>, read_only: bool) -> PlaceState {
    match asked.as_ref().map_err(|error| error.code) {
        Ok(_) if read_only => PlaceState::ReadOnly,
        Ok(_) => PlaceState::Ready,
        Err("place_missing" | "place_unreachable") => PlaceState::Away,
        Err("not_a_backup") => PlaceState::Gone,
        Err(_) => PlaceState::Failed,
    }
}

/// When the next backup is made by itself.
fn next(keepsake: &Keepsake, place: &Destination) -> Result<NextBackup> {
    let around = Around::of(keepsake)?;
    let facts = around.facts(keepsake, place)?;
    Ok(match decide(&facts) {
        Decision::Off => NextBackup::Off,
        Decision::NoneYet => NextBackup::NoneYet,
        Decision::NothingNew => {
            let after = around.every.interval().unwrap_or_default();
            let due = place.last_backup.unwrap_or_default().saturating_add(after);
            NextBackup::WhenNew { due: seconds(due.max(facts.now)) }
        }
        Decision::At(at) => NextBackup::At { due: seconds(at) },
        Decision::BackUp | Decision::WaitForRest => NextBackup::Soon,
        Decision::WaitForPlace => NextBackup::WaitsForPlace,
        Decision::WaitForPower => NextBackup::WaitsForPower,
    })
}

fn last_check(memory: &PlaceMemory) -> Option<LastCheck> {
    memory.checked.as_ref().map(|checked| LastCheck {
        at: seconds(checked.at),
        all_data: checked.all_data,
        problems: checked.problems,
    })
}

fn seconds(unix: u64) -> i64 {
    i64::try_from(unix).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{back_up, check_backup};
    use crate::model::Waiting;
    use crate::{ImportOptions, KeyStore, Surroundings, Unwatched, import_chats};
    use std::fs;
    use std::time::Duration;

    struct Computer {
        dir: tempfile::TempDir,
        keepsake: Keepsake,
    }

    impl Computer {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let around = Surroundings {
                key_store: Some(KeyStore::File),
                ..Surroundings::of_this_computer()
            };
            let keepsake = Keepsake::open_in(&dir.path().join("home"), around).unwrap();
            Self { dir, keepsake }
        }

        async fn import(&self, name: &str, messages: usize) {
            let path = self.dir.path().join(format!("WhatsApp Chat with {name}.txt"));
            let line = |n| format!("13/02/2026, 10:0{n} - {name}: message {n}\n");
            fs::write(&path, (0..messages).map(line).collect::<String>()).unwrap();
            import_chats(&self.keepsake, &path, ImportOptions::default(), &Unwatched)
                .await
                .unwrap();
        }

        fn repo(&self) -> String {
            self.dir.path().join("disk").to_str().unwrap().to_owned()
        }

        async fn back_up(&self) {
            back_up(&self.keepsake, &self.repo(), Duration::ZERO, &Unwatched).await.unwrap();
        }

        async fn now(&self) -> PlaceNow {
            place_now(&self.keepsake, &self.repo()).await.unwrap()
        }
    }

    #[tokio::test]
    async fn a_place_that_answers_says_what_waits_and_what_opens_it() {
        let computer = Computer::new();
        computer.import("Mira", 3).await;
        computer.back_up().await;
        let now = computer.now().await;
        assert_eq!((now.state, now.waiting.any), (PlaceState::Ready, false), "{now:?}");
        assert_eq!(now.ways_back, [WayBack::ThisComputer]);
        assert!(now.same_disk && now.answered.is_some() && now.checked.is_none(), "{now:?}");
        assert!(matches!(now.next, NextBackup::WhenNew { .. }), "{now:?}");

        computer.import("Noor", 2).await;
        let now = computer.now().await;
        assert_eq!(now.waiting, Waiting { any: true, messages: 2, more: false });
        assert!(matches!(now.next, NextBackup::At { .. }), "{now:?}");

        let mut place = computer.keepsake.destination(&computer.repo()).unwrap().unwrap();
        place.cursor = u64::from(u32::MAX);
        computer.keepsake.keep_destination(place).unwrap();
        let now = computer.now().await;
        assert_eq!(now.waiting.messages, 5, "the chats are others than those that were backed up");

        check_backup(&computer.keepsake, &computer.repo(), true, &Unwatched).await.unwrap();
        let checked = computer.now().await.checked.unwrap();
        assert!(checked.all_data && checked.problems == 0, "{checked:?}");
    }

    #[tokio::test]
    async fn a_place_that_does_not_answer_is_never_called_safe() {
        let computer = Computer::new();
        computer.import("Mira", 1).await;
        computer.back_up().await;
        let (repo, drawer) = (computer.repo(), computer.dir.path().join("drawer"));
        fs::rename(&repo, &drawer).unwrap();
        let away = computer.now().await;
        assert_eq!((away.state, away.free), (PlaceState::Away, None), "{away:?}");
        assert!(away.ways_back.is_empty() && away.problem.is_none(), "{away:?}");
        assert!(!fs::exists(&repo).unwrap(), "looking makes no folder");

        fs::create_dir(&repo).unwrap();
        assert_eq!(computer.now().await.state, PlaceState::Gone);

        fs::write(format!("{repo}/keepsake.json"), "{}").unwrap();
        let failed = computer.now().await;
        assert_eq!(failed.state, PlaceState::Failed);
        assert!(failed.problem.is_some(), "{failed:?}");

        fs::remove_dir_all(&repo).unwrap();
        fs::rename(&drawer, &repo).unwrap();
        assert_eq!(computer.now().await.state, PlaceState::Ready);
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_no_place_that_is_ready() {
        assert_eq!(state(&Ok(vec![]), true), PlaceState::ReadOnly);
        assert_eq!(state(&Ok(vec![]), false), PlaceState::Ready);
    }
}
