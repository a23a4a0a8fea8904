//! Making a damaged backup whole again, with what this computer still has.

use crate::back_up::Watcher;
use crate::bridge::watched;
use crate::clock::unix_now;
use crate::places::{self, address};
use crate::{Keepsake, Result, Watch};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Stands in the list of snapshots where others have a computer's name: no computer's chats are in this one alone.
const NAME: &str = "(repair)";

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RepairReport {
    pub packs: u64,
    /// Damaged or missing; no longer counted on.
    pub packs_dropped: u64,
    /// Readable parts of damaged packs, which were moved to new ones.
    pub objects_saved: u64,
    /// What the newest snapshot named and nobody can read any more: the next backup brings it if the chats are here.
    pub parts_lost: u64,
    pub problems: Vec<String>,
}

/// Drops from a backup what is damaged or gone, so that the next backup of a computer that has it writes it again.
/// Deletes nothing.
pub async fn repair_backup(keepsake: &Keepsake, repo: &str, watch: &dyn Watch) -> Result<RepairReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let repository = places::open(&keepsake, &url)?;
        let report = repository.repair(NAME, unix_now(), &Watcher(watch))?;
        crate::back_up::remember(&keepsake, &url, &repository, None)?;
        // What this computer backed up before may be lost: it counts as not backed up until the next backup.
        if let Some(mut place) = keepsake.place(&url)?.filter(|_| report.sequence.is_some()) {
            place.cursor = 0;
            keepsake.keep_place(place)?;
        }
        Ok(RepairReport {
            packs: report.packs,
            packs_dropped: report.packs_dropped,
            objects_saved: report.objects_saved,
            parts_lost: report.catalogs_lost + report.segments_lost + report.media_lost,
            problems: report.problems.iter().map(ToString::to_string).collect(),
        })
    })
    .await
}
