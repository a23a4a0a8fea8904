//! What of this computer's archive is damaged.

use crate::progress::step;
use crate::{AppError, Keepsake, Result, Watch};
use chat_archive::{Archive, ArchiveError, MediaHash, MediaVault};

/// What is wrong with the database.
pub(super) fn damage(keepsake: &Keepsake) -> Result<Option<String>> {
    let checked = keepsake.open_archive().and_then(|archive: Archive| archive.check());
    match checked {
        Ok(()) => Ok(None),
        Err(ArchiveError::Corrupt(what)) => Ok(Some(what)),
        Err(ArchiveError::Database(what)) => Ok(Some(what)),
        Err(other) => Err(other.into()),
    }
}

/// Those of `named` that are gone or damaged.
pub(super) fn lost_media(
    keepsake: &Keepsake,
    named: &[(MediaHash, u64)],
    watch: &dyn Watch,
) -> Result<Vec<MediaHash>> {
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
