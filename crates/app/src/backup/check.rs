//! Checks that a backup is whole.

use super::named;
use super::progress::Watcher;
use crate::backup::destinations::{self, address};
use crate::model::CheckReport;
use crate::progress::watched;
use crate::{Keepsake, Result, Watch};
use backup_engine::Depth;

/// Checks that a backup is whole; with `read_data`, every byte of it. When that was is remembered.
///
/// # Errors
/// `not_a_backup`, `rolled_back`, `place_missing`, …. What is damaged is in the report.
pub async fn check_backup(
    keepsake: &Keepsake,
    repo: &str,
    read_data: bool,
    watch: &dyn Watch,
) -> Result<CheckReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    let depth = if read_data { Depth::AllData } else { Depth::Structure };
    watched(watch, move |watch| {
        let report = destinations::open(&keepsake, &url)?.check(depth, &Watcher(watch))?;
        let report = CheckReport {
            snapshots: report.snapshots,
            packs: report.packs,
            bytes_read: report.bytes_read,
            all_data_read: read_data,
            stray_packs: report.stray_packs,
            stray_bytes: report.stray_bytes,
            problems: named(&report.problems),
        };
        keepsake.note_check(&url, &report)?;
        Ok(report)
    })
    .await
}
