//! Putting a backup's chats into the archive.

use super::no_snapshot;
use super::side_by_side::{Restored, Sinks, bring};
use crate::bridge::watched;
use crate::export_chat::Between;
use crate::model::RestoreReport;
use crate::places::{self, address};
use crate::{AppError, Keepsake, Result, Watch};
use backup_engine::{BackupError, Newest, Repository, RestoreOptions, Snapshot};
use std::collections::HashSet;
use std::time::Instant;

/// What of a backup is to come back; all of the newest snapshot by default.
#[derive(Clone, Debug, Default)]
pub struct RestoreChoice {
    /// Its number or id.
    pub snapshot: Option<String>,
    /// Only these chats, by title or by the id that browsing gives, and their media.
    pub chats: Vec<String>,
    /// Only messages of this time, and their media.
    pub between: Between,
    pub parts: RestoreParts,
}

/// Messages, their media, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestoreParts {
    #[default]
    Both,
    Messages,
    Media,
}

/// Restores a snapshot (the newest by default): messages, and media beside them. Never overwrites or deletes; doing it
/// again adds nothing, so a restore that was stopped is simply repeated.
pub async fn restore(
    keepsake: &Keepsake,
    repo: &str,
    snapshot: Option<String>,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    restore_chosen(keepsake, repo, RestoreChoice { snapshot, ..RestoreChoice::default() }, watch).await
}

/// Restores a part of a snapshot, in the same way.
///
/// # Errors
/// `not_found` if there is no such snapshot or chat; `bad_choice` for media of a time, which only messages have.
pub async fn restore_chosen(
    keepsake: &Keepsake,
    repo: &str,
    choice: RestoreChoice,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let repository = places::open(&keepsake, &url)?;
        let options = options(&repository, &choice)?;
        bring_back(&keepsake, &url, &Wanted { choice: &choice, options }, watch)
    })
    .await
}

/// A choice, and what of it the engine can make.
pub(crate) struct Wanted<'a> {
    pub choice: &'a RestoreChoice,
    pub options: RestoreOptions,
}

fn options(repository: &Repository, choice: &RestoreChoice) -> Result<RestoreOptions> {
    let mut options = RestoreOptions::default();
    match choice.parts {
        RestoreParts::Both => {}
        RestoreParts::Messages => options.media = Some(HashSet::new()),
        RestoreParts::Media if !choice.chats.is_empty() || choice.between.is_limited() => return Err(bad_choice()),
        RestoreParts::Media => options.streams = Some(vec![]),
    }
    if choice.chats.is_empty() {
        return Ok(options);
    }
    let all = super::browse::chats(repository, &choose(repository, choice.snapshot.as_deref())?.snapshot)?;
    let mut streams = Vec::new();
    for wanted in &choice.chats {
        let before = streams.len();
        let named = all.iter().filter(|chat| chat.id == *wanted || chat.title.as_ref() == Some(wanted));
        streams.extend(named.map(|chat| chat.id.clone().into_bytes()));
        if streams.len() == before {
            return Err(no_such_chat(wanted));
        }
    }
    options.streams = Some(streams);
    Ok(options)
}

fn bad_choice() -> AppError {
    let next = "Restore messages of that chat or time with their media, or all media.";
    AppError::new("bad_choice", "Media alone have no chat and no time.", "Nothing was changed.", next)
}

pub(super) fn no_such_chat(wanted: &str) -> AppError {
    let happened = format!("There is no chat {wanted} in this backup.");
    AppError::new("not_found", happened, "Nothing was changed.", "Look at the list of its chats.")
        .with_command("keepsake backup browse")
}

/// Restores what is wanted.
pub(crate) fn bring_back(
    keepsake: &Keepsake,
    url: &str,
    wanted: &Wanted<'_>,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let began = Instant::now();
    let repository = places::open(keepsake, url)?;
    let Chosen { snapshot, problems } = choose(&repository, wanted.choice.snapshot.as_deref())?;
    keepsake.clear_leftovers()?;
    let _writing = keepsake.mark_writing()?;
    let mut archive = keepsake.archive()?;
    let media = keepsake.media()?;
    let sinks = Sinks { loading: archive.begin_loading()?, vault: &media };
    let Restored { applied, missing, problems: damage } = bring(&repository, &snapshot, wanted, sinks, watch)?;
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
