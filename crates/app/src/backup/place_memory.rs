//! `place-memory.json`: how this computer fared with each place of its backups.

use crate::home::lock_file;
use crate::model::{BackupReport, CheckReport};
use crate::{AppError, Keepsake, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FILE: &str = "place-memory.json";
const LOCK: &str = "place-memory.lock";
const TYPE: &str = "keepsake/place-memory/v1";
/// A hundred places with the longest addresses (4,096 bytes), and 500 bytes beside each.
const MAX_FILE: u64 = 1024 * 1024;

/// What is remembered of one place. Times are unix seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PlaceMemory {
    /// When the backup there answered last.
    pub answered: Option<u64>,
    /// What its disk is called, if it is one that can be taken away.
    pub disk: Option<String>,
    /// It was away when it was last looked for.
    pub away: bool,
    /// Failures in a row of backups that were made by themselves.
    pub failures: u32,
    pub last_failure: Option<u64>,
    /// Code of the last failure.
    pub failure: Option<String>,
    /// Since when something waits for this backup.
    pub waiting_since: Option<u64>,
    /// The person was told that nothing is backed up any more.
    pub was_told: bool,
    pub checked: Option<Checked>,
    /// Parts that the last backup found damaged.
    pub damage: u64,
}

/// The last check of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checked {
    pub at: u64,
    pub all_data: bool,
    pub problems: u64,
}

#[derive(Serialize, Deserialize)]
struct MemoryFile {
    #[serde(rename = "type")]
    kind: String,
    places: BTreeMap<String, PlaceMemory>,
}

impl Keepsake {
    pub(crate) fn place_memory(&self, url: &str) -> Result<PlaceMemory> {
        Ok(self.place_memories()?.remove(url).unwrap_or_default())
    }

    /// Changes what is remembered of a place; nobody else changes it meanwhile.
    pub(crate) fn remember_place(
        &self,
        url: &str,
        change: impl FnOnce(&mut PlaceMemory),
    ) -> Result<()> {
        self.change_memories(|all| change(all.entry(url.to_string()).or_default()))
    }

    /// A backup was made: what failed before is past.
    pub(crate) fn note_backup(&self, url: &str, report: &BackupReport) -> Result<()> {
        let now = self.now();
        self.remember_place(url, |place| {
            let PlaceMemory { disk, checked, .. } = std::mem::take(place);
            let damage = report.damage.len() as u64;
            let answered = Some(now);
            *place = PlaceMemory { answered, disk, checked, damage, ..PlaceMemory::default() };
        })
    }

    /// A backup that was to be made by itself failed.
    pub(crate) fn note_failure(&self, url: &str, code: &str) -> Result<()> {
        let now = self.now();
        self.remember_place(url, |place| {
            place.failures = place.failures.saturating_add(1);
            place.last_failure = Some(now);
            place.failure = Some(code.to_string());
        })
    }

    pub(crate) fn note_check(&self, url: &str, report: &CheckReport) -> Result<()> {
        let all_data = report.all_data_read;
        let problems = report.problems.len() as u64;
        let checked = Some(Checked { at: self.now(), all_data, problems });
        self.remember_place(url, |place| place.checked = checked)
    }

    pub(crate) fn forget_place_memory(&self, url: &str) -> Result<()> {
        self.change_memories(|all| drop(all.remove(url)))
    }

    fn change_memories(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, PlaceMemory>),
    ) -> Result<()> {
        let refused = |e: std::io::Error| AppError::disk("writing place-memory.json", &e);
        let lock = lock_file(&self.path(LOCK)).map_err(refused)?;
        lock.lock().map_err(refused)?;
        let mut places = self.place_memories()?;
        let before = places.clone();
        change(&mut places);
        if places == before {
            return Ok(());
        }
        let file = MemoryFile { kind: TYPE.into(), places };
        self.write(FILE, &serde_json::to_vec_pretty(&file).expect("plain data"))
    }

    /// A file that cannot be understood counts as none: what was in it is learnt again.
    fn place_memories(&self) -> Result<BTreeMap<String, PlaceMemory>> {
        let Some(bytes) = self.read(FILE, MAX_FILE)? else { return Ok(BTreeMap::new()) };
        let file = serde_json::from_slice::<MemoryFile>(&bytes).ok().filter(|f| f.kind == TYPE);
        Ok(file.map(|file| file.places).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStore, Surroundings};

    #[test]
    fn what_two_threads_remember_of_two_places_is_all_there() {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(dir.path(), around).unwrap();
        std::thread::scope(|scope| {
            for url in ["/media/a", "/media/b"] {
                let keepsake = &keepsake;
                scope.spawn(move || {
                    for _ in 0..20 {
                        keepsake.remember_place(url, |place| place.failures += 1).unwrap();
                    }
                });
            }
        });
        let failures = |url: &str| keepsake.place_memory(url).unwrap().failures;
        assert_eq!((failures("/media/a"), failures("/media/b")), (20, 20));
        keepsake.forget_place_memory("/media/a").unwrap();
        assert_eq!((failures("/media/a"), failures("/media/b")), (0, 20));
        std::fs::write(dir.path().join(FILE), "{").unwrap();
        keepsake.remember_place("/media/a", |place| place.failures = 1).unwrap();
        assert_eq!(
            (failures("/media/a"), failures("/media/b")),
            (1, 0),
            "a cut file is begun anew"
        );
    }
}
