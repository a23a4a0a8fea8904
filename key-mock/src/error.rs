//! What can go wrong in running the MOCK key (not in a command: those are [`crate::Status`]).

use std::io;
use std::path::PathBuf;

/// Why a key could not be plugged in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state file exists and cannot be understood. It is left as it is.
    #[error("MOCK state file {path} is damaged ({reason}); it was left untouched")]
    StateDamaged {
        /// Which file.
        path: PathBuf,
        /// For an engineer.
        reason: String,
    },
    /// Another process is this key now.
    #[error("MOCK state file {path} is in use by another process")]
    StateInUse {
        /// Which file.
        path: PathBuf,
    },
    /// Another process listens there.
    #[error("{path} is in use by another process")]
    SocketInUse {
        /// Which socket.
        path: PathBuf,
    },
    /// Too short or too long (CTAP 2.1, 6.5.1).
    #[error("a PIN has 4 characters or more, and at most 63 bytes")]
    Pin,
    /// Reading, writing or listening failed.
    #[error("{context}: {source}")]
    Io {
        /// What was being done.
        context: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// Wraps an I/O error with what was being done.
    pub fn io(context: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let context = context.into();
        move |source| Self::Io { context, source }
    }
}
