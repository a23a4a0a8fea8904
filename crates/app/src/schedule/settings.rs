//! `schedule.json`: what the person wants to happen by itself.

use super::Every;
use crate::{AppError, Keepsake, NextStep, Result};
use serde::{Deserialize, Serialize};

const FILE: &str = "schedule.json";
const TYPE: &str = "keepsake/schedule/v1";
/// A type and a word, with room for those of later versions.
const MAX_FILE: u64 = 4 * 1024;

#[derive(Serialize, Deserialize)]
struct ScheduleFile {
    #[serde(rename = "type")]
    kind: String,
    every: Every,
}

impl Keepsake {
    /// What the person chose, or daily.
    pub(crate) fn every(&self) -> Result<Every> {
        let damaged =
            |e: &dyn std::fmt::Display| AppError::damaged(FILE, e, NextStep::ChooseScheduleAgain);
        let Some(bytes) = self.read(FILE, MAX_FILE)? else { return Ok(Every::default()) };
        let file: ScheduleFile = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if file.kind == TYPE { Ok(file.every) } else { Err(damaged(&"unknown type")) }
    }

    pub(super) fn keep_every(&self, every: Every) -> Result<()> {
        let file = ScheduleFile { kind: TYPE.into(), every };
        self.write(FILE, &serde_json::to_vec_pretty(&file).expect("plain data"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStore, Surroundings};

    #[test]
    fn it_is_daily_until_the_person_chooses_and_a_damaged_file_is_no_choice() {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(dir.path(), around).unwrap();
        assert_eq!(keepsake.every().unwrap(), Every::Day);
        keepsake.keep_every(Every::Week).unwrap();
        assert_eq!(keepsake.every().unwrap(), Every::Week);
        for damaged in ["", "{}", r#"{"type":"keepsake/schedule/v1","every":"never"}"#] {
            std::fs::write(dir.path().join(FILE), damaged).unwrap();
            let refused = keepsake.every().unwrap_err();
            assert_eq!((refused.code, refused.next), ("damaged", NextStep::ChooseScheduleAgain));
        }
        keepsake.keep_every(Every::Off).unwrap();
        assert_eq!(keepsake.every().unwrap(), Every::Off);
    }
}
