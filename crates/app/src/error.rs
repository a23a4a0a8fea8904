//! One error for every shell: what happened, what is safe, what to do.

use serde::Serialize;
use specta::Type;

/// A failure in three parts and a stable code that a shell may switch on.
#[derive(Clone, Debug, Serialize, Type, thiserror::Error)]
#[error("{happened}")]
pub struct AppError {
    /// Stable, snake_case: `wrong_code`, `code_typo`, `too_few_sites`, `damaged`, `disk_full`, `cancelled`, ….
    pub code: &'static str,
    pub happened: String,
    pub safe: String,
    /// In the words of either shell; the window shows this alone.
    pub next: String,
    /// What to type for that. Only the command line shows it.
    pub command: Option<String>,
    pub tries_left: Option<u8>,
}

pub type Result<T> = std::result::Result<T, AppError>;

/// What most failures leave as it was.
pub(crate) const NOTHING_CHANGED: &str = "Nothing was changed: your chats and backups are as they were.";

impl AppError {
    pub fn new(code: &'static str, happened: impl Into<String>, safe: &str, next: &str) -> Self {
        Self { code, happened: happened.into(), safe: safe.into(), next: next.into(), command: None, tries_left: None }
    }

    /// What does, on the command line, what `next` says.
    #[must_use]
    pub fn with_command(mut self, command: &str) -> Self {
        self.command = Some(command.into());
        self
    }

    #[must_use]
    pub fn with_tries_left(mut self, tries: u8) -> Self {
        self.tries_left = Some(tries);
        self
    }

    /// A thread of ours ended without a result.
    pub(crate) fn stopped() -> Self {
        Self::new("internal", "The work stopped unexpectedly.", NOTHING_CHANGED, "Try again.")
    }

    pub(crate) fn cancelled(safe: &str) -> Self {
        Self::new("cancelled", "Stopped, as you asked.", safe, "Start again whenever you like.")
    }

    pub(crate) fn disk(doing: &str, error: &std::io::Error) -> Self {
        if matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
            let happened = format!("The disk became full while {doing}.");
            return Self::new("disk_full", happened, NOTHING_CHANGED, "Free some space and try again.");
        }
        let happened = format!("The disk refused while {doing}: {error}.");
        Self::new("disk", happened, NOTHING_CHANGED, "Check the disk and the folder's permissions, then try again.")
    }

    pub(crate) fn damaged(what: &str, why: impl std::fmt::Display, next: &str) -> Self {
        Self::new("damaged", format!("{what} cannot be read ({why})."), "Nothing was changed.", next)
    }
}
