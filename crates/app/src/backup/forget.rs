//! What takes chats out of a backup's next snapshot.

use super::contents::{Chosen, chats, choose};
use super::destinations;
use super::media_of::media_of;
use super::progress::Watcher;
use super::{computer_name, named};
use crate::home::unix_now;
use crate::model::BackedUpChat;
use crate::{AppError, Keepsake, NextStep, Result, Watch};
use backup_engine::{ForgetOptions, MediaHash as Hash, RestoreOptions, Sink, SourceError};
use chat_archive::Change;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashSet;
use std::io::Read;

/// What a backup is without from its newest snapshot on.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct Forgotten {
    pub url: String,
    /// Number of that snapshot.
    pub snapshot: u64,
    /// Records, a message once for each of its changes.
    pub records: u64,
    pub media: u64,
    /// Earlier snapshots, which may have the chat until they are pruned.
    pub earlier_snapshots: u64,
}

/// Forgets the chats whose ids `choose_ids` picks from those of the newest snapshot.
pub(super) fn forget(
    keepsake: &Keepsake,
    url: &str,
    choose_ids: impl FnOnce(Vec<BackedUpChat>) -> Result<HashSet<String>>,
    watch: &dyn Watch,
) -> Result<Forgotten> {
    let repository = destinations::open_to_write(keepsake, url)?;
    let Chosen { snapshot, problems } = choose(&repository, None)?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(cannot_forget(&problem));
    }
    let ids = choose_ids(chats(&repository, &snapshot)?)?;
    let streams: HashSet<Vec<u8>> = ids.into_iter().map(String::into_bytes).collect();
    let mut names =
        MediaNames { streams: &streams, theirs: HashSet::new(), of_others: HashSet::new() };
    if !streams.is_empty() {
        let records_only =
            RestoreOptions { media: Some(HashSet::new()), ..RestoreOptions::default() };
        let read = repository.restore(&snapshot, &records_only, &mut names, &Watcher(watch))?;
        if let Some(problem) = named(&read.problems).into_iter().next() {
            return Err(cannot_forget(&problem));
        }
    }
    let media = names.theirs.difference(&names.of_others).copied().collect();
    let options = ForgetOptions { streams, media, computer: computer_name(), now: unix_now() };
    let report = repository.forget(&options, &Watcher(watch))?;
    destinations::remember(keepsake, url, &repository, None)?;
    Ok(Forgotten {
        url: url.to_string(),
        snapshot: report.sequence,
        records: report.records,
        media: report.media,
        earlier_snapshots: report.earlier.len() as u64,
    })
}

fn cannot_forget(problem: &str) -> AppError {
    let happened = format!(
        "The backup is damaged, so that what else needs the chat's media is not known: {problem}."
    );
    AppError::new("damaged", happened, "Nothing was taken out of it.", NextStep::RepairBackup)
}

/// Which media the records of some streams name, and which those of the others do.
struct MediaNames<'a> {
    streams: &'a HashSet<Vec<u8>>,
    theirs: HashSet<Hash>,
    of_others: HashSet<Hash>,
}

impl Sink for MediaNames<'_> {
    fn record(&mut self, stream: &[u8], bytes: &[u8]) -> std::result::Result<(), SourceError> {
        let change = Change::read(bytes)?;
        let of = if self.streams.contains(stream) { &mut self.theirs } else { &mut self.of_others };
        of.extend(media_of(&change).map(|(hash, _)| hash));
        Ok(())
    }

    fn has_media(&mut self, _: &Hash) -> std::result::Result<bool, SourceError> {
        Ok(true)
    }

    fn media(
        &mut self,
        _: &Hash,
        _: u64,
        _: &mut dyn Read,
    ) -> std::result::Result<(), SourceError> {
        Ok(())
    }
}
