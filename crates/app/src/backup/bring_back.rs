//! Brings what is wanted of a backup into the archive.

use super::contents::{Chosen, choose};
use super::destinations;
use super::restore_choice::Wanted;
use super::side_by_side::{Restored, Sinks, bring};
use crate::model::RestoreReport;
use crate::{Keepsake, Result, Watch};
use backup_engine::Repository;
use std::time::Instant;

/// Restores what is wanted.
pub(crate) fn bring_back(
    keepsake: &Keepsake,
    url: &str,
    wanted: &Wanted<'_>,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let began = Instant::now();
    let repository = destinations::open(keepsake, url)?;
    let Chosen { snapshot, problems } = choose(&repository, wanted.choice.snapshot.as_deref())?;
    keepsake.clear_leftovers()?;
    let _writing = keepsake.mark_writing()?;
    let mut archive = keepsake.archive()?;
    let media = keepsake.media()?;
    let sinks = Sinks { loading: archive.begin_loading()?, vault: &media };
    let Restored { applied, missing, problems: damage } =
        bring(&repository, &snapshot, wanted, sinks, watch)?;
    let mut report = applied.report;
    report.snapshot = snapshot.id();
    report.problems = problems;
    report.problems.extend(damage);
    report.missing_media = missing;
    report.seconds = began.elapsed().as_secs_f64();
    let Wanted { choice, options } = wanted;
    let all = options.streams.is_none() && options.media.is_none() && !choice.between.is_limited();
    let whole = choice.snapshot.is_none() && all && report.problems.is_empty();
    remember_restored(keepsake, url, &repository, applied.cursor.filter(|_| whole))?;
    Ok(report)
}

/// After a whole restore into an empty archive, its changes up to `cursor` are in the backup
/// already.
fn remember_restored(
    keepsake: &Keepsake,
    url: &str,
    repository: &Repository,
    cursor: Option<u64>,
) -> Result<()> {
    destinations::remember(keepsake, url, repository, None)?;
    let place = keepsake.destination(url)?.filter(|p| p.last_backup.is_none());
    if let (Some(mut place), Some(cursor)) = (place, cursor) {
        place.cursor = cursor;
        keepsake.keep_destination(place)?;
    }
    Ok(())
}
