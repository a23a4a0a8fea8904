//! Media as plain files.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use durable_files::{Readers, Unfinished, create_private_dirs};

use super::{MediaHash, MediaVault, StoredMedia};

/// Begins the names of files that are being written.
const UNFINISHED: &str = ".unfinished-";

/// Media as plain files in a folder, **not encrypted**: for tests and for exporting.
pub struct PlainDirVault {
    root: PathBuf,
}

impl PlainDirVault {
    /// Uses `root`, creating it if needed.
    pub fn open(root: &Path) -> io::Result<Self> {
        create_private_dirs(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// `ab/abcdef…`: 256 folders, so that none grows huge.
    fn path(&self, hash: &MediaHash) -> PathBuf {
        let name = hash.to_hex();
        self.root.join(&name[..2]).join(name)
    }
}

impl MediaVault for PlainDirVault {
    fn put(&self, content: &mut dyn Read) -> io::Result<StoredMedia> {
        let mut new = Unfinished::named(&self.root, UNFINISHED, Readers::Owner)?;
        let mut tee = HashingWriter { file: new.file(), hasher: blake3::Hasher::new() };
        let size = io::copy(content, &mut tee)?;
        let hash = MediaHash(*tee.hasher.finalize().as_bytes());
        let path = self.path(&hash);
        if path.exists() {
            return Ok(StoredMedia { hash, size, created: false });
        }
        let folder = path.parent().unwrap_or(&self.root);
        create_private_dirs(folder)?;
        new.finish(&path)?;
        Ok(StoredMedia { hash, size, created: true })
    }

    fn open(&self, hash: &MediaHash) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(BufReader::new(File::open(self.path(hash))?)))
    }

    fn contains(&self, hash: &MediaHash) -> io::Result<bool> {
        self.path(hash).try_exists()
    }

    fn delete(&self, hash: &MediaHash) -> io::Result<()> {
        match fs::remove_file(self.path(hash)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

struct HashingWriter<'a> {
    file: &'a mut File,
    hasher: blake3::Hasher,
}

impl Write for HashingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
