//! Bringing exports into the archive, as the person asks for it.

use super::ImportOptions;
use super::bring_in::{import_from, look_into};
use crate::model::{Detected, ImportReport};
use crate::progress::{blocking, watched};
use crate::{Keepsake, Result, Watch};
use std::path::Path;

/// Says what a file or folder holds, without importing it.
///
/// # Errors
/// If the path cannot be read, or holds what only a key opens.
pub async fn detect(keepsake: &Keepsake, path: &Path, options: ImportOptions) -> Result<Detected> {
    let keepsake = keepsake.clone();
    let path = path.to_path_buf();
    blocking(move || look_into(&keepsake, &path, &options)).await
}

/// Imports the exports in a file or folder: each whole or not at all. Importing one again, or
/// another phone's, adds only what is new.
pub async fn import_chats(
    keepsake: &Keepsake,
    path: &Path,
    options: ImportOptions,
    watch: &dyn Watch,
) -> Result<ImportReport> {
    let keepsake = keepsake.clone();
    let path = path.to_path_buf();
    watched(watch, move |watch| import_from(&keepsake, &path, &options, watch)).await
}
