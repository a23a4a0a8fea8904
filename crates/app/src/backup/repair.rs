//! Making a damaged backup whole again, with what this computer still has.

use super::named;
use super::progress::Watcher;
use crate::backup::destinations::{self, address};
use crate::home::unix_now;
use crate::progress::watched;
use crate::{Keepsake, Result, Watch};
use backup_engine::RepairOptions;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::time::Duration;

/// Stands in the list of snapshots where others have a computer's name: no computer's chats are in
/// this one alone.
const NAME: &str = "(repair)";

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RepairReport {
    pub packs: u64,
    /// Damaged or missing; no longer counted on.
    pub packs_dropped: u64,
    /// Readable parts of damaged packs, which were moved to new ones.
    pub objects_saved: u64,
    /// Files of the header and of snapshots that were written again from a copy.
    pub files_restored: u64,
    /// Snapshots that nobody can read any more.
    pub snapshots_lost: u64,
    /// What the newest snapshot named and nobody can read any more: the next backup brings it if
    /// the chats are here.
    pub parts_lost: u64,
    /// The backup's key slots were lost and made anew from what this computer has: offline keys
    /// made before open it no longer.
    pub keys_made_anew: bool,
    pub problems: Vec<String>,
}

/// Puts back what a backup has a copy of, and drops what is damaged or gone, so that the next
/// backup of a computer that has it writes it again. Deletes nothing. `wait`: how long to wait for
/// a writer to end.
pub async fn repair_backup(
    keepsake: &Keepsake,
    repo: &str,
    wait: Duration,
    watch: &dyn Watch,
) -> Result<RepairReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let mut repository = destinations::open_to_write(&keepsake, &url)?.with_patience(wait);
        let seen = keepsake.destination(&url)?.and_then(|p| p.seen).and_then(|s| s.to_seen());
        let options = RepairOptions { computer: NAME.into(), now: unix_now(), seen };
        let report = repository.repair(&options, &Watcher(watch))?;
        if report.header_lost {
            destinations::add_own_slots(&keepsake, &mut repository)?;
        }
        destinations::remember(&keepsake, &url, &repository, None)?;
        // What this computer backed up before may be lost: it counts as not backed up until the
        // next backup.
        if let Some(mut place) = keepsake.destination(&url)?.filter(|_| report.parts_lost() > 0) {
            place.cursor = 0;
            keepsake.keep_destination(place)?;
        }
        Ok(RepairReport {
            packs: report.packs,
            packs_dropped: report.packs_dropped,
            objects_saved: report.objects_saved,
            files_restored: report.files_restored,
            snapshots_lost: report.snapshots_lost,
            parts_lost: report.parts_lost(),
            keys_made_anew: report.header_lost,
            problems: named(&report.problems),
        })
    })
    .await
}
