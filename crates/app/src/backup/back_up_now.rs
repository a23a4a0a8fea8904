//! A backup that the person asked for.

use super::back_up::run;
use crate::backup::destinations::address;
use crate::model::BackupReport;
use crate::progress::watched;
use crate::{Keepsake, Result, Watch};
use std::time::Duration;

/// Brings everything new into a new snapshot at `repo`; makes the backup there if there is none.
/// `wait`: how long to wait for another writer to end.
///
/// # Errors
/// `place_missing`, `place_unreachable`, `disk_full`, `busy`, `damaged`, …: earlier snapshots are
/// as they were.
pub async fn back_up(
    keepsake: &Keepsake,
    repo: &str,
    wait: Duration,
    watch: &dyn Watch,
) -> Result<BackupReport> {
    let keepsake = keepsake.clone();
    let url = address(repo)?;
    watched(watch, move |watch| {
        let report = run(&keepsake, &url, wait, watch)?;
        keepsake.note_backup(&url, &report)?;
        Ok(report)
    })
    .await
}
