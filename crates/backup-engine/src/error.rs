//! What can go wrong with a backup, by what a caller can do about it.

use crate::port::SourceError;
use crate::store::StoreError;
use sealed_keys::KeyError;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no backup at this place.
    #[error("there is no backup here")]
    NotARepository,
    /// A backup is here already.
    #[error("there is a backup here already")]
    AlreadyExists,
    /// The key commitment differs: this key does not belong to this object.
    #[error("the key does not open {object}")]
    WrongKey { object: String },
    /// The backup was given another key by somebody who had this one. Nothing is written with this
    /// one any more.
    #[error("the key of this backup was changed")]
    KeyChanged,
    /// Changed, cut, moved or put back from another place. Earlier snapshots may still be whole.
    #[error("{object} is damaged or was altered: {why}")]
    Damaged { object: String, why: String },
    /// Named by a snapshot or the index, and not there.
    #[error("{object} is missing")]
    Missing { object: String },
    #[error("{object} is of a newer version than this program reads")]
    Unsupported { object: String },
    /// The store shows an older state than this computer has seen.
    #[error("the backup was rolled back: snapshot {seen} was here, now the newest is {found}")]
    RolledBack { seen: u64, found: u64 },
    /// The snapshot that this computer has seen was replaced by another.
    #[error("snapshot {sequence} is not the one that was seen before")]
    Replaced { sequence: u64 },
    /// Somebody else prunes, repairs, or changes the ways back. Seconds are since the lock was last
    /// renewed.
    #[error(
        "this backup is being tidied or changed by {computer} (last sign of life {seconds} s ago)"
    )]
    Locked { computer: String, seconds: u64 },
    /// Another computer took the lock over while this one slept. Nothing was committed.
    #[error("another computer took over the backup's lock")]
    LockLost,
    #[error("there is no snapshot {0}")]
    NoSuchSnapshot(u64),
    /// Nothing was committed; what was written is used by the next run or removed by the next
    /// prune.
    #[error("cancelled")]
    Cancelled,
    /// The place is full. Earlier snapshots are whole.
    #[error("the place of the backup is full")]
    DiskFull,
    #[error("the place of the backup: {0}")]
    Store(StoreError),
    #[error("reading what is to be backed up: {0}")]
    Source(SourceError),
    #[error("taking what is restored: {0}")]
    Sink(SourceError),
    #[error(transparent)]
    Key(KeyError),
    /// A record is larger than the format allows; see [`crate::limits::MAX_RECORD`].
    #[error("a record has {len} bytes, the limit is {limit}")]
    RecordTooLarge { len: usize, limit: usize },
}

impl BackupError {
    pub(crate) fn damaged(object: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Damaged { object: object.into(), why: why.into() }
    }

    /// The same refusal about a file that stands in for another.
    pub(crate) fn about(self, path: &str) -> Self {
        match self {
            Self::WrongKey { .. } => Self::WrongKey { object: path.into() },
            Self::Damaged { why, .. } => Self::Damaged { object: path.into(), why },
            other => other,
        }
    }

    /// Gives a refused key or seal the name of the object it was about.
    pub(crate) fn sealed(object: &str) -> impl FnOnce(KeyError) -> Self {
        let object = object.to_string();
        move |error| match error {
            KeyError::WrongKey(_) => Self::WrongKey { object },
            KeyError::Unsupported(_) => Self::Unsupported { object },
            KeyError::Damaged(_) => Self::damaged(object, "its seal does not fit"),
            KeyError::Malformed { why, .. } => Self::damaged(object, why),
            other => Self::Key(other),
        }
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::DiskFull,
            StoreError::NotFound(object) => Self::Missing { object },
            StoreError::TooLarge(object) => Self::damaged(object, "it is larger than it can be"),
            other => Self::Store(other),
        }
    }
}

impl From<KeyError> for BackupError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::WrongKey(object) => Self::WrongKey { object },
            KeyError::Damaged(object) => Self::damaged(object, "its seal does not fit"),
            KeyError::Unsupported(object) => Self::Unsupported { object },
            other => Self::Key(other),
        }
    }
}
