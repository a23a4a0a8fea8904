use crate::AppError;
use crate::error::NOTHING_CHANGED;
use chat_archive::ArchiveError;

impl From<ArchiveError> for AppError {
    fn from(error: ArchiveError) -> Self {
        let (code, next) = match &error {
            ArchiveError::WrongKey => ("wrong_key", "Use the home folder that belongs to this computer's key."),
            ArchiveError::Corrupt(_) => {
                ("damaged", "Repair the archive: that saves what can be read, and brings the rest from your backups.")
            }
            ArchiveError::DiskFull => ("disk_full", "Free some space and try again."),
            ArchiveError::Busy => ("busy", "Close the other Keepsake window or command and try again."),
            ArchiveError::TooNew { .. } => ("too_new", "Update Keepsake."),
            ArchiveError::NotFound(_) => ("not_found", "Look at the list of chats again."),
            ArchiveError::InvalidRecord(_) => ("damaged", "Check the backup, and read every byte of it."),
            ArchiveError::Io { .. } | ArchiveError::Database(_) => ("disk", "Check the disk and try again."),
        };
        let told = Self::new(code, format!("The chat archive: {error}."), NOTHING_CHANGED, next);
        match &error {
            ArchiveError::Corrupt(_) => told.with_command("keepsake archive repair"),
            ArchiveError::NotFound(_) => told.with_command("keepsake chats list"),
            ArchiveError::InvalidRecord(_) => told.with_command("keepsake backup check --read-data"),
            _ => told,
        }
    }
}
