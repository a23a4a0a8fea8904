//! Putting a backup's chats into the archive.

use super::bring_back::bring_back;
use super::contents::{chats, choose, no_such_chat};
use super::destinations::{self, address};
use super::restore_choice::{RestoreChoice, RestoreParts, Wanted};
use crate::model::RestoreReport;
use crate::progress::watched;
use crate::{AppError, Keepsake, NextStep, Result, Watch};
use backup_engine::{Repository, RestoreOptions};
use std::collections::HashSet;

/// Restores a snapshot (the newest by default): messages, and media beside them. Never overwrites
/// or deletes; doing it again adds nothing, so a restore that was stopped is simply repeated.
pub async fn restore(
    keepsake: &Keepsake,
    repo: &str,
    snapshot: Option<String>,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    restore_chosen(keepsake, repo, RestoreChoice { snapshot, ..RestoreChoice::default() }, watch)
        .await
}

/// Restores a part of a snapshot, in the same way.
///
/// # Errors
/// `not_found` if there is no such snapshot or chat; `bad_choice` for media of a time, which only
/// messages have.
pub async fn restore_chosen(
    keepsake: &Keepsake,
    repo: &str,
    choice: RestoreChoice,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let repository = destinations::open(&keepsake, &url)?;
        let options = options(&repository, &choice)?;
        bring_back(&keepsake, &url, &Wanted { choice: &choice, options }, watch)
    })
    .await
}

fn options(repository: &Repository, choice: &RestoreChoice) -> Result<RestoreOptions> {
    let mut options = RestoreOptions::default();
    match choice.parts {
        RestoreParts::Both => {}
        RestoreParts::Messages => options.media = Some(HashSet::new()),
        RestoreParts::Media if !choice.chats.is_empty() || choice.between.is_limited() => {
            return Err(bad_choice());
        }
        RestoreParts::Media => options.streams = Some(vec![]),
    }
    if choice.chats.is_empty() {
        return Ok(options);
    }
    let all = chats(repository, &choose(repository, choice.snapshot.as_deref())?.snapshot)?;
    let mut streams = Vec::new();
    for wanted in &choice.chats {
        let before = streams.len();
        let named =
            all.iter().filter(|chat| chat.id == *wanted || chat.title.as_ref() == Some(wanted));
        streams.extend(named.map(|chat| chat.id.clone().into_bytes()));
        if streams.len() == before {
            return Err(no_such_chat(wanted));
        }
    }
    options.streams = Some(streams);
    Ok(options)
}

fn bad_choice() -> AppError {
    let next = NextStep::RestoreMediaWithMessages;
    AppError::new(
        "bad_choice",
        "Media alone have no chat and no time.",
        "Nothing was changed.",
        next,
    )
}
