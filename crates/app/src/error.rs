//! One error for every shell: what happened, what is safe, what to do.

use serde::Serialize;
use specta::Type;

/// A failure in three parts and a stable code that a shell may switch on.
#[derive(Clone, Debug, Serialize, Type, thiserror::Error)]
#[error("{happened}")]
pub struct AppError {
    /// Stable, snake_case: `wrong_code`, `code_typo`, `unreachable`, `damaged`, `cancelled`, ….
    pub code: &'static str,
    pub happened: String,
    pub safe: String,
    pub next: String,
    pub tries_left: Option<u8>,
}

impl AppError {
    pub fn new(code: &'static str, happened: impl Into<String>, safe: &str, next: &str) -> Self {
        Self { code, happened: happened.into(), safe: safe.into(), next: next.into(), tries_left: None }
    }

    pub fn with_tries_left(mut self, tries: u8) -> Self {
        self.tries_left = Some(tries);
        self
    }
}

pub type Result<T> = std::result::Result<T, AppError>;
