//! The kits that open this computer's backups.

use super::known_kits::KnownKit;
use crate::model::KitEntry;
use crate::{Keepsake, Result};

/// Kits made on this computer, oldest first. Those of a former key are not among them.
///
/// # Errors
/// `damaged`.
pub fn kits(keepsake: &Keepsake) -> Result<Vec<KitEntry>> {
    Ok(keepsake.present_kits()?.iter().map(entry).collect())
}

fn entry(kit: &KnownKit) -> KitEntry {
    let seconds = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
    KitEntry {
        id: kit.id.clone(),
        made: seconds(kit.made),
        saved: kit.saved.map(seconds),
        proved: kit.proved.map(seconds),
    }
}
