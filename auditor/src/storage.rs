//! Files that survive a crash: a new content is on disk, whole, before anyone is told of it.

use crate::AuditError;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub(crate) const PRIVATE: u32 = 0o600;
pub(crate) const PUBLIC: u32 = 0o644;

/// Replaces a file: temporary file, fsync, rename, fsync of the directory.
pub(crate) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuditError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    create_dir(parent)?;
    let attempt = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
            .tempfile_in(parent)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        File::open(parent)?.sync_all()
    };
    attempt().map_err(at(path))
}

/// Adds bytes at the end of a file and waits until they are on disk.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> Result<(), AuditError> {
    let attempt = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).mode(PRIVATE).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    attempt().map_err(at(path))
}

/// The content of a file, or `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, AuditError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(at(path)(e)),
    }
}

pub(crate) fn create_dir(path: &Path) -> Result<(), AuditError> {
    fs::create_dir_all(path).map_err(at(path))
}

pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> AuditError + '_ {
    move |source| AuditError::Io { path: path.to_path_buf(), source }
}
