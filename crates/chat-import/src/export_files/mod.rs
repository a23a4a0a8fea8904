//! The files of an export, whether they lie in a folder or in a zip: listed, opened, bounded,
//! and each accounted for.

mod chat_file;
mod folder;
pub mod limits;
mod names;
mod zip_file;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat_archive::{ExportContents, MissingReason};
use zip::ZipArchive;

use self::chat_file::open_regular;
pub(crate) use self::chat_file::{ChatFile, OnDisk};
pub(crate) use self::names::{base_name, display_name, folder_of, same_name};
pub(crate) use self::zip_file::looks_like_zip;
use crate::{DatabaseKey, ImportError, Unlocked, mime};

/// An opened export.
pub struct ExportFiles {
    /// The path that was given.
    path: PathBuf,
    place: Place,
    entries: Vec<Entry>,
    /// Entries by the composed form of their name without folders.
    by_name: HashMap<String, Vec<usize>>,
    chat_files: HashSet<usize>,
    named: HashSet<usize>,
    /// Entries lie beside a single file that was given: they are no part of the export unless a
    /// message names them.
    beside: bool,
    unlocked: Option<Arc<dyn Unlocked>>,
}

enum Place {
    /// A folder, or the folder of a single file.
    Folder(PathBuf),
    /// A zip file.
    Zip(Box<ZipArchive<BufReader<File>>>),
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name within the export, with folders, `/` between them.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// What opens it: the same path, or the entry's number in a zip.
    index: usize,
    /// The path as the file system has it, where that is not UTF-8 or not the same.
    real: Option<PathBuf>,
    /// Of a database that is encrypted.
    pub key: Option<DatabaseKey>,
    /// The file that the person has, where what is read was opened from it.
    sealed: Option<PathBuf>,
}

impl Entry {
    /// Reads what the caller opened in place of the file itself.
    fn exchange(&mut self, root: &Path, unlocked: &dyn Unlocked) {
        let path = self.real.clone().unwrap_or_else(|| root.join(&self.path));
        if let Some(opened) = unlocked.file(&path) {
            self.size = std::fs::metadata(&opened.path).map_or(self.size, |data| data.len());
            self.path = opened.name;
            self.sealed = Some(path);
            self.real = Some(opened.path);
            self.key = opened.key;
        }
    }
}

impl ExportFiles {
    /// Opens a folder with all that lies in it, a zip, or a single file.
    ///
    /// # Errors
    /// [`ImportError::NotFound`]; [`ImportError::Unsupported`] for a pipe or device;
    /// [`ImportError::TooLarge`]; what is wrong with a zip.
    pub fn open(path: &Path, unlocked: Option<Arc<dyn Unlocked>>) -> Result<Self, ImportError> {
        check_exists(path)?;
        if path.is_dir() {
            let entries = folder::list(path)?;
            return Ok(Self::new(path, Place::Folder(path.to_owned()), entries, unlocked));
        }
        if looks_like_zip(path)? {
            let (archive, entries) = zip_file::open(path)?;
            return Ok(Self::new(path, Place::Zip(Box::new(archive)), entries, None));
        }
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let entries = folder::file_and_neighbours(path, parent)?;
        let beside = Self::new(path, Place::Folder(parent.to_owned()), entries, unlocked);
        Ok(Self { beside: true, ..beside })
    }

    /// The files directly in a folder, without those in its folders.
    pub fn open_flat(
        path: &Path,
        unlocked: Option<Arc<dyn Unlocked>>,
    ) -> Result<Self, ImportError> {
        check_exists(path)?;
        let entries = folder::list_flat(path)?;
        Ok(Self::new(path, Place::Folder(path.to_owned()), entries, unlocked))
    }

    fn new(
        path: &Path,
        place: Place,
        mut entries: Vec<Entry>,
        unlocked: Option<Arc<dyn Unlocked>>,
    ) -> Self {
        if let (Place::Folder(root), Some(unlocked)) = (&place, &unlocked) {
            entries.iter_mut().for_each(|entry| entry.exchange(root, &**unlocked));
        }
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            by_name.entry(same_name(base_name(&entry.path))).or_default().push(at);
        }
        let path = path.to_owned();
        let (chat_files, named) = (HashSet::new(), HashSet::new());
        Self { path, place, entries, by_name, chat_files, named, beside: false, unlocked }
    }

    /// The path that was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All files; for a single file, that one.
    pub fn entries(&self) -> &[Entry] {
        if self.beside { &self.entries[..1] } else { &self.entries }
    }

    /// All files; for a page that was given alone, those beside it too: one chat fills several.
    pub fn pages_of_one(&self) -> Vec<Entry> {
        let ending = |e: &&Entry| e.path.to_lowercase().ends_with(".html");
        let is_page = self.entries().first().as_ref().is_some_and(ending);
        let all = if self.beside && is_page { &self.entries } else { self.entries() };
        all.iter().filter(ending).cloned().collect()
    }

    /// Whether the export is a zip.
    pub fn is_zip(&self) -> bool {
        matches!(self.place, Place::Zip(_))
    }

    /// Files with this ending (no dot, lower case).
    pub fn with_ending(&self, ending: &str) -> Vec<Entry> {
        let matches = |e: &&Entry| {
            e.path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(ending))
        };
        self.entries().iter().filter(matches).cloned().collect()
    }

    /// The file with exactly this path.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        let found = self.by_name.get(&same_name(base_name(path)))?;
        found.iter().map(|at| &self.entries[*at]).find(|e| same_name(&e.path) == same_name(path))
    }

    /// Opens a file that holds chats, to read it as often as needed.
    pub fn chat_file(&self, entry: &Entry) -> Result<ChatFile, ImportError> {
        if entry.size > limits::MAX_CHAT_FILE {
            return Err(ImportError::TooLarge {
                file: entry.path.clone(),
                what: "the chat's size",
                limit: limits::MAX_CHAT_FILE,
            });
        }
        match &self.place {
            Place::Folder(root) => {
                let path = entry.real.clone().unwrap_or_else(|| root.join(&entry.path));
                let file = open_regular(&path).map_err(ImportError::io(&entry.path))?;
                Ok(ChatFile::Plain { name: entry.path.clone(), file })
            }
            Place::Zip(_) => ChatFile::in_zip(&self.path, entry.index),
        }
    }

    /// A file on this computer with the entry's content, for programs that need one: the file
    /// itself, or a temporary copy out of a zip.
    pub fn on_disk(&self, entry: &Entry) -> Result<OnDisk, ImportError> {
        if let Place::Folder(root) = &self.place {
            return Ok(OnDisk {
                path: entry.real.clone().unwrap_or_else(|| root.join(&entry.path)),
                _copy: None,
            });
        }
        let mut copy = tempfile::NamedTempFile::new().map_err(ImportError::io(&entry.path))?;
        let mut chat = self.chat_file(entry)?;
        io::copy(&mut chat.reader()?, copy.as_file_mut()).map_err(ImportError::io(&entry.path))?;
        Ok(OnDisk { path: copy.path().to_owned(), _copy: Some(copy) })
    }

    /// Counts a file as one that holds chats.
    pub fn mark_chat_file(&mut self, path: &str) {
        if let Some(at) = self.entries.iter().position(|e| e.path == path) {
            self.chat_files.insert(at);
        }
    }

    /// The files as the person has them, of which the chats were read: a zip, or what holds chats
    /// in a folder.
    pub fn originals(&self) -> Vec<PathBuf> {
        let Place::Folder(root) = &self.place else { return vec![self.path.clone()] };
        let holds_words = |entry: &&Entry| !mime::is_media(&entry.path);
        let mut entries: Vec<&Entry> =
            self.chat_files.iter().map(|at| &self.entries[*at]).filter(holds_words).collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let place = |entry: &Entry| entry.sealed.clone().or_else(|| entry.real.clone());
        entries
            .into_iter()
            .map(|entry| place(entry).unwrap_or_else(|| root.join(&entry.path)))
            .collect()
    }

    /// Names, without folders and in composed form, of all files that a chat may attach.
    pub fn names(&self) -> HashSet<String> {
        self.by_name.keys().cloned().collect()
    }

    /// Opens the file of this name, wherever it lies; best below `folder`, and one that was not
    /// opened yet.
    pub fn open_by_name(
        &mut self,
        name: &str,
        folder: &str,
    ) -> Result<Box<dyn Read + '_>, MissingReason> {
        if base_name(name) != name || name.contains('\0') {
            return Err(MissingReason::UnsafePath);
        }
        let found = self.by_name.get(&same_name(name)).ok_or(MissingReason::FileNotFound)?;
        let rank = |at: &usize| {
            (!self.entries[*at].path.starts_with(folder), self.named.contains(at), *at)
        };
        let at = found.iter().copied().min_by_key(rank).ok_or(MissingReason::FileNotFound)?;
        self.open_at(at)
    }

    /// Opens the file with exactly this path, `/` between folders.
    pub fn open_by_path(&mut self, path: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        if !names::is_safe(path) {
            return Err(MissingReason::UnsafePath);
        }
        let found =
            self.by_name.get(&same_name(base_name(path))).ok_or(MissingReason::FileNotFound)?;
        let at =
            found.iter().copied().find(|at| same_name(&self.entries[*at].path) == same_name(path));
        self.open_at(at.ok_or(MissingReason::FileNotFound)?)
    }

    /// Opens an encrypted file of this name, which is a hash, with its key and its size when plain.
    pub fn open_sealed(
        &mut self,
        name: &str,
        key: &str,
        size: u64,
    ) -> Result<Box<dyn Read + '_>, MissingReason> {
        let at = self.by_name.get(&same_name(name)).and_then(|found| found.first().copied());
        let at = at.ok_or(MissingReason::FileNotFound)?;
        let (Place::Folder(root), Some(unlocked)) = (&self.place, &self.unlocked) else {
            return Err(MissingReason::Unreadable);
        };
        let entry = &self.entries[at];
        let file = folder::open_inside(
            root,
            &entry.real.clone().unwrap_or_else(|| root.join(&entry.path)),
        )?;
        self.named.insert(at);
        unlocked.attachment(file, key, size).map_err(|_| MissingReason::Unreadable)
    }

    fn open_at(&mut self, at: usize) -> Result<Box<dyn Read + '_>, MissingReason> {
        let entry = &self.entries[at];
        match &mut self.place {
            Place::Folder(root) => {
                let path = entry.real.clone().unwrap_or_else(|| root.join(&entry.path));
                let file = folder::open_inside(root, &path)?;
                self.named.insert(at);
                Ok(Box::new(file))
            }
            Place::Zip(archive) => {
                self.named.insert(at);
                zip_file::open_media(archive, entry.index)
            }
        }
    }

    /// Files that hold no chat and that no message named.
    pub fn unclaimed(&self) -> Vec<Entry> {
        if self.beside {
            return Vec::new();
        }
        let left =
            |(at, _): &(usize, &Entry)| !self.chat_files.contains(at) && !self.named.contains(at);
        self.entries.iter().enumerate().filter(left).map(|(_, e)| e.clone()).collect()
    }

    /// What the export holds, after it was read. `taken` of the unclaimed files belong to it.
    pub fn contents(&self, taken: u64) -> ExportContents {
        let unclaimed = self.unclaimed().len() as u64;
        let chat_files = self.chat_files.len() as u64;
        let files_named = self.named.difference(&self.chat_files).count() as u64;
        ExportContents {
            files: chat_files + files_named + taken,
            chat_files,
            files_named,
            files_unclaimed: taken,
            files_beside: unclaimed.saturating_sub(taken),
        }
    }
}

/// Says plainly that a path leads nowhere, or to what cannot be read to its end.
pub(crate) fn check_exists(path: &Path) -> Result<(), ImportError> {
    let name = display_name(path);
    match std::fs::metadata(path) {
        Ok(data) if data.is_file() || data.is_dir() => Ok(()),
        Ok(_) => Err(ImportError::Unsupported {
            name,
            what: "this is a pipe or a device, no file",
            hint: "give the file or folder itself",
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(ImportError::NotFound { name }),
        Err(e) => Err(ImportError::io(&name)(e)),
    }
}
