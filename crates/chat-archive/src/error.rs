//! What can go wrong with an archive.

use std::io;

use rusqlite::ErrorCode;

/// What can go wrong with an archive, by what the caller can do about it.
///
/// No variant ever carries message text, names or key material.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database is whole, but this key does not open it.
    #[error("this key does not open the archive")]
    WrongKey,
    /// The file is damaged: restore it from a backup.
    #[error("the archive is damaged ({0})")]
    Corrupt(String),
    /// Nothing of the unfinished step was kept; what was there before is untouched.
    #[error("the disk is full; nothing was changed: free some space and try again")]
    DiskFull,
    /// Another process holds the archive.
    #[error("the archive is in use by another process; close it and try again")]
    Busy,
    /// Written by a newer version of the program.
    #[error(
        "the archive has format {found}, this version reads up to {supported}: update Keepsake"
    )]
    TooNew {
        /// Schema version found in the file.
        found: i64,
        /// Newest schema version this build understands.
        supported: i64,
    },
    /// No such conversation, message or media file.
    #[error("no such {0} in the archive")]
    NotFound(&'static str),
    /// A change record that no archive can have written.
    #[error("invalid change record: {0}")]
    InvalidRecord(&'static str),
    /// Reading or writing a file failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, in words.
        doing: &'static str,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The database refused for another reason (its own words).
    #[error("database: {0}")]
    Database(String),
}

impl ArchiveError {
    /// A stable code that a user interface can switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKey => "archive.wrong_key",
            Self::Corrupt(_) => "archive.corrupt",
            Self::DiskFull => "archive.disk_full",
            Self::Busy => "archive.busy",
            Self::TooNew { .. } => "archive.too_new",
            Self::NotFound(_) => "archive.not_found",
            Self::InvalidRecord(_) => "archive.invalid_record",
            Self::Io { .. } => "archive.io",
            Self::Database(_) => "archive.database",
        }
    }

    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { doing, source },
        }
    }
}

impl From<rusqlite::Error> for ArchiveError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::DiskFull,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Corrupt(failure.to_string())
                }
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                _ => Self::Database(failure.to_string()),
            },
            // The stored value has another shape than the schema promises.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => {
                Self::Corrupt("unexpected value in a row".into())
            }
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound("row"),
            other => Self::Database(other.to_string()),
        }
    }
}
