//! A code that the person has on paper.

use super::unsaved::note_saved;
use crate::protection::note_proof;
use crate::{Keepsake, Result};

/// From now on the code that was made last counts as a way back: the person typed it from paper.
///
/// # Errors
/// `disk`.
pub fn confirm_code(keepsake: &Keepsake) -> Result<()> {
    note_saved(keepsake)?;
    note_proof(keepsake)
}
