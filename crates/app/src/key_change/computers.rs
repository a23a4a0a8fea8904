//! The computers that open the person's backups.

use super::computers_seen::{look, view};
use crate::model::Computers;
use crate::{Keepsake, Result};

/// The computers that have a slot in any backup that can be looked at now. A computer has one once
/// it has backed up.
///
/// # Errors
/// `no_backup_key`.
pub async fn computers(keepsake: &Keepsake) -> Result<Computers> {
    let mut seen = look(keepsake).await?;
    let own = keepsake.local_key().computer_key().id();
    seen.computers.sort_by_key(|c| (c.id != own, c.joined));
    let computers = seen.computers.iter().map(|c| view(c, c.id == own)).collect();
    Ok(Computers { computers, not_seen: seen.not_seen })
}
