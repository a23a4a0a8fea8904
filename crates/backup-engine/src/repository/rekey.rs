//! Another key for a backup: what is written from now on is sealed under it alone.

use super::{Repository, Snapshot};
use crate::error::BackupError;
use crate::objects::{Index, Removals};
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
        self.complete_copies_under(&lock)?;
        let mut header = self.current_header()?;
        let newest = self.one_head()?;
        let last = newest.map(|s| LastSnapshot { sequence: s.sequence(), hash: s.hash() });
        header.rekey(&self.key, new, (last, now), &mut OsRng)?;
        let result = slots(&mut header)?;
        let keys = header.repository_keys(new)?;
        let mut removals = Removals::load(self.store.as_ref(), &self.keys)?;
        if !removals.is_empty() {
            removals.write(self.store.as_ref(), &keys, now)?;
        }
        lock.still_held()?;
        self.write_header(&header)?;
        self.keys = keys;
        self.key = new.clone();
        self.header = header;
        self.seal_again()?;
        Ok(result)
    }

    /// After a change of the key: the newest snapshot once more, under the new key, and with it the
    /// header's copy in a pack. Does nothing where that is done.
    ///
    /// # Errors
    /// `Locked`, `DiskFull`, `Store`.
    pub fn settle_key(&self, computer: &str) -> Result<(), BackupError> {
        let lock = self.lock(computer, &Unobserved)?;
        self.complete_copies_under(&lock)?;
        self.seal_again()
    }

    /// The newest snapshot. Where several computers wrote at the same time, one is written that
    /// continues all of theirs: the header names one as the last of a key's time.
    fn one_head(&self) -> Result<Option<Snapshot>, BackupError> {
        match self.newest()?.snapshot {
            Some(several) if several.name.is_none() => {
                let known = Index::load(self.store.as_ref(), &self.keys)?;
                Ok(Some(self.commit(&known, &Written::default(), |base| base)?.snapshot))
            }
            newest => Ok(newest),
        }
    }

    fn seal_again(&self) -> Result<(), BackupError> {
        let Some(last) = self.keys.former.first().and_then(|former| former.last) else {
            return Ok(());
        };
        let newest = self.newest()?.snapshot;
        if newest.is_some_and(|s| s.sequence() <= last.sequence) {
            let known = Index::load(self.store.as_ref(), &self.keys)?;
            self.commit(&known, &Written::default(), |base| base)?;
        }
        Ok(())
    }
}
