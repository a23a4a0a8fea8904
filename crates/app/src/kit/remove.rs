//! Taking a kit back.

use crate::backup::destinations;
use crate::{Keepsake, Result};

/// From now on the kit `id` opens no backup as it is there. Says which backups could not be changed
/// now: those lose it with their next backup. Older copies of a backup still open with it.
///
/// # Errors
/// `not_found`.
pub async fn remove_kit(keepsake: &Keepsake, id: &str) -> Result<Vec<String>> {
    keepsake.change_kit(id, |kit| kit.removed = true)?;
    Ok(destinations::renew_ways_back(keepsake).await)
}
