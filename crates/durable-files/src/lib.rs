//! Files that survive a crash whole, that only their owner may read, and that are not longer than
//! they may be.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Mode 0600.
    Owner,
    /// Mode 0644.
    Everyone,
}

/// Writes a file as a whole: temporary file, fsync, rename, fsync of the folder.
///
/// # Errors
/// Any error of the file system; then the old content is still there.
pub fn write_whole(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = folder_of(path);
    create_dirs(folder)?;
    let name = path.file_name().ok_or_else(|| io::Error::other("no file name"))?.to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everyone => 0o644,
    };
    let _ = fs::remove_file(&temporary);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(folder)?.sync_all()
}

/// Gives a file another name in its folder; the old one is gone for good on return.
///
/// # Errors
/// Any error of the file system; then the file has one of the two names.
pub fn rename_durably(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    File::open(folder_of(to))?.sync_all()
}

/// Makes a folder and those above it that are missing, each named durably in the one above: what is
/// written into it cannot be lost with it.
///
/// # Errors
/// Any error of the file system.
pub fn create_dirs(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|p| !p.as_os_str().is_empty() && !p.exists()).collect();
    for path in missing.into_iter().rev() {
        match fs::create_dir(path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => File::open(folder_of(path))?.sync_all()?,
        }
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads a file of at most `limit` bytes, and refuses one that others can read.
///
/// # Errors
/// Not there, too long, or readable by group or world.
pub fn read_private(path: &Path, limit: u64) -> io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        let text = format!("it can be read by others (mode {:o}); run chmod 600", mode & 0o777);
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    read_to_limit(file, limit, &mut bytes)?;
    Ok(bytes)
}

/// Reads a file of at most `limit` bytes. The file may grow while it is read: no more is taken all
/// the same.
///
/// # Errors
/// Not there, not readable, or longer.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_to_limit(File::open(path)?, limit, &mut bytes)?;
    Ok(bytes)
}

fn read_to_limit(file: File, limit: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    file.take(limit.saturating_add(1)).read_to_end(bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than {limit} bytes"),
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_folders_are_made_and_a_rename_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("a/b/old"), folder.path().join("a/b/new"));
        write_whole(&old, b"one", Readers::Owner).unwrap();
        write_whole(&new, b"two", Readers::Owner).unwrap();
        rename_durably(&old, &new).unwrap();
        assert_eq!((fs::read(&new).unwrap(), old.exists()), (b"one".to_vec(), false));
        create_dirs(&folder.path().join("a/b")).unwrap();
        assert!(create_dirs(&new.join("c")).is_err());
    }

    #[test]
    fn a_file_over_its_limit_is_refused_whatever_its_length_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer");
        fs::write(&path, b"four").unwrap();
        assert_eq!(read_bounded(&path, 4).unwrap(), b"four");
        assert_eq!(read_bounded(&path, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(
            read_bounded(Path::new("/dev/zero"), 3).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }

    #[test]
    fn a_private_file_is_refused_once_others_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_whole(&path, b"one", Readers::Owner).unwrap();
        write_whole(&path, b"two", Readers::Owner).unwrap();
        assert_eq!(read_private(&path, 3).unwrap().as_slice(), b"two");
        assert!(read_private(&path, 2).is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(read_private(&path, 3).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
