//! Whether what is on this computer is whole.

use crate::bridge::watched;
use crate::watch::step;
use crate::{AppError, Keepsake, Result, Watch};
use chat_archive::{Archive, ArchiveError, MediaHash, MediaVault};
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
        let (media, lost) = match keepsake.archive().map(|archive| (archive.present_media(), archive)) {
            Ok((Ok(named), _)) => (named.len() as u64, lost_media(&keepsake, &named, watch)?.len() as u64),
            // Damage that is in the report already.
            _ => (0, 0),
        };
        Ok(ArchiveCheck { database, media, media_lost: lost })
    })
    .await
}

/// What is wrong with the database.
pub(crate) fn damage(keepsake: &Keepsake) -> Result<Option<String>> {
    let checked = keepsake.open_archive().and_then(|archive: Archive| archive.check());
    match checked {
        Ok(()) => Ok(None),
        Err(ArchiveError::Corrupt(what)) => Ok(Some(what)),
        Err(ArchiveError::Database(what)) => Ok(Some(what)),
        Err(other) => Err(other.into()),
    }
}

/// Those of `named` that are gone or damaged.
pub(crate) fn lost_media(keepsake: &Keepsake, named: &[(MediaHash, u64)], watch: &dyn Watch) -> Result<Vec<MediaHash>> {
    let vault = keepsake.media()?;
    let mut lost = Vec::new();
    for (at, (hash, _)) in named.iter().enumerate() {
        if watch.cancelled() {
            return Err(AppError::cancelled("Nothing was changed."));
        }
        step(watch, "Reading photos, videos and files", at as u64, named.len() as u64);
        if !vault.contains(hash).map_err(|e| AppError::disk("reading a media file", &e))? {
            lost.push(*hash);
        }
    }
    Ok(lost)
}
