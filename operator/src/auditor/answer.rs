//! What the auditor may say.

use crate::error::OperatorError;
use serde::Deserialize;
use std::process::ExitCode;

/// Anchors of 32 devices, under 400 bytes each when indented, and a signature, rounded up.
pub(super) const MAX_ANSWER: usize = 16 * 1024;

/// Why there is no answer, and what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error(transparent)]
    Here(#[from] OperatorError),
    #[error("{auditor} did not answer: {why}. Nothing is lost: run this command again.")]
    Unanswered { auditor: String, why: String },
    #[error("the auditor refused: {0}. Nothing was written.")]
    Refused(String),
    #[error(
        "the auditor's answer cannot be used: {0}. Nothing was written; ask the auditor what happened."
    )]
    WrongAnswer(String),
}

/// What the auditor says instead of an answer.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Exit codes: 0 done, 1 refused, 2 could not be tried.
pub(super) fn exit(done: Result<String, RequestError>) -> ExitCode {
    match done {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("keepsake-operator: {e}");
            ExitCode::from(
                if matches!(e, RequestError::Refused(_) | RequestError::WrongAnswer(_)) {
                    1
                } else {
                    2
                },
            )
        }
    }
}

/// The auditor's own sentence, if it said one.
pub(super) fn refusal(answer: &[u8]) -> Option<String> {
    let Refusal { error } = serde_json::from_slice(answer).ok()?;
    Some(error.chars().filter(|c| !c.is_control()).take(500).collect())
}
