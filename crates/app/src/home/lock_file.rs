//! Files that one process at a time has, so that two do not do the same thing at once.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a lock file, and makes it if need be; only its owner can. The lock is taken by
/// [`File::lock`] or [`File::try_lock`] and ends with the process, however that ends.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}
