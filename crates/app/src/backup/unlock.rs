//! Takes away the lock of a computer that does not write any more.

use crate::backup::destinations::{address, existing_store};
use crate::progress::blocking;
use crate::{Keepsake, Result};
use backup_engine::Repository;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Whose lock was taken away.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Unlocked {
    pub computer: String,
    /// Unix seconds of its last sign of life, by that computer's clock.
    pub last_sign: u64,
}

/// Takes a backup's lock away from whoever has it, for a person who knows that nobody writes there.
/// Nothing is lost if somebody does: their backup ends without a snapshot.
pub async fn unlock_backup(keepsake: &Keepsake, repo: &str) -> Result<Option<Unlocked>> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let holder = Repository::unlock(existing_store(&keepsake, &url)?.as_ref())?;
        Ok(holder.map(|h| Unlocked { computer: h.computer, last_sign: h.renewed }))
    })
    .await
}
