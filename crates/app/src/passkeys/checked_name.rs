//! What a passkey may be called.

use crate::{AppError, NextStep, Result};

/// A line in a list.
const MAX_NAME: usize = 60;

/// # Errors
/// `bad_name`.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(AppError::new(
            "bad_name",
            format!("A passkey's name has 1 to {MAX_NAME} characters."),
            "Nothing was changed.",
            NextStep::NamePasskeyAnew,
        ));
    }
    Ok(name)
}
