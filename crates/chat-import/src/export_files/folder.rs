use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use chat_archive::MissingReason;

use super::limits::{MAX_CHAT_FILE, MAX_FILES};
use super::{ChatFile, Listed, display_name};
use crate::ImportError;

/// The files directly in a folder.
pub struct Folder {
    root: PathBuf,
    files: Vec<Listed>,
}

impl Folder {
    /// All files directly in `root`.
    pub fn of_dir(root: &Path) -> Result<Self, ImportError> {
        let name = display_name(root);
        let mut files = Vec::new();
        for entry in fs::read_dir(root).map_err(ImportError::io(&name))? {
            let entry = entry.map_err(ImportError::io(&name))?;
            let Ok(data) = entry.metadata() else { continue };
            if data.is_file() {
                files.push(Listed { name: entry.file_name().to_string_lossy().into_owned(), size: data.len() });
            }
            if files.len() > MAX_FILES {
                return Err(ImportError::TooLarge { file: name, what: "the number of files", limit: MAX_FILES as u64 });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { root: root.to_owned(), files })
    }

    /// One file, its attachments beside it.
    pub fn of_file(path: &Path) -> Result<Self, ImportError> {
        let name = display_name(path);
        let size = fs::metadata(path).map_err(ImportError::io(&name))?.len();
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self { root: parent.to_owned(), files: vec![Listed { name, size }] })
    }

    pub fn files(&self) -> &[Listed] {
        &self.files
    }

    /// The files beside the chat; none if the folder cannot be listed.
    pub fn names(&self) -> HashSet<String> {
        let Ok(entries) = fs::read_dir(&self.root) else { return HashSet::new() };
        let files = entries.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_file()));
        files.take(MAX_FILES).map(|e| e.file_name().to_string_lossy().into_owned()).collect()
    }

    pub fn chat_file(&self, name: &str) -> Result<ChatFile, ImportError> {
        let file = File::open(self.root.join(name)).map_err(ImportError::io(name))?;
        let size = file.metadata().map_err(ImportError::io(name))?.len();
        if size > MAX_CHAT_FILE {
            return Err(ImportError::TooLarge { file: name.into(), what: "the chat's size", limit: MAX_CHAT_FILE });
        }
        Ok(ChatFile::Plain { name: name.to_owned(), file })
    }

    pub fn open_media(&self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let name = single_name(file).ok_or(MissingReason::UnsafePath)?;
        open_inside(&self.root, name).map(|f| Box::new(f) as Box<dyn Read>)
    }
}

fn single_name(file: &str) -> Option<&Path> {
    let path = Path::new(file);
    let mut parts = path.components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)).then_some(path)
}

/// Opens `relative` only if it truly lies inside `root`: no absolute path, no `..`, no link out.
pub fn open_inside(root: &Path, relative: &Path) -> Result<File, MissingReason> {
    if !relative.components().all(|c| matches!(c, Component::Normal(_))) {
        return Err(MissingReason::UnsafePath);
    }
    let root = root.canonicalize().map_err(|_| MissingReason::Unreadable)?;
    let path = root.join(relative).canonicalize().map_err(|_| MissingReason::FileNotFound)?;
    if !path.starts_with(&root) {
        return Err(MissingReason::UnsafePath);
    }
    if !path.is_file() {
        return Err(MissingReason::FileNotFound);
    }
    File::open(path).map_err(|_| MissingReason::Unreadable)
}
