//! Why an export stays closed.

use std::io;

/// Why something stays closed, by what the person can do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What was given is no key of this sort.
    #[error("this is no key: {0}")]
    NotAKey(&'static str),
    /// A key, and of another backup.
    #[error("the key does not open it: it is the key of another backup, or was mistyped")]
    WrongKey,
    /// The sort of key that was given opens another sort of backup.
    #[error("this key is of another sort: {0}")]
    OtherSortOfKey(&'static str),
    /// The key does not open it, and nothing tells whether the file is as it was.
    #[error("the key does not open it: check the key, and if it is right, copy the file again")]
    WrongKeyOrDamaged,
    /// The file is cut off or was changed.
    #[error("the file is damaged: {0}; copy it again")]
    Damaged(&'static str),
    /// The key is in the keyring of the computer, under a password of its own.
    #[error("the key lies in the keyring of the computer ({0})")]
    InKeyring(String),
    /// The key was sealed by Windows for one account on one computer.
    #[error("its key is sealed by Windows, for the account that Signal runs in")]
    SealedByWindows,
    /// Larger than any real one.
    #[error("{what} is over the limit of {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Bytes.
        limit: u64,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}
