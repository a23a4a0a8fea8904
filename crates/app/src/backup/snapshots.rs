//! The snapshots of a backup.

use crate::backup::destinations::{self, address};
use crate::model::SnapshotView;
use crate::progress::blocking;
use crate::{Keepsake, Result};

/// The snapshots of a backup that can be read, oldest first.
pub async fn snapshots(keepsake: &Keepsake, repo: &str) -> Result<Vec<SnapshotView>> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        Ok(destinations::open(&keepsake, &url)?
            .chain()?
            .snapshots
            .iter()
            .rev()
            .map(snapshot)
            .collect())
    })
    .await
}

/// Takes a backup as it is, though this computer saw a newer state of it: for a person who put an
/// older copy there. Returns its newest snapshot, if it has one.
pub async fn accept_older_backup(keepsake: &Keepsake, repo: &str) -> Result<Option<SnapshotView>> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let repository = destinations::open_unseen(&keepsake, &url)?;
        destinations::forget_seen(&keepsake, &url)?;
        destinations::remember(&keepsake, &url, &repository, None)?;
        Ok(repository.latest()?.as_ref().map(snapshot))
    })
    .await
}

fn snapshot(snapshot: &backup_engine::Snapshot) -> SnapshotView {
    let totals = snapshot.totals();
    SnapshotView {
        id: snapshot.id(),
        sequence: snapshot.sequence(),
        at: i64::try_from(snapshot.created()).unwrap_or(i64::MAX),
        computer: snapshot.computer().to_string(),
        records: totals.records,
        media: totals.media,
        missing_media: totals.missing,
        bytes: totals.record_bytes + totals.media_bytes,
    }
}
