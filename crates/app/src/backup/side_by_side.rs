//! Records and media come back at the same time: one is work for the database, the other for the
//! disk.

use super::archive_sink::{Applied, MediaSink, RecordSink};
use super::named;
use super::parsed_ahead::restore_records;
use super::progress::Watcher;
use super::restore_choice::{RestoreParts, Wanted};
use crate::{AppError, Progress, Result, Watch};
use backup_engine::{BackupError, Repository, RestoreOptions, RestoreReport, Snapshot};
use chat_archive::{Loading, MediaVault};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a restore puts what it brings.
pub(super) struct Sinks<'a> {
    pub loading: Loading<'a>,
    pub vault: &'a dyn MediaVault,
}

pub(super) struct Restored {
    pub applied: Applied,
    /// Media that the backup never had, and that are not here either.
    pub missing: u64,
    pub problems: Vec<String>,
}

impl Restored {
    fn of(applied: Applied, records: &RestoreReport, media: &RestoreReport) -> Self {
        let mut problems = named(&records.problems);
        let new: Vec<String> =
            named(&media.problems).into_iter().filter(|p| !problems.contains(p)).collect();
        problems.extend(new);
        Self { applied, missing: media.missing.len() as u64, problems }
    }
}

/// Restores what is wanted.
pub(super) fn bring(
    repository: &Repository,
    snapshot: &Snapshot,
    wanted: &Wanted<'_>,
    sinks: Sinks<'_>,
    watch: &dyn Watch,
) -> Result<Restored> {
    let Wanted { choice, options } = wanted;
    let some_messages =
        choice.between.is_limited() || options.streams.as_ref().is_some_and(|s| !s.is_empty());
    match some_messages && choice.parts == RestoreParts::Both {
        true => one_after_the_other(repository, snapshot, wanted, sinks, watch),
        false => side_by_side(repository, snapshot, wanted, sinks, watch),
    }
}

/// Which media belong to some messages, only these tell.
fn one_after_the_other(
    repository: &Repository,
    snapshot: &Snapshot,
    wanted: &Wanted<'_>,
    sinks: Sinks<'_>,
    watch: &dyn Watch,
) -> Result<Restored> {
    let records_only = RestoreOptions { media: Some(HashSet::new()), ..wanted.options.clone() };
    let records = RecordSink::new(sinks.loading, wanted.choice.between);
    let (of_records, mut applied) =
        restore_records(repository, (snapshot, &records_only), records, &Watcher(watch))?;
    let named = std::mem::take(&mut applied.named);
    let media_only = RestoreOptions { streams: Some(vec![]), media: Some(named), resume: None };
    let mut media = MediaSink { vault: sinks.vault, brought: 0 };
    let of_media = repository.restore(snapshot, &media_only, &mut media, &Watcher(watch))?;
    media.finish().map_err(BackupError::Sink)?;
    applied.report.media = media.brought;
    Ok(Restored::of(applied, &of_records, &of_media))
}

/// Where one side fails, the other one stops.
fn side_by_side(
    repository: &Repository,
    snapshot: &Snapshot,
    wanted: &Wanted<'_>,
    sinks: Sinks<'_>,
    watch: &dyn Watch,
) -> Result<Restored> {
    let options = &wanted.options;
    let shared = Shared { watch, failed: AtomicBool::new(false), done: Mutex::default() };
    let records_only = RestoreOptions { media: Some(HashSet::new()), ..options.clone() };
    let media_only = RestoreOptions { streams: Some(vec![]), resume: None, ..options.clone() };
    let records = RecordSink::new(sinks.loading, wanted.choice.between);
    let mut media = MediaSink { vault: sinks.vault, brought: 0 };
    let (of_media, of_records) = std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let side = Side { shared: &shared, number: 1 };
            let restored = repository.restore(snapshot, &media_only, &mut media, &Watcher(&side));
            let restored =
                restored.and_then(|r| media.finish().map(|()| r).map_err(BackupError::Sink));
            shared.or_fail(restored)
        });
        let side = Side { shared: &shared, number: 0 };
        let restored =
            restore_records(repository, (snapshot, &records_only), records, &Watcher(&side));
        (beside.join(), shared.or_fail(restored))
    });
    let of_media = of_media.map_err(|_| AppError::stopped())?;
    // Which of the two failed first? The other one was only stopped.
    let (of_media, (of_records, mut applied)) = match (of_media, of_records) {
        (Ok(media), Ok(records)) => (media, records),
        (Err(BackupError::Cancelled), Err(error)) | (Err(error), _) | (_, Err(error)) => {
            return Err(error.into());
        }
    };
    applied.report.media = media.brought;
    Ok(Restored::of(applied, &of_records, &of_media))
}

/// What both sides know of each other.
struct Shared<'a> {
    watch: &'a dyn Watch,
    failed: AtomicBool,
    /// Bytes done and expected, of each side.
    done: Mutex<[(u64, u64); 2]>,
}

impl Shared<'_> {
    fn or_fail<T>(
        &self,
        result: std::result::Result<T, BackupError>,
    ) -> std::result::Result<T, BackupError> {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

struct Side<'a> {
    shared: &'a Shared<'a>,
    number: usize,
}

impl Watch for Side<'_> {
    fn progress(&self, progress: Progress) {
        let Ok(mut done) = self.shared.done.lock() else { return };
        done[self.number] = (progress.done, progress.total.unwrap_or(0));
        let total = done[0].1 + done[1].1;
        self.shared.watch.progress(Progress {
            what: if done[0].0 < done[0].1 { "Messages".into() } else { progress.what },
            done: done[0].0 + done[1].0,
            total: (total > 0).then_some(total),
            unit: progress.unit,
        });
    }

    fn cancelled(&self) -> bool {
        self.shared.watch.cancelled() || self.shared.failed.load(Ordering::Relaxed)
    }
}
