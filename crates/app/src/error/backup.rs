//! What a backup refuses.

use super::words::capitalised;
use crate::{AppError, NextStep};
use backup_engine::{BackupError, StoreError};

const SNAPSHOTS_SAFE: &str =
    "Earlier snapshots are as they were, and so are the chats on this computer.";

const RESTORED_STAYS: &str = "What came back so far stays, and the backup is as it was.";

impl AppError {
    pub(crate) fn no_backup_key() -> Self {
        Self::new(
            "no_backup_key",
            "This computer has no key for backups yet.",
            "The backup is untouched.",
            NextStep::RecoverFirst,
        )
    }
}

impl From<BackupError> for AppError {
    fn from(error: BackupError) -> Self {
        let (code, next) = advice(&error);
        match error {
            BackupError::Source(source) => inner(source, "The backup stopped", SNAPSHOTS_SAFE),
            BackupError::Sink(source) => inner(source, "The restore stopped", RESTORED_STAYS),
            BackupError::Key(key) => key.into(),
            BackupError::Cancelled => Self::cancelled(
                "What was done so far is used by the next run. Earlier snapshots are whole.",
            ),
            other => {
                let happened = format!("{}.", capitalised(&other.to_string()));
                Self::new(code, happened, SNAPSHOTS_SAFE, next)
            }
        }
    }
}

/// What the person's own chats refused keeps its own code. `stopped`: what ended, as a sentence
/// begins.
fn inner(source: backup_engine::SourceError, stopped: &str, safe: &'static str) -> AppError {
    let other = match source.downcast::<chat_archive::ArchiveError>() {
        Ok(archive) if archive.code() == "archive.disk_full" => {
            return this_disk_full(stopped, safe);
        }
        Ok(archive) => return (*archive).into(),
        Err(other) => other,
    };
    let full = |e: &std::io::Error| {
        matches!(e.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
    };
    if other.downcast_ref::<std::io::Error>().is_some_and(full) {
        return this_disk_full(stopped, safe);
    }
    AppError::new("backup_failed", format!("{stopped}: {other}."), safe, NextStep::CheckThisDisk)
}

fn this_disk_full(stopped: &str, safe: &'static str) -> AppError {
    let happened = format!("{stopped}: this computer's disk is full.");
    AppError::new("disk_full", happened, safe, NextStep::FreeSpaceHere)
}

fn advice(error: &BackupError) -> (&'static str, NextStep) {
    match error {
        BackupError::NotARepository => ("not_a_backup", NextStep::CheckFolderOrBackUp),
        BackupError::AlreadyExists => ("already_exists", NextStep::ChooseEmptyFolder),
        BackupError::WrongKey { .. } => ("wrong_key", NextStep::RecoverWithCodeOfBackup),
        BackupError::KeyChanged => ("key_changed", NextStep::RecoverWithNewCode),
        BackupError::Damaged { .. } | BackupError::Missing { .. } => {
            ("damaged", NextStep::RepairBackup)
        }
        BackupError::Unsupported { .. } => ("too_new", NextStep::UpdateKeepsake),
        BackupError::RolledBack { .. } | BackupError::Replaced { .. } => {
            ("rolled_back", NextStep::FindNewestOrAcceptOlder)
        }
        BackupError::Locked { .. } | BackupError::LockLost => ("busy", NextStep::WaitOrReleaseLock),
        BackupError::NoSuchSnapshot(_) => ("not_found", NextStep::SeeBackups),
        BackupError::DiskFull => ("disk_full", NextStep::FreeSpaceThere),
        BackupError::Store(error) => {
            no_access(error).unwrap_or(("backup_failed", NextStep::CheckPlace))
        }
        BackupError::RecordTooLarge { .. } => ("too_large", NextStep::ReportMessage),
        _ => ("backup_failed", NextStep::CheckPlace),
    }
}

/// A place that does not let anybody in, or is not reached.
pub(crate) fn no_access(error: &StoreError) -> Option<(&'static str, NextStep)> {
    match error {
        StoreError::Refused(_) => Some(("place_refused", NextStep::CheckPlaceLogin)),
        StoreError::Unreachable { .. } => {
            Some(("place_unreachable", NextStep::CheckPlaceConnection))
        }
        _ => None,
    }
}
