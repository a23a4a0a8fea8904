//! A file that holds chats, opened.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::names::display_name;
use super::{limits, zip_file};
use crate::ImportError;

/// A chat's text or JSON, readable from the start as often as needed, with a handle of its own.
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
    /// An entry of a zip, with a handle of its own, so that media can be read meanwhile.
    pub(super) fn in_zip(path: &Path, index: usize) -> Result<Self, ImportError> {
        let archive = Box::new(zip_file::open_archive(path)?);
        Ok(Self::InZip { file: display_name(path), archive, index })
    }

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

/// A file's content under a path.
pub struct OnDisk {
    /// Where.
    pub path: PathBuf,
    pub(super) _copy: Option<tempfile::NamedTempFile>,
}

/// Opens a file, and nothing that only looks like one.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    File::open(path)
}
