//! A backup's header as a file, kept where the backup is not.

use super::destinations::{address, existing_store};
use crate::progress::blocking;
use crate::{AppError, Keepsake, NextStep, Result};
use backup_engine::Repository;
use std::fs::OpenOptions;
use std::io::Write;
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
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&out).and_then(|mut file| {
            file.write_all(&header)?;
            file.sync_all()
        });
        match written {
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
