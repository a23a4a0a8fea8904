//! A store in a folder of this computer.

use super::{Store, StoreEntry, StoreError, check_path};
use crate::process::Process;
use durable_files::{Readers, Unfinished, create_private_dirs, sync_folder};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Unfinished writes, followed by the tag of the process that writes; never a valid name of a blob,
/// because it starts with a dot.
const UNFINISHED: &str = ".unfinished-";

/// An unfinished write of a process that cannot be looked for is left alone for so long.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder on a disk. Files are made with mode 0600, written under another name, synced and
/// renamed.
pub struct FolderStore {
    root: PathBuf,
    /// Begins the names of what this process is writing.
    unfinished: String,
}

impl FolderStore {
    /// Makes the folder if need be, readable by its owner only.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        create_private_dirs(&root).map_err(|e| failed("", e))?;
        let unfinished = format!("{UNFINISHED}{}-", Process::own().tag());
        Ok(Self { root, unfinished })
    }

    fn at(&self, path: &str) -> Result<PathBuf, StoreError> {
        check_path(path)?;
        Ok(self.root.join(path))
    }

    /// Writes a file beside its place, under a name that is not listed.
    fn write_beside(&self, target: &Path, bytes: &[u8]) -> io::Result<Unfinished> {
        let folder = target.parent().unwrap_or(&self.root);
        create_private_dirs(folder)?;
        let mut new = Unfinished::named(folder, &self.unfinished, Readers::Owner)?;
        new.write_all(bytes)?;
        Ok(new)
    }
}

impl Store for FolderStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let target = self.at(path)?;
        let put = self.write_beside(&target, bytes).and_then(|new| new.finish(&target));
        put.map_err(|e| failed(path, e))
    }

    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let target = self.at(path)?;
        let put = || {
            if target.exists() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.write_beside(&target, bytes)?.finish_new(&target)
        };
        put().map_err(|e| failed(path, e))
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        let target = self.at(path)?;
        let file = File::open(target).map_err(|e| failed(path, e))?;
        let len = file.metadata().map_err(|e| failed(path, e))?.len();
        if len > limit as u64 {
            return Err(StoreError::TooLarge(path.into()));
        }
        let mut bytes = Vec::with_capacity(len as usize);
        file.take(limit as u64).read_to_end(&mut bytes).map_err(|e| failed(path, e))?;
        Ok(bytes)
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        let target = self.at(path)?;
        let read = || {
            let mut file = File::open(&target)?;
            let there = file.metadata()?.len().saturating_sub(start).min(len as u64);
            if there == 0 {
                return Ok(Vec::new());
            }
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::with_capacity(there as usize);
            file.take(there).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|e| failed(path, e))
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        let mut entries = list_names(&self.at(folder)?).map_err(|e| failed(folder, e))?;
        entries.retain(|e| check_path(&e.name).is_ok());
        entries.sort();
        Ok(entries)
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.at(path)?.try_exists().map_err(|e| failed(path, e))
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        let target = self.at(path)?;
        fs::remove_file(&target)
            .and_then(|()| sync_folder(target.parent().unwrap_or(&self.root)))
            .map_err(|e| failed(path, e))
    }

    fn sweep(&self) -> Result<u64, StoreError> {
        let folders = ["", "packs", "index", "snapshots", "copies"].map(|f| self.root.join(f));
        let mut swept = 0;
        for folder in folders {
            for entry in list_names(&folder).map_err(|e| failed("", e))? {
                let path = folder.join(&entry.name);
                if is_abandoned(&path, &entry.name) {
                    match fs::remove_file(path) {
                        Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                        removed => removed.map_err(|e| failed(&entry.name, e))?,
                    }
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// Whether a file is a write that nobody will finish.
fn is_abandoned(path: &Path, name: &str) -> bool {
    let Some(tag) = name.strip_prefix(UNFINISHED) else { return false };
    Process::tagged_has_ended(tag).unwrap_or_else(|| {
        let written = fs::metadata(path).and_then(|m| m.modified());
        written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > OLD))
    })
}

/// Files of a folder, also those that are no blobs; none when it is not there.
fn list_names(folder: &Path) -> io::Result<Vec<StoreEntry>> {
    let mut entries = Vec::new();
    let listing = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(entries),
        listing => listing?,
    };
    for file in listing {
        let file = file?;
        let meta = match file.metadata() {
            // Somebody else removed it in between.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            meta => meta?,
        };
        if let (true, Ok(name)) = (meta.is_file(), file.file_name().into_string()) {
            entries.push(StoreEntry { name, len: meta.len() });
        }
    }
    Ok(entries)
}

fn failed(path: &str, cause: io::Error) -> StoreError {
    let path = path.to_string();
    match cause.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound(path),
        io::ErrorKind::AlreadyExists => StoreError::AlreadyExists(path),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full(path),
        _ => StoreError::Io { path, cause },
    }
}
