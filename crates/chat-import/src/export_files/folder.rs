//! The files of an export that is a folder.

use std::fs::{self, DirEntry, File};
use std::path::Path;

use chat_archive::MissingReason;

use super::limits::{MAX_DEPTH, MAX_FILES};
use super::names::{display_name, is_junk};
use super::{Entry, check_exists};
use crate::ImportError;

/// All files in a folder and its folders, sorted by path. Links are not followed.
pub(super) fn list(root: &Path) -> Result<Vec<Entry>, ImportError> {
    let mut found = Listing { root, entries: Vec::new() };
    found.walk(root, "", 0, true)?;
    Ok(found.sorted())
}

/// The files directly in a folder.
pub(super) fn list_flat(root: &Path) -> Result<Vec<Entry>, ImportError> {
    let mut found = Listing { root, entries: Vec::new() };
    found.walk(root, "", 0, false)?;
    Ok(found.sorted())
}

/// A file first, then those beside it; without them if the folder cannot be listed.
pub(super) fn file_and_neighbours(path: &Path, parent: &Path) -> Result<Vec<Entry>, ImportError> {
    check_exists(path)?;
    let name = display_name(path);
    let size = fs::metadata(path).map_err(ImportError::io(&name))?.len();
    let mut entries = vec![Entry {
        path: name.clone(),
        size,
        index: 0,
        real: Some(path.to_owned()),
        key: None,
        sealed: None,
    }];
    let beside = list_flat(parent).unwrap_or_default();
    entries.extend(beside.into_iter().filter(|e| e.path != name));
    Ok(entries)
}

struct Listing<'a> {
    root: &'a Path,
    entries: Vec<Entry>,
}

impl Listing<'_> {
    fn walk(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        deep: bool,
    ) -> Result<(), ImportError> {
        let name = display_name(folder);
        for entry in fs::read_dir(folder).map_err(ImportError::io(&name))? {
            let entry = entry.map_err(ImportError::io(&name))?;
            let Ok(kind) = entry.file_type() else { continue };
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if is_junk(&path) {
                continue;
            }
            if kind.is_dir() && deep && depth < MAX_DEPTH {
                self.walk(&entry.path(), &format!("{path}/"), depth + 1, deep)?;
            } else if kind.is_file() {
                self.add(&entry, path)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: &DirEntry, path: String) -> Result<(), ImportError> {
        if self.entries.len() >= MAX_FILES {
            return Err(ImportError::TooLarge {
                file: display_name(self.root),
                what: "the number of files",
                limit: MAX_FILES as u64,
            });
        }
        let size = entry.metadata().map_or(0, |data| data.len());
        let real = (self.root.join(&path) != entry.path()).then(|| entry.path());
        self.entries.push(Entry { path, size, index: 0, real, key: None, sealed: None });
        Ok(())
    }

    fn sorted(mut self) -> Vec<Entry> {
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.entries
    }
}

/// Opens a file only if it truly lies inside `root`: a link may lead out.
pub(super) fn open_inside(root: &Path, path: &Path) -> Result<File, MissingReason> {
    let root = root.canonicalize().map_err(|_| MissingReason::Unreadable)?;
    let path = path.canonicalize().map_err(|_| MissingReason::FileNotFound)?;
    if !path.starts_with(&root) {
        return Err(MissingReason::UnsafePath);
    }
    if !path.is_file() {
        return Err(MissingReason::FileNotFound);
    }
    File::open(path).map_err(|_| MissingReason::Unreadable)
}
