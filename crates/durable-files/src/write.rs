//! Whole files, new files, and additions to a file.

use crate::Readers;
use crate::folders::{create_dirs, create_private_dirs, folder_of};
use crate::steps::{Disk, Steps};
use crate::unfinished::Unfinished;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Writes a file as a whole: beside its place, fsync, rename, fsync of the folder, which is made if
/// it is missing.
///
/// # Errors
/// Any error of the file system; then the old content is still there.
pub fn write_whole(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    write_by(&Disk, path, bytes, readers)
}

pub(crate) fn write_by(
    steps: &impl Steps,
    path: &Path,
    bytes: &[u8],
    readers: Readers,
) -> io::Result<()> {
    create_dirs(folder_of(path))?;
    let mut new = Unfinished::by(steps, path, readers)?;
    steps.write(new.file(), bytes)?;
    new.finish_by(steps, path)
}

/// As [`write_whole`], for its owner only; so are the folders that are made.
///
/// # Errors
/// Any error of the file system; then the old content is still there.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_private_dirs(folder_of(path))?;
    write_whole(path, bytes, Readers::Owner)
}

/// As [`write_whole`], where nothing is so far, into a folder that is there.
///
/// # Errors
/// `AlreadyExists` if something is there; any other of the file system.
pub fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    write_new_by(&Disk, path, bytes, readers)
}

pub(crate) fn write_new_by(
    steps: &impl Steps,
    path: &Path,
    bytes: &[u8],
    readers: Readers,
) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut new = Unfinished::by(steps, path, readers)?;
    steps.write(new.file(), bytes)?;
    new.finish_new_by(steps, path)
}

/// Opens a file for writing that only its owner can read, and makes it, empty, if it is missing: a
/// lock, or what another library fills. What is in it stays.
///
/// # Errors
/// Any error of the file system.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, Readers::Owner.mode());
    options.open(path)
}

/// Adds bytes behind the first `len` of a file, which is made if it is missing, and waits until
/// they are on the disk. What lies behind `len` goes: an earlier addition that was cut off.
///
/// # Errors
/// Any error of the file system; then a part of `bytes` may lie behind `len`. `UnexpectedEof` if
/// the file is shorter than `len`: nothing is written.
pub fn append(path: &Path, len: u64, bytes: &[u8], readers: Readers) -> io::Result<()> {
    append_by(&Disk, path, len, bytes, readers)
}

pub(crate) fn append_by(
    steps: &impl Steps,
    path: &Path,
    len: u64,
    bytes: &[u8],
    readers: Readers,
) -> io::Result<()> {
    create_dirs(folder_of(path))?;
    let mut file = steps.open_to_append(path, readers)?;
    let there = file.metadata()?.len();
    if there < len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if there > len {
        file.set_len(len)?;
    }
    steps.write(&mut file, bytes)?;
    steps.sync(&file)?;
    steps.sync_folder(folder_of(path))
}

#[cfg(test)]
mod crashes;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rename_durably;
    use std::fs;

    #[test]
    fn missing_folders_are_made_and_a_rename_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("a/b/old");
        let new = folder.path().join("a/b/new");
        write_whole(&old, b"one", Readers::Owner).unwrap();
        write_whole(&new, b"two", Readers::Owner).unwrap();
        rename_durably(&old, &new).unwrap();
        assert_eq!((fs::read(&new).unwrap(), old.exists()), (b"one".to_vec(), false));
        create_dirs(&folder.path().join("a/b")).unwrap();
        assert!(create_dirs(&new.join("c")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn each_file_has_the_mode_of_its_readers_whatever_was_there() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write_new(&path, b"one", Readers::Everyone).unwrap();
        assert_eq!(mode(), 0o644 & !umask(folder.path()));
        write_whole(&path, b"two", Readers::Owner).unwrap();
        assert_eq!(mode(), 0o600);
    }

    /// Bits that files of this process do not get.
    #[cfg(unix)]
    fn umask(folder: &Path) -> u32 {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let path = folder.join("all");
        File::options().write(true).create_new(true).mode(0o777).open(&path).unwrap();
        !fs::metadata(&path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_new(&path, b"one", Readers::Owner).unwrap();
        let refused = write_new(&path, b"two", Readers::Owner).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn an_addition_that_was_cut_off_is_written_again_and_a_missing_part_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/entries");
        append(&path, 0, b"one ", Readers::Owner).unwrap();
        fs::write(&path, b"one tw").unwrap();
        append(&path, 4, b"two", Readers::Owner).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one two");
        let refused = append(&path, 8, b"three", Readers::Owner).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(fs::read(&path).unwrap(), b"one two");
    }
}
