//! Reading to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads a file of at most `limit` bytes, and refuses one that others can read.
///
/// # Errors
/// Not there, too long, or readable by group or world.
pub fn read_private(path: &Path, limit: u64) -> io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    refuse_shared(&file)?;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    read_to_limit(file, limit, &mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn refuse_shared(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        let text = format!("it can be read by others (mode {:o}); run chmod 600", mode & 0o777);
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_shared(_: &File) -> io::Result<()> {
    Ok(())
}

/// Reads a file of at most `limit` bytes. The file may grow while it is read: no more is taken all
/// the same.
///
/// # Errors
/// Not there, not readable, or longer (`FileTooLarge`).
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_to_limit(File::open(path)?, limit, &mut bytes)?;
    Ok(bytes)
}

/// As [`read_bounded`]; `None` if there is no such file.
///
/// # Errors
/// Not readable, or longer (`FileTooLarge`).
pub fn read_if_there(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match read_bounded(path, limit) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

pub(crate) fn read_to_limit(file: File, limit: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    file.take(limit.saturating_add(1)).read_to_end(bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than {limit} bytes"),
        )),
        false => Ok(()),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Readers, write_whole};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

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
    fn only_a_file_that_is_missing_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_if_there(&folder.path().join("none"), 1).unwrap().is_none());
        assert!(read_if_there(folder.path(), 1).is_err());
        fs::write(folder.path().join("file"), b"four").unwrap();
        assert!(read_if_there(&folder.path().join("file"), 3).is_err());
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
