use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use chat_archive::MissingReason;
use zip::ZipArchive;
use zip::result::ZipError;

use super::limits::{MAX_CHAT_FILE, MAX_FILES, MAX_RATIO, MAX_UNPACKED, RATIO_FROM};
use super::{ChatFile, Listed, display_name};
use crate::ImportError;

/// A zip file whose directory was checked. Nothing is ever unpacked to disk.
pub struct ZipExport {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    files: Vec<Listed>,
    /// Entry by file name without folders.
    by_name: HashMap<String, usize>,
}

/// Whether the file begins like a zip.
pub fn looks_like_zip(path: &Path) -> Result<bool, ImportError> {
    let mut start = [0; 4];
    let mut file = File::open(path).map_err(ImportError::io(&display_name(path)))?;
    match file.read_exact(&mut start) {
        Ok(()) => Ok(matches!(&start, b"PK\x03\x04" | b"PK\x05\x06")),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(ImportError::io(&display_name(path))(e)),
    }
}

impl ZipExport {
    /// Opens and checks the directory: names, password, sizes.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let name = display_name(path);
        let packed = path.metadata().map_err(ImportError::io(&name))?.len();
        let mut archive = open_archive(path)?;
        let too_large = |what, limit| Err(ImportError::TooLarge { file: name.clone(), what, limit });
        if archive.len() > MAX_FILES {
            return too_large("the number of files", MAX_FILES as u64);
        }
        let (mut files, mut by_name, mut total) = (Vec::new(), HashMap::new(), 0u64);
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|e| explain(&name, e))?;
            let entry_name = entry.name().to_owned();
            if !is_safe(&entry_name) {
                return Err(ImportError::UnsafePath { file: name, entry: entry_name.chars().take(80).collect() });
            }
            if entry.encrypted() {
                return Err(ImportError::Encrypted { file: name });
            }
            total = total.saturating_add(entry.size());
            if entry.is_file() && !entry_name.starts_with("__MACOSX/") {
                let base = entry_name.rsplit('/').next().unwrap_or_default().to_owned();
                by_name.entry(base).or_insert(index);
                files.push(Listed { name: entry_name, size: entry.size() });
            }
        }
        if total > MAX_UNPACKED {
            return too_large("the unpacked size", MAX_UNPACKED);
        }
        if total > RATIO_FROM && total / MAX_RATIO > packed {
            return too_large("the ratio of unpacked to packed size", MAX_RATIO);
        }
        Ok(Self { path: path.to_owned(), archive, files, by_name })
    }

    pub fn files(&self) -> &[Listed] {
        &self.files
    }

    pub fn names(&self) -> HashSet<String> {
        self.by_name.keys().cloned().collect()
    }

    /// Finds a chat text, with a handle of its own so that media can be read meanwhile.
    pub fn chat_file(&self, name: &str) -> Result<ChatFile, ImportError> {
        let mut archive = open_archive(&self.path)?;
        let file = display_name(&self.path);
        let index = archive.index_for_name(name).ok_or_else(|| ImportError::NotFound { name: name.into() })?;
        let entry = archive.by_index(index).map_err(|e| explain(&file, e))?;
        if entry.size() > MAX_CHAT_FILE {
            return Err(ImportError::TooLarge { file: name.into(), what: "the chat's size", limit: MAX_CHAT_FILE });
        }
        drop(entry);
        Ok(ChatFile::InZip { file, archive: Box::new(archive), index })
    }

    pub fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        if !is_safe(file) {
            return Err(MissingReason::UnsafePath);
        }
        let index = *self.by_name.get(file).ok_or(MissingReason::FileNotFound)?;
        let entry = self.archive.by_index(index).map_err(|_| MissingReason::Unreadable)?;
        let bound = bound(entry.compressed_size(), entry.size());
        Ok(Box::new(Bounded { inner: entry, left: bound }))
    }
}

/// Reads an entry from its start, bounded.
pub fn read_entry<'a>(
    file: &str,
    archive: &'a mut ZipArchive<BufReader<File>>,
    index: usize,
) -> Result<Box<dyn Read + 'a>, ImportError> {
    let entry = archive.by_index(index).map_err(|e| explain(file, e))?;
    let left = bound(entry.compressed_size(), entry.size());
    Ok(Box::new(Bounded { inner: entry, left }))
}

/// What an entry may unpack to, whatever it says of itself.
fn bound(compressed: u64, declared: u64) -> u64 {
    declared.min(compressed.saturating_mul(MAX_RATIO).max(RATIO_FROM))
}

fn open_archive(path: &Path) -> Result<ZipArchive<BufReader<File>>, ImportError> {
    let name = display_name(path);
    let file = File::open(path).map_err(ImportError::io(&name))?;
    ZipArchive::new(BufReader::new(file)).map_err(|e| explain(&name, e))
}

fn explain(file: &str, error: ZipError) -> ImportError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ImportError::Encrypted { file: file.into() },
        ZipError::Io(e) if e.kind() != io::ErrorKind::UnexpectedEof && e.kind() != io::ErrorKind::InvalidData => {
            ImportError::Io { name: file.into(), source: e }
        }
        other => ImportError::Damaged { file: file.into(), place: "zip directory".into(), what: other.to_string() },
    }
}

fn is_safe(name: &str) -> bool {
    !name.contains(['\\', '\0'])
        && !name.starts_with('/')
        && !is_drive(name)
        && Path::new(name).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}

/// `C:…`
fn is_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// Refuses to go on past a bound: a lie about the size is a zip bomb.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)? as u64;
        self.left = self
            .left
            .checked_sub(n)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unpacks to more than it says"))?;
        Ok(n as usize)
    }
}
