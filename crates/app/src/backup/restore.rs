//! Putting a backup's chats into the archive.

use super::no_snapshot;
use super::side_by_side::{Restored, Sinks, side_by_side};
use crate::bridge::watched;
use crate::model::RestoreReport;
use crate::places::{self, address};
use crate::{AppError, Keepsake, Result, Watch};
use backup_engine::{BackupError, Newest, Repository, RestoreOptions, Snapshot};
use std::time::Instant;

/// Restores a snapshot (the newest by default): messages first, then media. Never overwrites or deletes; doing it again
/// adds nothing, so a restore that was stopped is simply repeated.
pub async fn restore(
    keepsake: &Keepsake,
    repo: &str,
    snapshot: Option<String>,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| bring_back(&keepsake, &url, snapshot.as_deref(), &RestoreOptions::default(), watch))
        .await
}

/// Restores what `options` ask for, of the snapshot `wanted` or the newest.
pub(crate) fn bring_back(
    keepsake: &Keepsake,
    url: &str,
    wanted: Option<&str>,
    options: &RestoreOptions,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let began = Instant::now();
    let repository = places::open(keepsake, url)?;
    let Chosen { snapshot, problems } = choose(&repository, wanted)?;
    keepsake.clear_leftovers()?;
    let _writing = keepsake.mark_writing()?;
    let mut archive = keepsake.archive()?;
    let media = keepsake.media()?;
    let sinks = Sinks { loading: archive.begin_loading()?, vault: &media };
    let Restored { applied, missing, problems: damage } = side_by_side(&repository, &snapshot, options, sinks, watch)?;
    let mut report = applied.report;
    report.snapshot = snapshot.id();
    report.problems = problems;
    report.problems.extend(damage);
    report.missing_media = missing;
    report.seconds = began.elapsed().as_secs_f64();
    let whole = wanted.is_none() && options.streams.is_none() && options.media.is_none() && report.problems.is_empty();
    remember_restored(keepsake, url, &repository, applied.cursor.filter(|_| whole))?;
    Ok(report)
}

/// After a whole restore into an empty archive, its changes up to `cursor` are in the backup already.
fn remember_restored(keepsake: &Keepsake, url: &str, repository: &Repository, cursor: Option<u64>) -> Result<()> {
    places::remember(keepsake, url, repository, None)?;
    let place = keepsake.place(url)?.filter(|p| p.last_backup.is_none());
    if let (Some(mut place), Some(cursor)) = (place, cursor) {
        place.cursor = cursor;
        keepsake.keep_place(place)?;
    }
    Ok(())
}

/// A snapshot to restore, and why it is not a younger one.
pub(super) struct Chosen {
    pub snapshot: Snapshot,
    pub problems: Vec<String>,
}

/// The named snapshot, or the newest that can be read.
pub(super) fn choose(repository: &Repository, wanted: Option<&str>) -> Result<Chosen> {
    let Some(wanted) = wanted else {
        let Newest { snapshot, problems } = repository.newest()?;
        return match (snapshot, problems.into_iter().next()) {
            (Some(snapshot), problem) => {
                let used = |p: BackupError| format!("{p}; snapshot {} was used instead", snapshot.sequence());
                let problems = problem.map(used).into_iter().collect();
                Ok(Chosen { snapshot, problems })
            }
            (None, Some(problem)) => Err(problem.into()),
            (None, None) => Err(no_snapshot()),
        };
    };
    let named = |s: &Snapshot| s.sequence().to_string() == wanted || s.id() == wanted;
    match repository.chain()?.snapshots.into_iter().find(named) {
        Some(snapshot) => Ok(Chosen { snapshot, problems: vec![] }),
        None => Err(AppError::new(
            "not_found",
            format!("There is no snapshot {wanted}."),
            "Nothing was changed.",
            "Look at the list of backups again.",
        )
        .with_command("keepsake backup list")),
    }
}
