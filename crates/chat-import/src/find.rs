//! Finds the exports in what a person gives: a file, an export's folder, or a folder of exports.

use std::fs;
use std::path::{Path, PathBuf};

use crate::export_files::{ExportFiles, check_exists, display_name, looks_like_zip};
use crate::sources::{self, ChatSource};
use crate::{Detected, ImportError, ImportOptions};

/// Folders within the given one that are searched for exports: `Downloads/Telegram Desktop/export`.
const MAX_DEPTH: usize = 3;

/// Files and folders looked at in a folder of exports: ten thousand.
const MAX_LOOKED_AT: usize = 10_000;

/// An export that was found.
pub struct Found {
    /// Its zip, folder or file.
    pub path: PathBuf,
    /// Only the files directly in the folder belong to it.
    pub flat: bool,
    /// What reads it.
    pub source: &'static dyn ChatSource,
    /// What is inside.
    pub detected: Detected,
}

impl Found {
    /// Opens it for reading.
    pub fn open(&self) -> Result<ExportFiles, ImportError> {
        if self.flat { ExportFiles::open_flat(&self.path) } else { ExportFiles::open(&self.path) }
    }
}

/// What was found in a path, and what looked like an export and cannot be read.
#[derive(Default)]
pub struct Search {
    /// Exports.
    pub found: Vec<Found>,
    /// Name and reason.
    pub refused: Vec<(String, ImportError)>,
    looked_at: usize,
}

/// Looks for exports of the formats that `wanted` names.
///
/// # Errors
/// If the path itself cannot be read.
pub fn find(
    path: &Path,
    wanted: &dyn Fn(&dyn ChatSource) -> bool,
    options: &ImportOptions,
) -> Result<Search, ImportError> {
    check_exists(path)?;
    let mut search = Search::default();
    if path.is_dir() {
        search.folder(path, wanted, options, 0);
    } else {
        search.one(path, false, wanted, options);
    }
    Ok(search)
}

impl Search {
    /// A folder is an export of its own, or holds some.
    fn folder(&mut self, path: &Path, wanted: &dyn Fn(&dyn ChatSource) -> bool, options: &ImportOptions, depth: usize) {
        self.looked_at += 1;
        if self.looked_at > MAX_LOOKED_AT || depth > MAX_DEPTH {
            return;
        }
        let inner = inner_paths(path);
        let holds_exports = inner.iter().any(|p| p.is_dir() || is_zip(p));
        let before = self.found.len();
        self.one(path, holds_exports, wanted, options);
        if self.found.len() > before && !self.found[before].flat {
            return;
        }
        for path in inner {
            if path.is_dir() {
                self.folder(&path, wanted, options, depth + 1);
            } else if is_zip(&path) {
                self.one(&path, false, wanted, options);
            }
        }
    }

    /// One file, zip or folder. Where a folder holds further ones, only formats that take all of it
    /// look into them.
    fn one(
        &mut self,
        path: &Path,
        holds_exports: bool,
        wanted: &dyn Fn(&dyn ChatSource) -> bool,
        options: &ImportOptions,
    ) {
        self.looked_at += 1;
        let whole = ExportFiles::open(path);
        let flat = holds_exports.then(|| ExportFiles::open_flat(path));
        for source in sources::all().iter().copied().filter(|s| wanted(*s)) {
            let is_flat = holds_exports && !source.takes_whole_folder();
            let files = if is_flat { flat.as_ref() } else { Some(&whole) };
            let result = match files {
                Some(Ok(files)) => source.detect(files, options),
                Some(Err(_)) | None => continue,
            };
            match result {
                Ok(Some(detected)) => {
                    self.found.push(Found { path: path.to_owned(), flat: is_flat, source, detected });
                    return;
                }
                Ok(None) => {}
                Err(error) => {
                    self.refused.push((display_name(path), error));
                    return;
                }
            }
        }
        if let Err(error) = whole {
            self.refused.push((display_name(path), error));
        }
    }
}

fn inner_paths(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|e| e.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_file()))
        .map(|e| e.path())
        .filter(|p| !display_name(p).starts_with('.') && display_name(p) != "__MACOSX")
        .take(MAX_LOOKED_AT)
        .collect();
    paths.sort();
    paths
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip")) && looks_like_zip(path).unwrap_or(false)
}
