//! A zip: its directory, and its entries as streams that end where they should.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use chat_archive::MissingReason;
use zip::ZipArchive;
use zip::result::ZipError;

use super::Entry;
use super::limits::{MAX_FILES, MAX_RATIO, MAX_UNPACKED, RATIO_FROM};
use super::names::{display_name, is_junk, is_safe};
use crate::ImportError;

pub(super) type Zip = ZipArchive<BufReader<File>>;

/// Whether the file begins like a zip.
pub(crate) fn looks_like_zip(path: &Path) -> Result<bool, ImportError> {
    let mut start = [0; 4];
    let mut file = File::open(path).map_err(ImportError::io(&display_name(path)))?;
    match file.read_exact(&mut start) {
        Ok(()) => Ok(matches!(&start, b"PK\x03\x04" | b"PK\x05\x06")),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(ImportError::io(&display_name(path))(e)),
    }
}

/// Opens a zip and checks its directory: names, password, sizes. Nothing is unpacked to disk.
pub(super) fn open(path: &Path) -> Result<(Zip, Vec<Entry>), ImportError> {
    let name = display_name(path);
    let packed = path.metadata().map_err(ImportError::io(&name))?.len();
    let mut archive = open_archive(path)?;
    let too_large = |what, limit| Err(ImportError::TooLarge { file: name.clone(), what, limit });
    if archive.len() > MAX_FILES {
        return too_large("the number of files", MAX_FILES as u64);
    }
    let mut entries = Vec::new();
    let mut total = 0u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|e| explain(&name, e))?;
        let path = name_of(entry.name_raw(), entry.name());
        if !is_safe(&path) {
            return Err(ImportError::UnsafePath {
                file: name,
                entry: path.chars().take(80).collect(),
            });
        }
        if entry.encrypted() {
            return Err(ImportError::Encrypted { file: name });
        }
        total = total.saturating_add(entry.size());
        if entry.is_file() && !is_junk(&path) {
            entries.push(Entry {
                path,
                size: entry.size(),
                index,
                real: None,
                key: None,
                sealed: None,
            });
        }
    }
    if total > MAX_UNPACKED {
        return too_large("the unpacked size", MAX_UNPACKED);
    }
    if total > RATIO_FROM && total / MAX_RATIO > packed {
        return too_large("the ratio of unpacked to packed size", MAX_RATIO);
    }
    Ok((archive, entries))
}

/// Many programs write UTF-8 without the flag that says so (APPNOTE 4.4.4, bit 11).
fn name_of(raw: &[u8], decoded: &str) -> String {
    std::str::from_utf8(raw).map_or_else(|_| decoded.to_owned(), str::to_owned)
}

/// Opens an entry that a message names.
pub(super) fn open_media(
    archive: &mut Zip,
    index: usize,
) -> Result<Box<dyn Read + '_>, MissingReason> {
    let entry = archive.by_index(index).map_err(|_| MissingReason::Unreadable)?;
    let left = bound(entry.compressed_size(), entry.size());
    Ok(Box::new(Bounded { inner: entry, left }))
}

/// Reads an entry from its start, bounded.
pub(super) fn read_entry<'a>(
    file: &str,
    archive: &'a mut Zip,
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

/// A handle of its own on a zip.
pub(super) fn open_archive(path: &Path) -> Result<Zip, ImportError> {
    let name = display_name(path);
    let file = File::open(path).map_err(ImportError::io(&name))?;
    ZipArchive::new(BufReader::new(file)).map_err(|e| explain(&name, e))
}

fn explain(file: &str, error: ZipError) -> ImportError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            ImportError::Encrypted { file: file.into() }
        }
        ZipError::Io(e)
            if e.kind() != io::ErrorKind::UnexpectedEof
                && e.kind() != io::ErrorKind::InvalidData =>
        {
            ImportError::Io { name: file.into(), source: e }
        }
        other => ImportError::Damaged {
            file: file.into(),
            place: "zip directory".into(),
            what: other.to_string(),
        },
    }
}

/// Refuses to go on past a bound: a lie about the size is a zip bomb.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)? as u64;
        self.left = self.left.checked_sub(n).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "unpacks to more than it says")
        })?;
        Ok(n as usize)
    }
}
