//! A store in memory.

use super::{Store, StoreEntry, StoreError, check_path};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blobs in memory, for tests.
#[derive(Default)]
pub struct MemoryStore(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryStore {
    fn blobs(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every path, for tests that alter each in turn.
    pub fn paths(&self) -> Vec<String> {
        self.blobs().keys().cloned().collect()
    }

    /// The state as it is, to be put back later.
    pub fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        self.blobs().clone()
    }

    pub fn reset(&self, to: BTreeMap<String, Vec<u8>>) {
        *self.blobs() = to;
    }
}

impl Store for MemoryStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        self.blobs().insert(path.into(), bytes.into());
        Ok(())
    }

    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut blobs = self.blobs();
        if blobs.contains_key(path) {
            return Err(StoreError::AlreadyExists(path.into()));
        }
        blobs.insert(path.into(), bytes.into());
        Ok(())
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        check_path(path)?;
        let blobs = self.blobs();
        let blob = blobs.get(path).ok_or_else(|| StoreError::NotFound(path.into()))?;
        if blob.len() > limit { Err(StoreError::TooLarge(path.into())) } else { Ok(blob.clone()) }
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        check_path(path)?;
        let blobs = self.blobs();
        let blob = blobs.get(path).ok_or_else(|| StoreError::NotFound(path.into()))?;
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(blob.len());
        Ok(blob[start..start.saturating_add(len).min(blob.len())].to_vec())
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        check_path(folder)?;
        let prefix = format!("{folder}/");
        let entry = |(path, blob): (&String, &Vec<u8>)| {
            let name = path.strip_prefix(&prefix)?.to_string();
            Some(StoreEntry { name, len: blob.len() as u64 })
        };
        Ok(self.blobs().iter().filter_map(entry).collect())
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        check_path(path)?;
        Ok(self.blobs().contains_key(path))
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        check_path(path)?;
        self.blobs().remove(path).map(drop).ok_or_else(|| StoreError::NotFound(path.into()))
    }
}
