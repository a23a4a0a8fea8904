//! A backup's header as a file, kept where the backup is not.

use super::destinations::{address, existing_store};
use crate::progress::blocking;
use crate::{AppError, Keepsake, NextStep, Result};
use backup_engine::Repository;
use durable_files::{Readers, write_new};
use std::path::{Path, PathBuf};

/// Writes a backup's header to a new file that only this user can read. With it and a way back (a
/// code, a passkey, an offline key) a backup opens that has lost every header of its own: put it
/// there as `keepsake.json`.
///
/// # Errors
/// `exists` if there is such a file; `damaged` if the backup has no whole header.
pub async fn export_header(keepsake: &Keepsake, repo: &str, out: &Path) -> Result<PathBuf> {
    let (keepsake, url, out) = (keepsake.clone(), address(repo)?, out.to_path_buf());
    blocking(move || {
        let header = Repository::read_header(existing_store(&keepsake, &url)?.as_ref())?.to_bytes();
        match write_new(&out, &header, Readers::Owner) {
            Ok(()) => Ok(out),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(&out)),
            Err(e) => Err(AppError::disk("writing the header", &e)),
        }
    })
    .await
}

fn exists(out: &Path) -> AppError {
    let happened = format!("{} is there already.", out.display());
    AppError::new("exists", happened, "Nothing was written.", NextStep::ChooseNewFile)
}
