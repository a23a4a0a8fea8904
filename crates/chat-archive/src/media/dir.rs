//! Media as plain files.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::{MediaHash, MediaVault, StoredMedia};

/// Media as plain files in a folder, **not encrypted**: for tests and for exporting.
pub struct PlainDirVault {
    root: PathBuf,
}

impl PlainDirVault {
    /// Uses `root`, creating it if needed.
    pub fn open(root: &Path) -> io::Result<Self> {
        make_private_dir(root)?;
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
        let mut temp = tempfile::NamedTempFile::new_in(&self.root)?;
        let mut tee = HashingWriter { file: temp.as_file_mut(), hasher: blake3::Hasher::new() };
        let size = io::copy(content, &mut tee)?;
        let hash = MediaHash(*tee.hasher.finalize().as_bytes());
        let path = self.path(&hash);
        if path.exists() {
            return Ok(StoredMedia { hash, size, created: false });
        }
        let folder = path.parent().unwrap_or(&self.root);
        make_private_dir(folder)?;
        temp.as_file().sync_all()?;
        temp.persist(&path)?;
        File::open(folder)?.sync_all()?;
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

/// Creates a folder that only its owner can enter (0700), and its parents.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
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
