//! The files of an export, whether they lie in a folder or in a zip: listed, opened, bounded.

mod folder;
pub mod limits;
mod zip_file;

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chat_archive::{MediaReader, MissingReason};

pub use folder::open_inside;
use zip::ZipArchive;

use crate::ImportError;

/// An opened export.
pub enum ExportFiles {
    /// A folder, or a single file with the folder it lies in.
    Folder(folder::Folder),
    /// A zip file.
    Zip(Box<zip_file::ZipExport>),
}

/// A chat's text or JSON, readable from the start as often as needed.
pub enum ChatFile {
    /// A file on disk.
    Plain {
        /// Its name.
        name: String,
        /// Open for reading.
        file: File,
    },
    /// An entry of a zip.
    InZip {
        /// Name of the zip.
        file: String,
        /// A handle of its own.
        archive: Box<ZipArchive<BufReader<File>>>,
        /// The entry's number.
        index: usize,
    },
}

impl ChatFile {
    /// Reads from the start, bounded.
    pub fn reader(&mut self) -> Result<Box<dyn Read + '_>, ImportError> {
        match self {
            Self::Plain { name, file } => {
                file.seek(SeekFrom::Start(0)).map_err(ImportError::io(name))?;
                Ok(Box::new(file.take(limits::MAX_CHAT_FILE)))
            }
            Self::InZip { file, archive, index } => zip_file::read_entry(file, archive, *index),
        }
    }
}

/// A file that may be a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name within the export, with folders, `/` between them.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
}

impl ExportFiles {
    /// Opens a folder, a zip or a single file.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        check_exists(path)?;
        if path.is_dir() {
            return Ok(Self::Folder(folder::Folder::of_dir(path)?));
        }
        if zip_file::looks_like_zip(path)? {
            return Ok(Self::Zip(Box::new(zip_file::ZipExport::open(path)?)));
        }
        Ok(Self::Folder(folder::Folder::of_file(path)?))
    }

    /// Files with this ending (no dot, lower case).
    pub fn listed(&self, ending: &str) -> Vec<Listed> {
        let all = match self {
            Self::Folder(folder) => folder.files(),
            Self::Zip(zip) => zip.files(),
        };
        let matches = |l: &&Listed| l.name.rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case(ending));
        all.iter().filter(matches).cloned().collect()
    }

    /// Finds a listed file, to read it as often as needed.
    pub fn chat_file(&self, name: &str) -> Result<ChatFile, ImportError> {
        match self {
            Self::Folder(folder) => folder.chat_file(name),
            Self::Zip(zip) => zip.chat_file(name),
        }
    }

    /// Names, without folders, of all files that a chat may attach.
    pub fn file_names(&self) -> HashSet<String> {
        match self {
            Self::Folder(folder) => folder.names(),
            Self::Zip(zip) => zip.names(),
        }
    }
}

impl MediaReader for ExportFiles {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        match self {
            Self::Folder(folder) => folder.open_media(file),
            Self::Zip(zip) => zip.open_media(file),
        }
    }
}

/// Says plainly that a path leads nowhere.
pub fn check_exists(path: &Path) -> Result<(), ImportError> {
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(ImportError::NotFound { name: display_name(path) }),
        Err(e) => Err(ImportError::io(&display_name(path))(e)),
    }
}

/// Last part of a path, for messages.
pub fn display_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
