//! A failure as the command line says it: in three parts, with what to type.

use crate::next_step::{Words, words};
use app::AppError;
use serde::Serialize;

/// What went wrong, here or in the app. This is what `--json` has under `error`.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub code: &'static str,
    pub happened: String,
    pub safe: String,
    /// What to do, in words.
    pub next: String,
    /// What to type for that.
    pub command: Option<String>,
    pub tries_left: Option<u8>,
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(
        code: &'static str,
        happened: impl Into<String>,
        safe: &str,
        next: &str,
    ) -> Self {
        Self {
            code,
            happened: happened.into(),
            safe: safe.into(),
            next: next.into(),
            command: None,
            tries_left: None,
        }
    }

    #[must_use]
    pub(crate) fn with_command(mut self, command: &str) -> Self {
        self.command = Some(command.into());
        self
    }

    #[must_use]
    pub(crate) fn with_tries_left(mut self, tries: u8) -> Self {
        self.tries_left = Some(tries);
        self
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let AppError { code, happened, safe, next, tries_left } = error;
        let Words { sentence, command } = words(next);
        Self {
            code,
            happened,
            safe,
            next: sentence.into(),
            command: command.map(Into::into),
            tries_left,
        }
    }
}
