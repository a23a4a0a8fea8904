//! The local archive of this home, opened with this computer's key.

use crate::home::SealedMedia;
use crate::{AppError, Keepsake, Result};
use chat_archive::{Archive, ArchiveError, ArchiveKey};
use std::sync::Arc;
use zeroize::Zeroizing;

impl Keepsake {
    /// A handle of its own: readers see the state before a running import until it commits.
    pub(crate) fn archive(&self) -> Result<Archive> {
        let media = Arc::new(self.media()?);
        Ok(Archive::open(&self.home().join("archive"), &self.archive_key(), media)?)
    }

    /// As [`Keepsake::archive`], for reading its rows alone, with the archive's own error.
    pub(crate) fn open_archive(&self) -> std::result::Result<Archive, ArchiveError> {
        let media = Arc::new(chat_archive::MemoryVault::default());
        Archive::open(&self.home().join("archive"), &self.archive_key(), media)
    }

    pub(crate) fn archive_key(&self) -> ArchiveKey {
        Zeroizing::new(*self.local_key().archive_key().expose())
    }

    pub(crate) fn media(&self) -> Result<SealedMedia> {
        let dir = self.home().join("archive").join("media");
        durable_files::create_private_dirs(&dir)
            .map_err(|e| AppError::disk("making the media folder", &e))?;
        Ok(SealedMedia::new(dir, self.local_key().media_cipher()))
    }

    /// Runs work on an archive handle of its own, off the async threads.
    pub(crate) async fn with_archive<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Archive) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let keepsake = self.clone();
        crate::progress::blocking(move || work(&mut keepsake.archive()?)).await
    }
}
