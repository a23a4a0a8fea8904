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
    pub fn open(&self, options: &ImportOptions) -> Result<ExportFiles, ImportError> {
        open(&self.path, self.flat, options)
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
    wanted: Wanted<'_>,
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
    /// A folder is an export of its own, or holds some, or both: files beside folders.
    fn folder(&mut self, path: &Path, wanted: Wanted<'_>, options: &ImportOptions, depth: usize) {
        self.looked_at += 1;
        if self.looked_at > MAX_LOOKED_AT || depth > MAX_DEPTH {
            return;
        }
        let takes_all = |source: &dyn ChatSource| wanted(source) && source.takes_whole_folder();
        if self.one(path, false, &takes_all, options) {
            return;
        }
        let before = self.found.len();
        for path in inner_paths(path) {
            if path.is_dir() {
                self.folder(&path, wanted, options, depth + 1);
            } else if is_zip(&path) {
                self.one(&path, false, wanted, options);
            }
        }
        let takes_files = |source: &dyn ChatSource| wanted(source) && !source.takes_whole_folder();
        let holds_exports = self.found.len() > before;
        self.one(path, holds_exports, &takes_files, options);
    }

    /// One file, zip or folder; of a folder that holds further exports, only the files in it.
    /// Whether it was one.
    fn one(
        &mut self,
        path: &Path,
        flat: bool,
        wanted: Wanted<'_>,
        options: &ImportOptions,
    ) -> bool {
        self.looked_at += 1;
        let files = match open(path, flat, options) {
            Ok(files) => files,
            Err(error) => {
                self.refused.push((display_name(path), error));
                return false;
            }
        };
        let mut was_one = false;
        for source in sources::all().iter().copied().filter(|s| wanted(*s)) {
            // A backup of a phone holds several messengers' databases.
            if was_one && !source.takes_whole_folder() {
                continue;
            }
            match source.detect(&files, options) {
                Ok(Some(detected)) => {
                    self.found.push(Found { path: path.to_owned(), flat, source, detected });
                    was_one = true;
                    if !source.takes_whole_folder() {
                        return true;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    self.refused.push((display_name(path), error));
                    return was_one;
                }
            }
        }
        was_one
    }
}

/// Which formats are asked for.
type Wanted<'a> = &'a dyn Fn(&dyn ChatSource) -> bool;

fn open(path: &Path, flat: bool, options: &ImportOptions) -> Result<ExportFiles, ImportError> {
    let unlocked = options.unlocked.clone();
    if flat { ExportFiles::open_flat(path, unlocked) } else { ExportFiles::open(path, unlocked) }
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
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"))
        && looks_like_zip(path).unwrap_or(false)
}
