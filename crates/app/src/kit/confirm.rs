//! A kit that the person has on paper.

use crate::protection::note_proof;
use crate::{Keepsake, Result};

/// From now on the kit `id` counts as a way back: the person typed some of its words from paper.
///
/// # Errors
/// `not_found`.
pub fn confirm_kit(keepsake: &Keepsake, id: &str) -> Result<()> {
    let now = keepsake.now();
    keepsake.change_kit(id, |kit| kit.saved = Some(now))?;
    note_proof(keepsake)
}
