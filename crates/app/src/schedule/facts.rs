//! The facts about a place that a decision is made from, gathered now.

use super::decide::{Facts, Power, Presence};
use crate::backup::destinations::Destination;
use crate::backup::kind_of;
use crate::model::PlaceKind;
use crate::system::power;
use crate::{Every, Keepsake, Result};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The archive's file, in its folder: its time of change is that of the last import.
const DATABASE: &str = "archive.db";

/// What is the same for all places.
pub(crate) struct Around {
    pub every: Every,
    /// Cursor of the newest change of the chats, and when that was in unix seconds.
    head: u64,
    changed: Option<u64>,
    at_work: bool,
    power: Power,
}

impl Around {
    pub(crate) fn of(keepsake: &Keepsake) -> Result<Self> {
        let database = keepsake.home().join("archive").join(DATABASE);
        let changed = std::fs::metadata(&database).and_then(|meta| meta.modified()).ok();
        let changed = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            every: keepsake.every()?,
            changed: changed.map(|since| since.as_secs()),
            head: keepsake.archive()?.latest_cursor()?.0,
            at_work: keepsake.is_written_to()?,
            power: power(),
        })
    }

    /// Of one place. A server is taken to be there: asking it is what the backup does.
    pub(crate) fn facts(&self, keepsake: &Keepsake, place: &Destination) -> Result<Facts> {
        let memory = keepsake.place_memory(&place.url)?;
        let is_there = kind_of(&place.url) != PlaceKind::Folder || Path::new(&place.url).is_dir();
        Ok(Facts {
            every: self.every,
            now: keepsake.now(),
            last_backup: place.last_backup,
            // A cursor beyond the chats is of chats that were here before these.
            is_new: self.head != place.cursor,
            changed: self.changed,
            at_work: self.at_work,
            failures: memory.failures,
            last_failure: memory.last_failure,
            place: match (is_there, memory.away) {
                (false, _) => Presence::Away,
                (true, true) => Presence::CameBack,
                (true, false) => Presence::There,
            },
            power: self.power,
        })
    }
}
