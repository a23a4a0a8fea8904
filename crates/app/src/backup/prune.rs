use super::computer_name;
use super::progress::Watcher;
use crate::bridge::watched;
use crate::model::PruneReport;
use crate::places::{self, address};
use crate::{Keepsake, Result, Watch};
use backup_engine::{PruneOptions, Retention};

/// Removes all but the newest `keep` snapshots, and what only they needed.
pub async fn prune_backup(keepsake: &Keepsake, repo: &str, keep: u32, watch: &dyn Watch) -> Result<PruneReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let repository = places::open_to_write(&keepsake, &url)?;
        let retention = Retention { last: keep.max(1) as usize, ..Retention::default() };
        let options = PruneOptions { retention, computer: computer_name(), dry_run: false };
        let report = repository.prune(&options, &Watcher(watch))?;
        places::remember(&keepsake, &url, &repository, None)?;
        Ok(PruneReport {
            snapshots_removed: report.dropped.len() as u64,
            bytes_freed: u64::try_from(report.bytes_freed).unwrap_or(0),
        })
    })
    .await
}
