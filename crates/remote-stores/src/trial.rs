//! A new place is tried before it is taken.

use backup_engine::{Store, StoreError};

const FOLDER: &str = "snapshots";
const PROBE: &str = "snapshots/keepsake-trial";
const CONTENTS: &[u8] = b"Keepsake wrote this to see whether it can. It may be deleted.";

/// What a place cannot do, in the order in which it is tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Nobody is there, or the credentials are refused.
    #[error("the folder could not be listed: {0}")]
    List(StoreError),
    /// It is read-only, or full.
    #[error("nothing could be written: {0}")]
    Write(StoreError),
    /// It may be written, and not read.
    #[error("what was written could not be read: {0}")]
    Read(StoreError),
    /// It is no safe place for anything.
    #[error("what was read is not what was written")]
    Altered,
    /// A list is how the engine finds what is there.
    #[error("what was written is not in the list")]
    Unlisted,
    /// Old backups could never be thrown away.
    #[error("what was written could not be deleted: {0}")]
    Delete(StoreError),
}

/// Writes a file, reads, lists and deletes it.
///
/// # Errors
/// [`TrialError`]: the first thing that the place cannot do.
pub fn try_out(store: &dyn Store) -> Result<(), TrialError> {
    store.list(FOLDER).map_err(TrialError::List)?;
    store.put(PROBE, CONTENTS).map_err(TrialError::Write)?;
    let read = store.get(PROBE, CONTENTS.len()).map_err(TrialError::Read)?;
    let part = store.get_range(PROBE, 9, 5).map_err(TrialError::Read)?;
    if read != CONTENTS || part != CONTENTS[9..14] {
        return Err(TrialError::Altered);
    }
    let listed = store.list(FOLDER).map_err(TrialError::List)?;
    if !listed
        .iter()
        .any(|e| format!("{FOLDER}/{}", e.name) == PROBE && e.len == CONTENTS.len() as u64)
    {
        return Err(TrialError::Unlisted);
    }
    store.delete(PROBE).map_err(TrialError::Delete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use backup_engine::{FaultyStore, MemoryStore};

    #[test]
    fn a_place_that_works_is_as_it_was_afterwards() {
        let store = MemoryStore::default();
        try_out(&store).unwrap();
        assert!(store.list(FOLDER).unwrap().is_empty());
    }

    #[test]
    fn a_place_that_takes_nothing_is_told_from_one_that_deletes_nothing() {
        let read_only = FaultyStore::dies_after(MemoryStore::default(), 0);
        assert!(matches!(try_out(&read_only), Err(TrialError::Write(_))));
        let keeps_all = FaultyStore::dies_after(MemoryStore::default(), 1);
        assert!(matches!(try_out(&keeps_all), Err(TrialError::Delete(_))));
    }
}
