//! How often backups are made by themselves, as the person says it.

use super::Every;
use crate::{Keepsake, Result};

/// How often backups are made by themselves: daily until the person says otherwise.
///
/// # Errors
/// `damaged` if what was chosen cannot be read; choosing again mends it.
pub async fn schedule(keepsake: &Keepsake) -> Result<Every> {
    keepsake.every()
}

/// From now on backups are made so often, by the open window and by the background mode.
///
/// # Errors
/// `disk_full`, `disk`.
pub async fn set_schedule(keepsake: &Keepsake, every: Every) -> Result<()> {
    keepsake.keep_every(every)
}
