//! Which snapshots a backup has, and which chats are in one.

use super::no_snapshot;
use crate::chats::messenger;
use crate::model::BackedUpChat;
use crate::{AppError, NextStep, Result};
use backup_engine::{BackupError, Newest, Repository, Snapshot, StreamSummary};
use chat_archive::Change;

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
                let used = |p: BackupError| {
                    format!("{p}; snapshot {} was used instead", snapshot.sequence())
                };
                let problems = problem.map(used).into_iter().collect();
                Ok(Chosen { snapshot, problems })
            }
            (None, Some(problem)) => Err(problem.into()),
            (None, None) => Err(no_snapshot()),
        };
    };
    let named = |s: &Snapshot| s.sequence().to_string() == wanted || s.id() == wanted;
    let mut found: Vec<Snapshot> =
        repository.chain()?.snapshots.into_iter().filter(named).collect();
    let (code, happened) = match found.as_slice() {
        [] => ("not_found", format!("There is no snapshot {wanted}.")),
        [_] => return Ok(Chosen { snapshot: found.remove(0), problems: vec![] }),
        several => ("ambiguous", two_of_one_time(wanted, several)),
    };
    Err(AppError::new(code, happened, "Nothing was changed.", NextStep::SeeBackups))
}

/// Two computers backed up at the same time.
fn two_of_one_time(wanted: &str, several: &[Snapshot]) -> String {
    let ids: Vec<String> = several.iter().map(Snapshot::id).collect();
    format!("There are {} snapshots {wanted}: {}.", ids.len(), ids.join(" and "))
}

/// The chats of a snapshot, the one that was written last first.
pub(super) fn chats(repository: &Repository, snapshot: &Snapshot) -> Result<Vec<BackedUpChat>> {
    let named = |summary: StreamSummary| {
        let opening =
            summary.opening.and_then(|bytes| serde_json::from_slice::<Change>(&bytes).ok());
        let (title, source) = match opening {
            Some(Change::Conversation(chat)) => (Some(chat.title), Some(messenger(chat.source))),
            // Facts about the whole archive are no chat.
            Some(_) => return None,
            None => (None, None),
        };
        let id = String::from_utf8_lossy(&summary.stream).into_owned();
        Some(BackedUpChat { id, title, source, records: summary.records, bytes: summary.bytes })
    };
    Ok(repository.summaries(snapshot)?.into_iter().filter_map(named).collect())
}

pub(super) fn no_such_chat(wanted: &str) -> AppError {
    let happened = format!("There is no chat {wanted} in this backup.");
    AppError::new("not_found", happened, "Nothing was changed.", NextStep::SeeChatsOfBackup)
}
