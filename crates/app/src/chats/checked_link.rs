//! Which addresses may be opened in a browser. Pure.

use super::links::link;
use crate::{AppError, NextStep, Result};

/// An address that the window asked to open, if it is one of the web.
///
/// # Errors
/// `not_a_link`: anything but `http` and `https` with a host; a name or a password in it.
pub fn checked_link(address: &str) -> Result<String> {
    link(address).map(|link| link.url).ok_or_else(|| {
        AppError::new(
            "not_a_link",
            "This is no address of the web that can be opened.",
            "Nothing was opened.",
            NextStep::CopyLink,
        )
    })
}
