use crate::AppError;
use backup_engine::BackupError;

const SNAPSHOTS_SAFE: &str = "Earlier snapshots are as they were, and so are the chats on this computer.";

const RESTORED_STAYS: &str = "What came back so far stays, and the backup is as it was.";

impl AppError {
    pub(crate) fn no_backup_key() -> Self {
        Self::new(
            "no_backup_key",
            "This computer has no key for backups yet.",
            "The backup is untouched.",
            "Recover with your code first, or restore with an offline key.",
        )
        .with_command("keepsake vault recover --repo … (or keepsake backup restore --offline-key --repo …)")
    }
}

impl From<BackupError> for AppError {
    fn from(error: BackupError) -> Self {
        let (code, next) = advice(&error);
        match error {
            BackupError::Source(source) => inner(source, "The backup stopped", SNAPSHOTS_SAFE),
            BackupError::Sink(source) => inner(source, "The restore stopped", RESTORED_STAYS),
            BackupError::Key(key) => key.into(),
            BackupError::Cancelled => {
                Self::cancelled("What was done so far is used by the next run. Earlier snapshots are whole.")
            }
            other => {
                let happened = format!("{}.", capitalised(&other.to_string()));
                typed(Self::new(code, happened, SNAPSHOTS_SAFE, next), &other)
            }
        }
    }
}

/// What the person's own chats refused keeps its own code. `stopped`: what ended, as a sentence begins.
fn inner(source: backup_engine::SourceError, stopped: &str, safe: &'static str) -> AppError {
    let other = match source.downcast::<chat_archive::ArchiveError>() {
        Ok(archive) if archive.code() == "archive.disk_full" => return this_disk_full(stopped, safe),
        Ok(archive) => return (*archive).into(),
        Err(other) => other,
    };
    let full =
        |e: &std::io::Error| matches!(e.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded);
    if other.downcast_ref::<std::io::Error>().is_some_and(full) {
        return this_disk_full(stopped, safe);
    }
    AppError::new("backup_failed", format!("{stopped}: {other}."), safe, "Check this computer's disk and try again.")
}

fn this_disk_full(stopped: &str, safe: &'static str) -> AppError {
    let happened = format!("{stopped}: this computer's disk is full.");
    AppError::new(
        "disk_full",
        happened,
        safe,
        "Free some space on this computer and start again: it goes on from there.",
    )
}

fn advice(error: &BackupError) -> (&'static str, &'static str) {
    match error {
        BackupError::NotARepository => ("not_a_backup", "Check the folder, or back up to it for the first time."),
        BackupError::AlreadyExists => ("already_exists", "Choose an empty folder."),
        BackupError::WrongKey { .. } => {
            ("wrong_key", "Recover with the code that belongs to this backup, into a new home.")
        }
        BackupError::KeyChanged => (
            "key_changed",
            "Recover here with the new recovery code or the new offline key, or make a backup in another folder.",
        ),
        BackupError::Damaged { .. } | BackupError::Missing { .. } => (
            "damaged",
            "Repair the backup: that puts back what there is a copy of. Restoring brings everything that is whole.",
        ),
        BackupError::Unsupported { .. } => ("too_new", "Update Keepsake."),
        BackupError::RolledBack { .. } | BackupError::Replaced { .. } => (
            "rolled_back",
            "Somebody put an older copy in its place. Find the newest copy; or if you put the older one there yourself, go on from it.",
        ),
        BackupError::Locked { .. } | BackupError::LockLost => (
            "busy",
            "Wait until the other backup has ended, then try again. If nobody writes there, release the place.",
        ),
        BackupError::NoSuchSnapshot(_) => ("not_found", "Look at the list of backups again."),
        BackupError::DiskFull => ("disk_full", "Free some space there, or choose another place."),
        BackupError::RecordTooLarge { .. } => ("too_large", "This message cannot be backed up; please report it."),
        _ => ("backup_failed", "Check the place of the backup and try again."),
    }
}

/// The same with what to type.
fn typed(told: AppError, error: &BackupError) -> AppError {
    match error {
        BackupError::NotARepository => told.with_command("keepsake backup create --repo FOLDER"),
        BackupError::Damaged { .. } | BackupError::Missing { .. } => told.with_command("keepsake backup repair"),
        BackupError::RolledBack { .. } | BackupError::Replaced { .. } => {
            told.with_command("keepsake backup accept-older")
        }
        BackupError::Locked { .. } | BackupError::LockLost => {
            told.with_command("keepsake backup unlock (or --wait SECONDS)")
        }
        BackupError::NoSuchSnapshot(_) => told.with_command("keepsake backup list"),
        _ => told,
    }
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
