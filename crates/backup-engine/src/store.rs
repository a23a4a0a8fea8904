//! Where a backup lies: named blobs in a few flat folders.

pub mod conformance;
mod faulty;
mod folder;
mod memory;
mod remembering;

pub use faulty::FaultyStore;
pub use folder::FolderStore;
pub use memory::MemoryStore;
pub use remembering::RememberingStore;

/// Why a store could not do as asked. Each names the path.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0} is not there")]
    NotFound(String),
    #[error("{0} is there already")]
    AlreadyExists(String),
    #[error("no space left for {0}")]
    Full(String),
    #[error("{0} is larger than was allowed for")]
    TooLarge(String),
    #[error("{0} is not a path within a store")]
    BadPath(String),
    #[error("access to {0} was refused")]
    Refused(String),
    #[error("{path} could not be reached: {cause}")]
    Unreachable { path: String, cause: String },
    #[error("{path}: {cause}")]
    Io { path: String, cause: std::io::Error },
}

/// A blob in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoreEntry {
    pub name: String,
    pub len: u64,
}

/// Where a store is, as far as it matters for how to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// A request costs next to nothing.
    Here,
    /// Each request takes its time: few and large ones, several at once.
    Away,
}

/// Blobs under paths of one or two plain parts (`lock`, `packs/00ff…`). See [`conformance::check`].
pub trait Store: Send + Sync {
    /// Writes or replaces, all or nothing, and durable when it returns.
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// As [`Store::put`], but `AlreadyExists` when there is such a blob; of several at once, one
    /// wins.
    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// The whole blob. `TooLarge` above `limit` bytes, before they are read.
    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError>;

    /// `len` bytes from `start`, or fewer where the blob ends.
    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError>;

    /// All blobs of a folder, by name; none when there is no such folder.
    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError>;

    fn exists(&self, path: &str) -> Result<bool, StoreError>;

    /// Durable when it returns. `NotFound` when there is no such blob.
    fn delete(&self, path: &str) -> Result<(), StoreError>;

    /// From now on shows what others did meanwhile, for a store that remembers.
    fn refresh(&self) {}

    /// How far away it is.
    fn distance(&self) -> Distance {
        Distance::Here
    }

    /// Removes what interrupted writes left behind, and nothing that is being written; returns how
    /// many.
    fn sweep(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// One or two parts of `a-z 0-9 . -`, none starting with a dot, at most 100 characters each. Every
/// adapter checks each path with it.
///
/// # Errors
/// `BadPath`.
pub fn check_path(path: &str) -> Result<(), StoreError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    let fine = |part: &str| {
        (1..=100).contains(&part.len()) && !part.starts_with('.') && part.chars().all(plain)
    };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() <= 2 && parts.iter().all(|p| fine(p)) {
        Ok(())
    } else {
        Err(StoreError::BadPath(path.into()))
    }
}
