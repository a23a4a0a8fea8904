use crate::AppError;
use backup_engine::BackupError;

const SNAPSHOTS_SAFE: &str = "Earlier snapshots are as they were, and so are the chats on this computer.";

impl AppError {
    pub(crate) fn no_backup_key() -> Self {
        Self::new(
            "no_backup_key",
            "This computer has no key for backups yet.",
            "The backup is untouched.",
            "Recover with your code first.",
        )
        .with_command("keepsake vault recover --repo …")
    }
}

impl From<BackupError> for AppError {
    fn from(error: BackupError) -> Self {
        let (code, next) = advice(&error);
        match error {
            BackupError::Source(source) | BackupError::Sink(source) => inner(source, code, next),
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

/// What the person's own chats refused keeps its own code.
fn inner(source: backup_engine::SourceError, code: &'static str, next: &'static str) -> AppError {
    match source.downcast::<chat_archive::ArchiveError>() {
        Ok(archive) => (*archive).into(),
        Err(other) => AppError::new(code, format!("The backup stopped: {other}."), SNAPSHOTS_SAFE, next),
    }
}

fn advice(error: &BackupError) -> (&'static str, &'static str) {
    match error {
        BackupError::NotARepository => ("not_a_backup", "Check the folder, or back up to it for the first time."),
        BackupError::AlreadyExists => ("already_exists", "Choose an empty folder."),
        BackupError::WrongKey { .. } => {
            ("wrong_key", "Recover with the code that belongs to this backup, into a new home.")
        }
        BackupError::Damaged { .. } | BackupError::Missing { .. } => {
            ("damaged", "Check the backup with every byte read, and restore from another copy if you have one.")
        }
        BackupError::Unsupported { .. } => ("too_new", "Update Keepsake."),
        BackupError::RolledBack { .. } | BackupError::Replaced { .. } => (
            "rolled_back",
            "Somebody put an older copy in its place. Find the newest copy, or back up to a new folder.",
        ),
        BackupError::Locked { .. } | BackupError::LockLost => {
            ("busy", "Wait until the other backup has ended, then try again.")
        }
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
        BackupError::Damaged { .. } | BackupError::Missing { .. } => {
            told.with_command("keepsake backup check --read-data")
        }
        BackupError::NoSuchSnapshot(_) => told.with_command("keepsake backup list"),
        _ => told,
    }
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
