//! Folders that are made and renamed in durably.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::Path;

/// Makes a folder and those above it that are missing, each named durably in the one above: what is
/// written into it cannot be lost with it.
///
/// # Errors
/// Any error of the file system.
pub fn create_dirs(folder: &Path) -> io::Result<()> {
    create(folder, &DirBuilder::new(), sync_folder)
}

/// As [`create_dirs`]; what is made only its owner can enter (mode 0700). A folder that is there
/// stays as it is.
///
/// # Errors
/// Any error of the file system.
pub fn create_private_dirs(folder: &Path) -> io::Result<()> {
    create(folder, &private(), sync_folder)
}

/// As [`create_private_dirs`], and waits for nothing: the caller syncs many files at once, before
/// it says that they are stored.
///
/// # Errors
/// Any error of the file system.
pub fn create_private_dirs_unsynced(folder: &Path) -> io::Result<()> {
    create(folder, &private(), |_| Ok(()))
}

fn private() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are a thing of unix"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn create(
    folder: &Path,
    builder: &DirBuilder,
    sync: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|p| !p.as_os_str().is_empty() && !p.exists()).collect();
    for path in missing.into_iter().rev() {
        match builder.create(path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => sync(folder_of(path))?,
        }
    }
    // What is there under this name may be no folder.
    match folder.as_os_str().is_empty() || folder.is_dir() {
        true => Ok(()),
        false => Err(io::ErrorKind::NotADirectory.into()),
    }
}

/// Gives a file another name in its folder; the old one is gone for good on return.
///
/// # Errors
/// Any error of the file system; then the file has one of the two names.
pub fn rename_durably(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(folder_of(to))
}

/// Waits until the names in a folder are on the disk.
///
/// # Errors
/// Any error of the file system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows cannot open a folder as a file, and keeps renames by itself.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Where a path lies; the working folder for a name alone.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn private_folders_are_made_private_and_those_that_are_there_stay_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
        create_private_dirs(&shared.join("a/b")).unwrap();
        create_private_dirs(&shared.join("a/b")).unwrap();
        assert_eq!(mode(&shared.join("a")), 0o700);
        assert_eq!(mode(&shared.join("a/b")), 0o700);
        assert_eq!(mode(&shared), 0o755);
    }

    #[test]
    fn a_file_in_a_folders_place_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        assert!(create_dirs(&file).is_err());
        assert!(create_private_dirs(&file.join("below")).is_err());
    }
}
