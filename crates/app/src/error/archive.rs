//! What the chat archive refuses.

use super::NOTHING_CHANGED;
use crate::{AppError, NextStep};
use chat_archive::ArchiveError;

impl From<ArchiveError> for AppError {
    fn from(error: ArchiveError) -> Self {
        let (code, next) = match &error {
            ArchiveError::WrongKey => ("wrong_key", NextStep::UseHomeOfThisKey),
            ArchiveError::Corrupt(_) => ("damaged", NextStep::RepairArchive),
            ArchiveError::DiskFull => ("disk_full", NextStep::FreeSpace),
            ArchiveError::Busy => ("busy", NextStep::CloseOtherKeepsake),
            ArchiveError::TooNew { .. } => ("too_new", NextStep::UpdateKeepsake),
            ArchiveError::NotFound(_) => ("not_found", NextStep::SeeChats),
            ArchiveError::InvalidRecord(_) => ("damaged", NextStep::CheckBackup),
            ArchiveError::Io { .. } | ArchiveError::Database(_) => ("disk", NextStep::CheckDisk),
        };
        Self::new(code, format!("The chat archive: {error}."), NOTHING_CHANGED, next)
    }
}
