//! Files that survive a crash: a new content is on disk, whole, before anyone is told of it.

use crate::AuditError;
use durable_files::Readers;
use std::path::Path;

/// The longest file of the auditor's own is the log: 4,096 epochs with entries of 64 KiB, the
/// longest bundle.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// Replaces a file as a whole.
pub(crate) fn write(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), AuditError> {
    durable_files::write_whole(path, bytes, readers).map_err(at(path))
}

/// Adds bytes behind the first `len` of a file and waits until they are on disk.
pub(crate) fn append(path: &Path, len: u64, bytes: &[u8]) -> Result<(), AuditError> {
    durable_files::append(path, len, bytes, Readers::Owner).map_err(at(path))
}

/// The content of a file, or `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, AuditError> {
    durable_files::read_if_there(path, MAX_FILE).map_err(at(path))
}

pub(crate) fn create_dir(path: &Path) -> Result<(), AuditError> {
    durable_files::create_dirs(path).map_err(at(path))
}

pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> AuditError + '_ {
    move |source| AuditError::Io { path: path.to_path_buf(), source }
}
