//! What a write asks of the file system.

use crate::Readers;
use crate::folders;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// What a write asks of the file system, step by step: a test can stop it between any two.
pub(crate) trait Steps {
    /// A new file under a name of its own that begins with `prefix`.
    fn create(&self, folder: &Path, prefix: &str, readers: Readers) -> io::Result<NamedTempFile>;
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
    fn sync(&self, file: &File) -> io::Result<()>;
    /// Gives a file its name; what had it is replaced.
    fn replace(&self, file: NamedTempFile, target: &Path) -> io::Result<File>;
    /// Gives a file its name, unless something has it.
    fn name_new(&self, file: NamedTempFile, target: &Path) -> io::Result<File>;
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    fn open_to_append(&self, path: &Path, readers: Readers) -> io::Result<File>;
}

/// The file system itself.
pub(crate) struct Disk;

impl Steps for Disk {
    fn create(&self, folder: &Path, prefix: &str, readers: Readers) -> io::Result<NamedTempFile> {
        let mut new = tempfile::Builder::new();
        new.prefix(prefix);
        #[cfg(unix)]
        new.permissions(std::os::unix::fs::PermissionsExt::from_mode(readers.mode()));
        #[cfg(not(unix))]
        let _ = readers;
        new.tempfile_in(folder)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn replace(&self, file: NamedTempFile, target: &Path) -> io::Result<File> {
        Ok(file.persist(target)?)
    }

    fn name_new(&self, file: NamedTempFile, target: &Path) -> io::Result<File> {
        Ok(file.persist_noclobber(target)?)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        folders::sync_folder(folder)
    }

    fn open_to_append(&self, path: &Path, readers: Readers) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, readers.mode());
        #[cfg(not(unix))]
        let _ = readers;
        options.open(path)
    }
}
