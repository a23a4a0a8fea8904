//! Says that somebody adds to the backup, for as long as they do: `writers/<id>`. Nobody waits for
//! that; a prune leaves everything in place meanwhile.

use super::Repository;
use super::lock::{Holder, holder_at};
use crate::error::BackupError;
use crate::pace::Pace;
use crate::store::{Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const FOLDER: &str = "writers";

/// Between two signs of life, in seconds: a request an hour costs nothing.
const RENEWED_EVERY: u64 = 3600;

/// Without a sign of life for so long, in seconds, a writer was stopped: far more than clocks that
/// differ and a computer that sleeps over a weekend.
const FORGOTTEN_AFTER: u64 = 4 * 86_400;

/// There until dropped. What a killed writer leaves is known by its process, or by its age.
pub(crate) struct Presence {
    store: Arc<dyn Store>,
    holder: Holder,
    renewed: AtomicU64,
    pace: Arc<dyn Pace>,
}

impl Presence {
    fn begin(
        store: Arc<dyn Store>,
        computer: &str,
        pace: Arc<dyn Pace>,
    ) -> Result<Self, BackupError> {
        let now = pace.unix_now();
        let holder = Holder::new(computer, now);
        store.put_new(&path(&holder.id), &holder.to_bytes())?;
        Ok(Self { store, holder, renewed: AtomicU64::new(now), pace })
    }

    /// Called now and then while the work goes on. A sign that could not be written is made up for
    /// by the next.
    pub(crate) fn renew(&self) {
        let now = self.pace.unix_now();
        let before = self.renewed.load(Ordering::Relaxed);
        let due = now.saturating_sub(before) >= RENEWED_EVERY;
        let relaxed = Ordering::Relaxed;
        if due && self.renewed.compare_exchange(before, now, relaxed, relaxed).is_ok() {
            let holder = Holder { renewed: now, ..self.holder.clone() };
            let _ = self.store.put(&path(&holder.id), &holder.to_bytes());
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let _ = self.store.delete(&path(&self.holder.id));
    }
}

fn path(id: &str) -> String {
    format!("{FOLDER}/{id}")
}

impl Repository {
    /// From here on a prune removes nothing that this writer may build on.
    ///
    /// # Errors
    /// `KeyChanged`, `DiskFull`, `Store`.
    pub(crate) fn present(&self, computer: &str) -> Result<Presence, BackupError> {
        if self.retired {
            return Err(BackupError::KeyChanged);
        }
        let presence = Presence::begin(self.store.clone(), computer, self.pace.clone())?;
        // Who prunes saw this writer, or this writer sees what the prune has given up.
        self.store.refresh();
        Ok(presence)
    }

    /// Whether somebody else adds to the backup. Removes the signs of those that were killed.
    pub(crate) fn others_write(&self) -> Result<bool, BackupError> {
        let mut others = false;
        for file in self.store.list(FOLDER)? {
            let path = path(&file.name);
            let Some(look) = holder_at(self.store.as_ref(), &path)? else { continue };
            if look.is_known_dead() || look.is_older_than(FORGOTTEN_AFTER, self.pace.unix_now()) {
                match self.store.delete(&path) {
                    Err(StoreError::NotFound(_)) => {}
                    deleted => deleted?,
                }
            } else {
                others = true;
            }
        }
        Ok(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::StillPace;
    use crate::store::MemoryStore;

    #[test]
    fn a_writer_is_seen_as_long_as_it_writes_and_gives_a_sign_each_hour() {
        let store = Arc::new(MemoryStore::default());
        let pace = Arc::new(StillPace(1_800_000_000.into()));
        let presence = Presence::begin(store.clone(), "laptop", pace.clone()).unwrap();
        let listed = || store.list(FOLDER).unwrap();
        let path = path(&listed()[0].name);
        let first = store.get(&path, 1000).unwrap();
        presence.renew();
        assert_eq!(store.get(&path, 1000).unwrap(), first);
        pace.sleep(std::time::Duration::from_secs(RENEWED_EVERY));
        presence.renew();
        assert_ne!(store.get(&path, 1000).unwrap(), first);
        drop(presence);
        assert!(listed().is_empty());
    }
}
