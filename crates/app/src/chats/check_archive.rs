//! Whether what is on this computer is whole.

use super::whole::{damage, lost_media};
use crate::progress::watched;
use crate::{Keepsake, Result, Watch};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What is on this computer, and what of it is damaged.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ArchiveCheck {
    /// What is wrong with the database: its first finding.
    pub database: Option<String>,
    /// Media files that the archive counts on.
    pub media: u64,
    /// Of them: gone or damaged.
    pub media_lost: u64,
}

/// Reads every page of the archive and every media file.
///
/// # Errors
/// `wrong_key`, `busy`, `cancelled`. Damage is in the report.
pub async fn check_archive(keepsake: &Keepsake, watch: &dyn Watch) -> Result<ArchiveCheck> {
    let keepsake = keepsake.clone();
    watched(watch, move |watch| {
        let database = damage(&keepsake)?;
        let (media, lost) =
            match keepsake.archive().map(|archive| (archive.present_media(), archive)) {
                Ok((Ok(named), _)) => {
                    (named.len() as u64, lost_media(&keepsake, &named, watch)?.len() as u64)
                }
                // Damage that is in the report already.
                _ => (0, 0),
            };
        Ok(ArchiveCheck { database, media, media_lost: lost })
    })
    .await
}
