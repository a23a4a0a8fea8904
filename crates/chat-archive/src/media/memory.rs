//! Media in memory.

use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::sync::{Mutex, PoisonError};

use super::{MediaHash, MediaVault, StoredMedia};

/// Media in memory: for tests and for looking into an export without keeping it.
#[derive(Default)]
pub struct MemoryVault {
    files: Mutex<HashMap<MediaHash, Vec<u8>>>,
}

impl MemoryVault {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<MediaHash, Vec<u8>>) -> T) -> T {
        act(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many files are held.
    pub fn len(&self) -> usize {
        self.with(|files| files.len())
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl MediaVault for MemoryVault {
    fn put(&self, content: &mut dyn Read) -> io::Result<StoredMedia> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        let (hash, size) = MediaHash::of_reader(&mut bytes.as_slice())?;
        let created = self.with(|files| files.insert(hash, bytes).is_none());
        Ok(StoredMedia { hash, size, created })
    }

    fn open(&self, hash: &MediaHash) -> io::Result<Box<dyn Read + Send>> {
        let bytes = self.with(|files| files.get(hash).cloned());
        let bytes = bytes.ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn contains(&self, hash: &MediaHash) -> io::Result<bool> {
        Ok(self.with(|files| files.contains_key(hash)))
    }

    fn delete(&self, hash: &MediaHash) -> io::Result<()> {
        self.with(|files| files.remove(hash));
        Ok(())
    }
}
