//! What killed processes left of contents that they were writing.

use crate::folders::folder_of;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

/// Stands between a file's name and the random end of the name that it has while it is written.
const UNFINISHED: &str = ".unfinished-";

/// How the names begin under which new contents of `target` are written: with a dot, so that no
/// listing takes them for files.
pub(crate) fn prefix_of(target: &Path) -> io::Result<String> {
    let name = target.file_name().ok_or_else(|| io::Error::other("no file name"))?;
    Ok(format!(".{}{UNFINISHED}", name.to_string_lossy()))
}

/// Whether a file of this name is a content that [`write_whole`](crate::write_whole) or its like
/// had not finished.
pub fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with('.') && name.contains(UNFINISHED))
}

/// Removes every content in `folder` that is being written by nobody: its process was killed. Does
/// nothing where there is no folder.
///
/// # Errors
/// Any error of the file system but that a file has gone meanwhile.
pub fn remove_leftovers(folder: &Path) -> io::Result<()> {
    remove(folder, is_unfinished)
}

/// As [`remove_leftovers`], of one file.
pub(crate) fn remove_leftovers_of(target: &Path) -> io::Result<()> {
    let prefix = prefix_of(target)?;
    remove(folder_of(target), |name| name.to_str().is_some_and(|name| name.starts_with(&prefix)))
}

fn remove(folder: &Path, is_one: impl Fn(&OsStr) -> bool) -> io::Result<()> {
    let listing = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        listing => listing?,
    };
    for entry in listing {
        let entry = entry?;
        if is_one(&entry.file_name()) && entry.file_type()?.is_file() {
            match remove_abandoned(&entry.path()) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whoever writes has the file locked, and the system unlocks it when the process ends.
fn remove_abandoned(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    match file.try_lock() {
        Ok(()) => fs::remove_file(path),
        // Somebody writes; or this file system knows no locks, and nobody can say.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => Ok(()),
    }
}

/// Locks a file that was made just now. False if somebody took it for abandoned before: another is
/// to be made.
pub(crate) fn claim(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => path.exists(),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Readers, Unfinished, write_whole};

    #[test]
    fn what_a_killed_process_left_goes_with_the_next_write_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("state.json");
        let left = folder.path().join(".state.json.unfinished-abc123");
        let of_another = folder.path().join(".other.json.unfinished-abc123");
        fs::write(&left, b"{").unwrap();
        fs::write(&of_another, b"{").unwrap();
        let being_written = Unfinished::of(&target, Readers::Owner).unwrap();
        write_whole(&target, b"{}", Readers::Owner).unwrap();
        assert!(!left.exists() && of_another.exists());
        being_written.finish(&target).unwrap();
        remove_leftovers(folder.path()).unwrap();
        assert!(!of_another.exists() && target.exists());
        remove_leftovers(&folder.path().join("none")).unwrap();
    }
}
