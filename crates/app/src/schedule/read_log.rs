//! What was done by itself, for the person to read.

use crate::progress::blocking;
use crate::{Keepsake, Result};

/// The newest lines of the log, oldest first: each a time and what was done. They name no person,
/// chat, folder or server.
///
/// # Errors
/// `disk`.
pub async fn background_log(keepsake: &Keepsake, newest: usize) -> Result<Vec<String>> {
    let keepsake = keepsake.clone();
    blocking(move || keepsake.log_lines(newest)).await
}
