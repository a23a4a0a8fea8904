//! No more reminders.

use super::proofs::Proofs;
use crate::{Keepsake, Result};

/// From now on nobody is reminded to prove a way back.
///
/// # Errors
/// `damaged`, `disk`.
pub fn dismiss_drill_reminder(keepsake: &Keepsake) -> Result<()> {
    let mut proofs = Proofs::read(keepsake)?;
    proofs.silent = true;
    proofs.write(keepsake)
}
