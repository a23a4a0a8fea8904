//! A store that fails when it is told to.

use super::{Store, StoreEntry, StoreError};
use std::sync::atomic::{AtomicU64, Ordering};

/// Passes everything on to another store until a given write, then fails as told; for tests of
/// crashes and full disks.
pub struct FaultyStore<S> {
    pub inner: S,
    writes_left: AtomicU64,
    full: bool,
}

impl<S: Store> FaultyStore<S> {
    /// After `writes` writes or deletions, each one fails as if the program had died before it.
    pub fn dies_after(inner: S, writes: u64) -> Self {
        Self { inner, writes_left: AtomicU64::new(writes), full: false }
    }

    /// After `writes` writes, each one finds the disk full. Deleting still works.
    pub fn full_after(inner: S, writes: u64) -> Self {
        Self { inner, writes_left: AtomicU64::new(writes), full: true }
    }

    /// Writes that were not needed.
    pub fn writes_left(&self) -> u64 {
        self.writes_left.load(Ordering::SeqCst)
    }

    fn spend(&self, path: &str) -> Result<(), StoreError> {
        let spent =
            self.writes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        match (spent, self.full) {
            (Ok(_), _) => Ok(()),
            (Err(_), true) => Err(StoreError::Full(path.into())),
            (Err(_), false) => Err(StoreError::Io {
                path: path.into(),
                cause: std::io::Error::other("the program died here"),
            }),
        }
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.spend(path)?;
        self.inner.put(path, bytes)
    }

    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.spend(path)?;
        self.inner.put_new(path, bytes)
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        self.inner.get(path, limit)
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        self.inner.get_range(path, start, len)
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        self.inner.list(folder)
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.inner.exists(path)
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        if !self.full {
            self.spend(path)?;
        }
        self.inner.delete(path)
    }

    fn sweep(&self) -> Result<u64, StoreError> {
        self.inner.sweep()
    }
}
