//! One error for every shell: what happened, what is safe, what to do.

mod archive;
mod backup;
mod fleet;
mod import;
mod keys;
mod next_step;
mod passkeys;
mod words;

pub(crate) use backup::no_access;
pub use next_step::NextStep;
pub(crate) use words::capitalised;

use serde::Serialize;
use specta::Type;

/// A failure in three parts and a stable code that a shell may switch on.
#[derive(Clone, Debug, Serialize, Type, thiserror::Error)]
#[error("{happened}")]
pub struct AppError {
    /// Stable, snake_case: `wrong_code`, `code_typo`, `too_few_sites`, `damaged`, `disk_full`,
    /// `cancelled`, ….
    pub code: &'static str,
    pub happened: String,
    pub safe: String,
    pub next: NextStep,
    pub tries_left: Option<u8>,
}

pub type Result<T> = std::result::Result<T, AppError>;

/// What most failures leave as it was.
pub(crate) const NOTHING_CHANGED: &str =
    "Nothing was changed: your chats and backups are as they were.";

const NO_TRY: &str = "No try was spent and nothing was changed.";

impl AppError {
    pub fn new(
        code: &'static str,
        happened: impl Into<String>,
        safe: &str,
        next: NextStep,
    ) -> Self {
        Self { code, happened: happened.into(), safe: safe.into(), next, tries_left: None }
    }

    #[must_use]
    pub fn with_tries_left(mut self, tries: u8) -> Self {
        self.tries_left = Some(tries);
        self
    }

    /// A thread of ours ended without a result.
    pub(crate) fn stopped() -> Self {
        Self::new("internal", "The work stopped unexpectedly.", NOTHING_CHANGED, NextStep::TryAgain)
    }

    pub(crate) fn cancelled(safe: &str) -> Self {
        Self::new("cancelled", "Stopped, as you asked.", safe, NextStep::StartAgain)
    }

    pub(crate) fn disk(doing: &str, error: &std::io::Error) -> Self {
        if matches!(
            error.kind(),
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
        ) {
            let happened = format!("The disk became full while {doing}.");
            return Self::new("disk_full", happened, NOTHING_CHANGED, NextStep::FreeSpace);
        }
        let happened = format!("{} failed: {error}.", capitalised(doing));
        Self::new("disk", happened, NOTHING_CHANGED, NextStep::CheckDiskAndPermissions)
    }

    pub(crate) fn damaged(what: &str, why: impl std::fmt::Display, next: NextStep) -> Self {
        Self::new(
            "damaged",
            format!("{what} cannot be read ({why})."),
            "Nothing was changed.",
            next,
        )
    }
}
