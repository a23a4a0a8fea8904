//! One backup in one store.

mod chain;
mod lock;

pub use chain::{Seen, Snapshot};
pub(crate) use lock::Lock;

use crate::error::BackupError;
use crate::store::{Store, StoreError};
use sealed_keys::{BackupKey, Header, KeyError, MAX_HEADER, OfflineKey, RepositoryKeys, SlotKind};
use std::sync::Arc;

const HEADER_PATH: &str = "keepsake.json";

/// An opened backup. Long work is in methods of the same name: `backup`, `restore`, `check`, `prune`,
/// `rebuild_index`.
pub struct Repository {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: RepositoryKeys,
    header: Header,
}

impl Repository {
    /// Begins a backup in an empty place. The header must have at least the slots that are to open it.
    ///
    /// Errors: `AlreadyExists`, `WrongKey` (the header is another key's), `DiskFull`, `Store`.
    pub fn create(store: Arc<dyn Store>, header: Header, key: &BackupKey) -> Result<Self, BackupError> {
        header.verify(key)?;
        match store.put_new(HEADER_PATH, &header.to_bytes()) {
            Err(StoreError::AlreadyExists(_)) => return Err(BackupError::AlreadyExists),
            put => put?,
        }
        Ok(Self { store, keys: key.repository_keys(header.repository), header })
    }

    /// Reads the key slots without any key. Errors: `NotARepository`, `Damaged`, `Unsupported`.
    pub fn read_header(store: &dyn Store) -> Result<Header, BackupError> {
        let bytes = match store.get(HEADER_PATH, MAX_HEADER) {
            Err(StoreError::NotFound(_)) => return Err(BackupError::NotARepository),
            bytes => bytes?,
        };
        Header::parse(&bytes).map_err(BackupError::sealed(HEADER_PATH))
    }

    /// Opens with the backup key, which a slot of [`Repository::read_header`] gave.
    ///
    /// Errors: `NotARepository`, `WrongKey`, `Damaged` (the header was altered).
    pub fn open_with_key(store: Arc<dyn Store>, key: &BackupKey) -> Result<Self, BackupError> {
        let header = Self::read_header(store.as_ref())?;
        header.verify(key).map_err(BackupError::sealed(HEADER_PATH))?;
        Ok(Self { store, keys: key.repository_keys(header.repository), header })
    }

    /// Opens with 64 digits on paper: an offline key that has a slot here, or the backup key itself.
    ///
    /// Errors: as [`Repository::open_with_key`].
    pub fn open_offline(store: Arc<dyn Store>, digits: &OfflineKey) -> Result<(Self, BackupKey), BackupError> {
        let header = Self::read_header(store.as_ref())?;
        let key = match header.open_with(SlotKind::OfflineKey, &digits.slot_key()) {
            Ok(key) => key,
            Err(KeyError::WrongKey(_) | KeyError::NoSuchSlot) => digits.as_backup_key(),
            Err(error) => return Err(BackupError::sealed(HEADER_PATH)(error)),
        };
        Ok((Self::open_with_key(store, &key)?, key))
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Changes key slots: reads the header as it is now, applies `change`, and replaces it in one step.
    ///
    /// Errors: `Locked`, what `change` refuses, and as [`Repository::open_with_key`].
    pub fn update_header<T>(
        &mut self,
        key: &BackupKey,
        change: impl FnOnce(&mut Header) -> Result<T, KeyError>,
    ) -> Result<T, BackupError> {
        let lock = Lock::acquire(self.store.clone(), "")?;
        let mut header = Self::read_header(self.store.as_ref())?;
        header.verify(key).map_err(BackupError::sealed(HEADER_PATH))?;
        let result = change(&mut header)?;
        header.verify(key)?;
        lock.still_held()?;
        self.store.put(HEADER_PATH, &header.to_bytes())?;
        self.header = header;
        Ok(result)
    }
}
