//! The media of this home, sealed beside the archive.

use crate::home::unfinished_prefix;
use chat_archive::{MediaHash, MediaVault, StoredMedia};
use durable_files::{
    Readers, Unfinished, create_private_dirs, create_private_dirs_unsynced, sync_folder,
};
use rand_core::OsRng;
use sealed_keys::MediaCipher;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Media files, sealed with this computer's key and named by the hash of their content.
pub(crate) struct SealedMedia {
    pub(crate) dir: PathBuf,
    cipher: MediaCipher,
}

/// Bound to every file; which file it is, the content hash tells when it is read.
const NAME: &[u8] = b"media";

impl SealedMedia {
    pub(crate) fn new(dir: PathBuf, cipher: MediaCipher) -> Self {
        Self { dir, cipher }
    }

    fn path(&self, hash: &MediaHash) -> PathBuf {
        let hex = hash.to_hex();
        self.dir.join(&hex[..2]).join(&hex[2..])
    }

    /// Every stored file.
    pub(crate) fn files(&self) -> io::Result<Vec<(MediaHash, PathBuf)>> {
        let mut files = Vec::new();
        for folder in fs::read_dir(&self.dir)? {
            let folder = folder?;
            let start = folder.file_name().into_string().unwrap_or_default();
            if start.len() != 2 || !folder.path().is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let hex = start.clone() + &file.file_name().into_string().unwrap_or_default();
                if let Ok(hash) = MediaHash::try_from(hex) {
                    files.push((hash, file.path()));
                }
            }
        }
        Ok(files)
    }
}

/// When a file has to be on the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durable {
    Now,
    /// After [`MediaVault::sync`].
    Later,
}

impl SealedMedia {
    fn store(&self, content: &mut dyn Read, durable: Durable) -> io::Result<StoredMedia> {
        let mut hashing = Hashing { from: content, hasher: blake3::Hasher::new() };
        let mut new = Unfinished::named(&self.dir, &unfinished_prefix(), Readers::Owner)?;
        let size = self.cipher.seal_stream(NAME, &mut hashing, new.file(), &mut OsRng)?;
        let hash = MediaHash(*hashing.hasher.finalize().as_bytes());
        let path = self.path(&hash);
        // Read before the new copy is dropped: that may be the only good one.
        if self.contains(&hash).unwrap_or(false) {
            return Ok(StoredMedia { hash, size, created: false });
        }
        let folder = path.parent().unwrap_or(&self.dir);
        match durable {
            Durable::Now => {
                create_private_dirs(folder)?;
                new.finish(&path)?;
            }
            Durable::Later => {
                create_private_dirs_unsynced(folder)?;
                new.finish_unsynced(&path)?;
            }
        }
        Ok(StoredMedia { hash, size, created: true })
    }
}

impl MediaVault for SealedMedia {
    fn put(&self, content: &mut dyn Read) -> io::Result<StoredMedia> {
        self.store(content, Durable::Now)
    }

    fn put_many(&self, content: &mut dyn Read) -> io::Result<StoredMedia> {
        self.store(content, Durable::Later)
    }

    fn sync(&self) -> io::Result<()> {
        sync_files(&self.dir)?;
        sync_folder(&self.dir)
    }

    fn open(&self, hash: &MediaHash) -> io::Result<Box<dyn Read + Send>> {
        let sealed = BufReader::with_capacity(64 * 1024, fs::File::open(self.path(hash))?);
        let plain = self.cipher.open_reader(NAME, sealed)?;
        Ok(Box::new(Checked {
            hashing: Hashing { from: plain, hasher: blake3::Hasher::new() },
            expected: *hash,
        }))
    }

    fn contains(&self, hash: &MediaHash) -> io::Result<bool> {
        // All of it: whoever asks goes on to leave out the only copy that could heal a damaged one.
        match self.open(hash).and_then(|mut content| io::copy(&mut content, &mut io::sink())) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }

    fn delete(&self, hash: &MediaHash) -> io::Result<()> {
        match fs::remove_file(self.path(hash)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

/// One wait for the whole file system instead of one for each file.
#[cfg(target_os = "linux")]
fn sync_files(dir: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(dir)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_files(dir: &Path) -> io::Result<()> {
    for folder in fs::read_dir(dir)? {
        let folder = folder?.path();
        if folder.is_dir() {
            for file in fs::read_dir(&folder)? {
                fs::File::open(file?.path())?.sync_all()?;
            }
            sync_folder(&folder)?;
        }
    }
    Ok(())
}

struct Hashing<R> {
    from: R,
    hasher: blake3::Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        Ok(n)
    }
}

/// Fails at the end if the content is not what its name says.
struct Checked<R> {
    hashing: Hashing<R>,
    expected: MediaHash,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.hashing.read(buffer)?;
        let ended = n == 0 && !buffer.is_empty();
        if ended && self.hashing.hasher.finalize().as_bytes() != &self.expected.0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the media file is not the one that belongs here",
            ));
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealed_keys::LocalKey;

    fn vault(dir: &Path) -> SealedMedia {
        SealedMedia { dir: dir.into(), cipher: LocalKey::generate(&mut OsRng).media_cipher() }
    }

    fn read(vault: &SealedMedia, hash: &MediaHash) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        vault.open(hash)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn content_comes_back_and_is_kept_once_and_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let content = vec![7; 600_000];
        let first = vault.put(&mut content.as_slice()).unwrap();
        let second = vault.put(&mut content.as_slice()).unwrap();
        assert_eq!((first.created, second.created, first.hash), (true, false, second.hash));
        assert_eq!(read(&vault, &first.hash).unwrap(), content);
        let stored = fs::read(vault.path(&first.hash)).unwrap();
        assert!(!stored.windows(64).any(|w| w == [7; 64]));
    }

    #[test]
    fn a_file_that_does_not_open_is_not_claimed_and_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let content = vec![7; 600_000];
        let hash = vault.put(&mut content.as_slice()).unwrap().hash;
        let path = vault.path(&hash);
        let whole = fs::read(&path).unwrap();
        for at in [0, 20, 100, 400_000, whole.len() - 1] {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            assert!(!vault.contains(&hash).unwrap(), "byte {at}");
            assert!(vault.put(&mut content.as_slice()).unwrap().created, "byte {at}");
            assert!(vault.contains(&hash).unwrap());
            assert_eq!(read(&vault, &hash).unwrap(), content);
        }
    }

    #[test]
    fn a_swapped_file_is_refused_at_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let one = vault.put(&mut b"one".as_slice()).unwrap().hash;
        let two = vault.put(&mut b"two".as_slice()).unwrap().hash;
        fs::copy(vault.path(&two), vault.path(&one)).unwrap();
        assert_eq!(read(&vault, &one).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
