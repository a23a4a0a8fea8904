//! Backups that a person may want to come back from: those this computer knows, and those on its
//! disks.

use crate::backup::destinations::{existing_store, ways_back};
use crate::model::FoundBackup;
use crate::progress::blocking;
use crate::{Keepsake, Result};
use backup_engine::Repository;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A disk has few folders at its top; one with more is looked at in part.
const MAX_FOLDERS: usize = 256;
/// A backup of 1 TB has 65,536 packs of 16 MB. What has more files is shown without a size.
const MAX_FILES: usize = 100_000;

/// Backups at places that this computer knows, and in folders of its disks and of the person's
/// home, one and two levels deep. Of each, what can be read without a key. Nobody is asked, and
/// nothing is opened.
///
/// # Errors
/// `damaged` if the list of places cannot be read.
pub async fn find_backups(keepsake: &Keepsake) -> Result<Vec<FoundBackup>> {
    let keepsake = keepsake.clone();
    blocking(move || {
        let known: BTreeSet<String> = keepsake.destinations()?.into_iter().map(|d| d.url).collect();
        let near = roots().into_iter().flat_map(|root| backups_below(&root));
        let near = near.filter_map(|path| path.into_os_string().into_string().ok());
        let others: BTreeSet<String> = near.filter(|url| !known.contains(url)).collect();
        let mut found: Vec<FoundBackup> = known
            .iter()
            .map(|url| look_at(&keepsake, url, true))
            .chain(others.iter().map(|url| look_at(&keepsake, url, false)))
            .collect();
        found.sort_by_key(|backup| (!backup.known, std::cmp::Reverse(backup.newest)));
        Ok(found)
    })
    .await
}

/// Where disks and cloud folders are.
fn roots() -> Vec<PathBuf> {
    let mut roots = vec![];
    for mounts in ["/media", "/run/media", "/mnt", "/Volumes"] {
        roots.extend(folders(Path::new(mounts)));
    }
    roots.extend(directories::UserDirs::new().map(|user| user.home_dir().to_path_buf()));
    roots
}

/// A root itself, its folders and theirs.
fn backups_below(root: &Path) -> Vec<PathBuf> {
    let first = folders(root);
    let second: Vec<PathBuf> = first.iter().flat_map(|folder| folders(folder)).collect();
    let all = std::iter::once(root.to_path_buf()).chain(first).chain(second);
    all.filter(|folder| folder.join("keepsake.json").is_file()).collect()
}

/// Folders in a folder, hidden ones and links left out.
fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).into_iter().flatten().flatten().take(MAX_FOLDERS);
    let seen = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let mut folders: Vec<PathBuf> = seen
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders
}

fn look_at(keepsake: &Keepsake, url: &str, known: bool) -> FoundBackup {
    let mut found = FoundBackup {
        url: url.to_string(),
        known,
        there: false,
        newest: None,
        bytes: None,
        ways_back: vec![],
    };
    // A place on a server is asked when the person chooses it.
    if remote_stores::Address::is_remote(url) {
        return found;
    }
    let header = existing_store(keepsake, url)
        .and_then(|store| Ok(Repository::read_header(store.as_ref())?));
    if let Ok(header) = header {
        found.there = true;
        found.ways_back = ways_back(&header);
        found.newest = newest_snapshot(Path::new(url));
        found.bytes = size_of(Path::new(url));
    }
    found
}

/// When the newest snapshot was written, by the disk's word. Unix seconds.
fn newest_snapshot(backup: &Path) -> Option<i64> {
    let snapshots = std::fs::read_dir(backup.join("snapshots")).ok()?;
    let times = snapshots.flatten().take(MAX_FILES).filter_map(|entry| {
        let written = entry.metadata().ok()?.modified().ok()?;
        i64::try_from(written.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
    });
    times.max()
}

/// What the files of a backup take, in bytes.
fn size_of(backup: &Path) -> Option<u64> {
    let mut left = vec![backup.to_path_buf()];
    let (mut bytes, mut files) = (0_u64, 0);
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            files += 1;
            let about = entry.metadata().ok().filter(|_| files <= MAX_FILES)?;
            match about.is_dir() {
                true => left.push(entry.path()),
                false => bytes = bytes.saturating_add(about.len()),
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_found_at_the_top_of_a_disk_and_two_folders_down_but_no_deeper() {
        let disk = tempfile::tempdir().unwrap();
        for folder in ["", "Keepsake", "Backups/Keepsake", "a/b/c", ".hidden"] {
            let folder = disk.path().join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("keepsake.json"), "{}").unwrap();
        }
        let mut found = backups_below(disk.path());
        found.sort();
        let at = |name: &str| disk.path().join(name);
        assert_eq!(found, [disk.path().into(), at("Backups/Keepsake"), at("Keepsake")]);
    }

    #[test]
    fn the_size_is_that_of_all_files() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("packs")).unwrap();
        std::fs::write(dir.path().join("packs/one"), [0; 1000]).unwrap();
        std::fs::write(dir.path().join("keepsake.json"), [0; 24]).unwrap();
        assert_eq!(size_of(dir.path()), Some(1024));
    }
}
