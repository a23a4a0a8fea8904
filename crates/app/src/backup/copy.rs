//! A backup once more at another place.

use super::destinations::{address, existing_store, new_store};
use super::progress::Watcher;
use crate::model::CopyReport;
use crate::progress::watched;
use crate::{AppError, Keepsake, NextStep, Result, Watch};
use backup_engine::{BackupError, copy_backup as copy};

/// Copies a backup to a place that has none, or brings an earlier copy there up to date. Nothing is
/// opened on the way, and no key or vault is needed.
///
/// # Errors
/// `no_backup`, `other_backup` (another one is there), and those of the two places.
pub async fn copy_backup(
    keepsake: &Keepsake,
    from: &str,
    to: &str,
    watch: &dyn Watch,
) -> Result<CopyReport> {
    let (keepsake, from, to) = (keepsake.clone(), address(from)?, address(to)?);
    watched(watch, move |watch| {
        let source = existing_store(&keepsake, &from)?;
        let target = new_store(&keepsake, &to)?;
        let report = match copy(source.as_ref(), target.as_ref(), &Watcher(watch)) {
            Err(BackupError::AlreadyExists) => return Err(other_backup(&to)),
            copied => copied?,
        };
        Ok(CopyReport {
            files: report.files,
            bytes: report.bytes,
            same: report.same,
            snapshots: report.snapshots,
        })
    })
    .await
}

fn other_backup(to: &str) -> AppError {
    AppError::new(
        "other_backup",
        format!("Another backup is in {to}."),
        "Nothing was written there.",
        NextStep::ChooseEmptyFolder,
    )
}
