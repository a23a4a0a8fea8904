//! One backup in one store.

mod chain;
mod copies;
mod header;
mod lock;
mod newest;
mod presence;
mod rekey;
mod snapshot;
mod snapshot_file;

pub use chain::Chain;
pub(crate) use copies::pack_snapshot;
pub(crate) use lock::Lock;
pub use lock::LockHolder;
pub use newest::Newest;
pub(crate) use presence::Presence;
pub use snapshot::{Seen, Snapshot};

use self::lock::Wish;
use crate::error::BackupError;
use crate::pace::{Pace, RealPace};
use crate::port::{Observer, Unobserved};
use crate::store::{Store, StoreError};
use sealed_keys::{BackupKey, Header, KeyError, OfflineKey, RepositoryKeys, SlotKind};
use std::sync::Arc;
use std::time::Duration;

/// What a writer of packs has: the lock, or only its sign that it is there.
#[derive(Clone, Copy)]
pub(crate) enum Claim<'a> {
    Lock(&'a Lock),
    Presence(&'a Presence),
}

impl Claim<'_> {
    /// Costs nothing, or a request an hour.
    ///
    /// # Errors
    /// `LockLost`.
    pub(crate) fn uphold(self) -> Result<(), BackupError> {
        match self {
            Self::Lock(lock) => lock.not_lost(),
            Self::Presence(presence) => {
                presence.renew();
                Ok(())
            }
        }
    }
}

/// An opened backup. Long work is in methods of the same name: `backup`, `restore`, `check`,
/// `prune`, `repair`.
pub struct Repository {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: RepositoryKeys,
    header: Header,
    /// Proof against the header's key, for changes of it.
    key: BackupKey,
    header_problems: Vec<String>,
    /// Opened with a key that the backup had before: what came after does not open, and nothing is
    /// written.
    retired: bool,
    /// How long to wait for another writer.
    patience: Duration,
    pub(crate) pace: Arc<dyn Pace>,
}

impl Repository {
    /// Begins a backup in an empty place. The header must have at least the slots that are to open
    /// it.
    ///
    /// # Errors
    /// `AlreadyExists`, `WrongKey` (the header is another key's), `DiskFull`, `Store`.
    pub fn create(
        store: Arc<dyn Store>,
        header: Header,
        key: &BackupKey,
    ) -> Result<Self, BackupError> {
        header.verify(key)?;
        match Self::read_header(store.as_ref()) {
            Err(BackupError::NotARepository) => {}
            Err(BackupError::Store(error)) => return Err(BackupError::Store(error)),
            _ => return Err(BackupError::AlreadyExists),
        }
        match store.put_new(header::PATH, &header.to_bytes()) {
            Err(StoreError::AlreadyExists(_)) => return Err(BackupError::AlreadyExists),
            put => put?,
        }
        store.put(header::COPY, &header.to_bytes())?;
        Self::new(store, header, key, Vec::new())
    }

    fn new(
        store: Arc<dyn Store>,
        header: Header,
        key: &BackupKey,
        header_problems: Vec<String>,
    ) -> Result<Self, BackupError> {
        Ok(Self {
            store,
            keys: header.repository_keys(key)?,
            header,
            key: key.clone(),
            header_problems,
            retired: false,
            patience: Duration::ZERO,
            pace: Arc::new(RealPace),
        })
    }

    /// Waits for another writer instead of being refused at once.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Who is writing to a backup now. Needs no key.
    ///
    /// # Errors
    /// `Store`.
    pub fn lock_holder(store: &dyn Store) -> Result<Option<LockHolder>, BackupError> {
        lock::holder(store)
    }

    /// Takes the lock away from whoever has it: for a person who knows that nobody writes. A writer
    /// that lives all the same finds that it lost the lock, and commits nothing.
    ///
    /// # Errors
    /// `Store`.
    pub fn unlock(store: &dyn Store) -> Result<Option<LockHolder>, BackupError> {
        let holder = lock::holder(store)?;
        match store.delete(lock::PATH) {
            Err(StoreError::NotFound(_)) => Ok(None),
            deleted => deleted.map(|()| holder).map_err(BackupError::from),
        }
    }

    pub(crate) fn lock(
        &self,
        computer: &str,
        observer: &dyn Observer,
    ) -> Result<Lock, BackupError> {
        if self.retired {
            return Err(BackupError::KeyChanged);
        }
        let wish = Wish { computer, wait: self.patience, observer, pace: &self.pace };
        let lock = Lock::acquire(self.store.clone(), &wish)?;
        self.store.refresh();
        Ok(lock)
    }

    /// Opens with the backup key, which a slot of [`Repository::read_header`] gave. Whoever has the
    /// key can open a backup without any header: [`Repository::header_problems`] says so.
    ///
    /// # Errors
    /// `NotARepository`, `WrongKey`, `Damaged` (the header was altered, and nothing else shows
    /// whose backup it is); `KeyChanged` for a key that the backup had before.
    pub fn open_with_key(store: Arc<dyn Store>, key: &BackupKey) -> Result<Self, BackupError> {
        let (header, problems) = header::open(store.as_ref(), key)?;
        Self::new(store, header, key, problems)
    }

    /// Opens with a key that the backup had before, to read what is of that time. Nothing can be
    /// written.
    ///
    /// # Errors
    /// `WrongKey`, `Store`.
    pub fn open_with_former_key(
        store: Arc<dyn Store>,
        key: &BackupKey,
    ) -> Result<Self, BackupError> {
        let found = header::without_header(store.as_ref(), key)?;
        let header = found.ok_or(BackupError::WrongKey { object: header::PATH.into() })?;
        let problems =
            vec![format!("{}; this one opens only what is older", BackupError::KeyChanged)];
        Ok(Self { retired: true, ..Self::new(store, header, key, problems)? })
    }

    /// Opens with 64 digits on paper: an offline key that has a slot here, or the backup key
    /// itself. A key that the backup had before opens what is of its time: see
    /// [`Repository::open_with_former_key`].
    ///
    /// # Errors
    /// As [`Repository::open_with_key`].
    pub fn open_offline(
        store: Arc<dyn Store>,
        digits: &OfflineKey,
    ) -> Result<(Self, BackupKey), BackupError> {
        let key = match header::open_slot(store.as_ref(), SlotKind::OfflineKey, &digits.slot_key())
        {
            Ok(key) => key,
            Err(
                BackupError::Damaged { .. }
                | BackupError::WrongKey { .. }
                | BackupError::Missing { .. },
            ) => digits.as_backup_key(),
            Err(error) => return Err(error),
        };
        match Self::open_with_key(store.clone(), &key) {
            Err(BackupError::KeyChanged) => Ok((Self::open_with_former_key(store, &key)?, key)),
            opened => Ok((opened?, key)),
        }
    }

    /// The key that this was opened with, or that [`Repository::rekey`] gave it since.
    pub fn key(&self) -> &BackupKey {
        &self.key
    }

    /// The header, as it was read when this was opened.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What was wrong with the header files when this was opened. Reading went on with what was
    /// left.
    pub fn header_problems(&self) -> &[String] {
        &self.header_problems
    }

    /// Changes key slots: reads the header as it is now, applies `change`, and replaces it and its
    /// copy.
    ///
    /// # Errors
    /// `Locked`, what `change` refuses, and as [`Repository::open_with_key`].
    pub fn update_header<T>(
        &mut self,
        key: &BackupKey,
        change: impl FnOnce(&mut Header) -> Result<T, KeyError>,
    ) -> Result<T, BackupError> {
        let lock = self.lock("", &Unobserved)?;
        let (mut header, _) = header::open(self.store.as_ref(), key)?;
        let result = change(&mut header)?;
        header.verify(key)?;
        lock.still_held()?;
        header::write(self.store.as_ref(), &header)?;
        self.header = header;
        Ok(result)
    }

    /// Brings a backup of an older format up to date, and completes second copies that an
    /// interrupted write left out. The caller writes to the backup; the lock is taken only where
    /// the header has to be written.
    pub(crate) fn complete_copies(
        &self,
        computer: &str,
        observer: &dyn Observer,
    ) -> Result<(), BackupError> {
        if self.retired {
            return Err(BackupError::KeyChanged);
        }
        let (header, _) = header::open(self.store.as_ref(), &self.key)?;
        if !header.is_current_format() || header::copy_is_behind(self.store.as_ref(), &header)? {
            let lock = self.lock(computer, observer)?;
            self.complete_header(&lock)?;
        }
        self.copy_snapshots()
    }

    /// As [`Repository::complete_copies`], for who has the lock.
    pub(crate) fn complete_copies_under(&self, lock: &Lock) -> Result<(), BackupError> {
        self.complete_header(lock)?;
        self.copy_snapshots()
    }

    fn complete_header(&self, lock: &Lock) -> Result<(), BackupError> {
        let (mut header, _) = header::open(self.store.as_ref(), &self.key)?;
        if !header.is_current_format() {
            header.upgrade(&self.key)?;
        } else if !header::copy_is_behind(self.store.as_ref(), &header)? {
            return Ok(());
        }
        lock.still_held()?;
        header::write(self.store.as_ref(), &header)
    }

    /// Removes what killed writers left: their lock, and files that they did not finish.
    pub(crate) fn tidy(&self) -> Result<(), BackupError> {
        lock::clear_dead(self.store.as_ref())?;
        self.store.sweep()?;
        Ok(())
    }

    /// The header's bytes as they are in the store now.
    pub(crate) fn header_bytes(&self) -> Result<Vec<u8>, BackupError> {
        Ok(self.current_header()?.to_bytes())
    }

    /// What is wrong with the header's files now.
    pub(crate) fn header_damage(&self) -> Result<Vec<BackupError>, BackupError> {
        header::problems(self.store.as_ref(), &self.key, self.keys.repository)
    }

    pub(crate) const HEADER_COPY: &str = header::COPY;

    /// Puts a header where a copy of its backup is to be.
    pub(crate) fn write_header_to(store: &dyn Store, header: &Header) -> Result<(), BackupError> {
        header::write(store, header)
    }

    pub(crate) fn write_header(&self, header: &Header) -> Result<(), BackupError> {
        header::write(self.store.as_ref(), header)
    }

    /// The header as it is in the store now, or what of it could be recovered.
    pub(crate) fn current_header(&self) -> Result<Header, BackupError> {
        Ok(header::open(self.store.as_ref(), &self.key)?.0)
    }
}
