//! Another key for a backup: what is written from now on is sealed under it alone.

use super::Repository;
use crate::error::BackupError;
use crate::objects::Index;
use crate::port::Unobserved;
use crate::work::write_packs::Written;
use sealed_keys::{BackupKey, Header, KeyError, LastSnapshot, OsRng};

impl Repository {
    /// Gives the backup another key and removes all key slots; `slots` adds those of whoever is to
    /// have it.
    ///
    /// The header is what counts: before it is replaced, all is as it was, and after that the old
    /// key opens nothing that is written. What was written before stays, and opens with the new
    /// key. `now` in Unix seconds.
    ///
    /// # Errors
    /// `Locked`, `KeyChanged` (by another computer, meanwhile), what `slots` refuses, `Key`
    /// (changed too often), `DiskFull`, `Store`. If the header was replaced by then,
    /// [`Repository::settle_key`] does the rest.
    pub fn rekey<T>(
        &mut self,
        new: &BackupKey,
        (computer, now): (&str, u64),
        slots: impl FnOnce(&mut Header) -> Result<T, KeyError>,
    ) -> Result<T, BackupError> {
        let lock = self.lock(computer, &Unobserved)?;
        self.complete_copies()?;
        let mut header = self.current_header()?;
        let newest = self.newest()?.snapshot;
        let last = newest.map(|s| LastSnapshot { sequence: s.sequence(), hash: s.hash() });
        header.rekey(&self.key, new, (last, now), &mut OsRng)?;
        let result = slots(&mut header)?;
        let keys = header.repository_keys(new)?;
        lock.still_held()?;
        self.write_header(&header)?;
        self.keys = keys;
        self.key = new.clone();
        self.header = header;
        self.seal_newest_again()?;
        Ok(result)
    }

    /// After a change of the key: the newest snapshot once more, under the new key, and with it the
    /// header's copy in a pack. Does nothing where that is done.
    ///
    /// # Errors
    /// `Locked`, `DiskFull`, `Store`.
    pub fn settle_key(&self, computer: &str) -> Result<(), BackupError> {
        let _lock = self.lock(computer, &Unobserved)?;
        self.complete_copies()?;
        self.seal_newest_again()
    }

    fn seal_newest_again(&self) -> Result<(), BackupError> {
        let Some(last) = self.keys.former.first().and_then(|former| former.last) else {
            return Ok(());
        };
        let Some(newest) = self.newest()?.snapshot.filter(|s| s.sequence() <= last.sequence) else {
            return Ok(());
        };
        let known = Index::load(self.store.as_ref(), &self.keys)?;
        self.commit(&known, &Written::default(), |base| base.again(&newest.manifest, None))?;
        Ok(())
    }
}
