//! The newest snapshot that can be read.

use super::{Repository, Snapshot};
use crate::error::BackupError;

/// The newest snapshot that opens, and why younger ones do not.
#[derive(Debug)]
pub struct Newest {
    pub snapshot: Option<Snapshot>,
    /// One for each snapshot that is there, is younger, and cannot be read.
    pub problems: Vec<BackupError>,
}

impl Repository {
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub fn newest(&self) -> Result<Newest, BackupError> {
        let mut newest = Newest { snapshot: None, problems: Vec::new() };
        self.walk_back(|step| match step {
            Ok(snapshot) => {
                newest.snapshot = Some(snapshot);
                false
            }
            Err(problem) => {
                newest.problems.push(problem);
                true
            }
        })?;
        Ok(newest)
    }

    /// The newest snapshot that can be read, or `None` before the first backup. See
    /// [`Repository::newest`].
    ///
    /// # Errors
    /// `Damaged`, `Missing` when there are snapshots and none can be read. `Store`.
    pub fn latest(&self) -> Result<Option<Snapshot>, BackupError> {
        let Newest { snapshot, problems } = self.newest()?;
        match (snapshot, problems.into_iter().next()) {
            (None, Some(problem)) => Err(problem),
            (snapshot, _) => Ok(snapshot),
        }
    }

    /// The number that the next snapshot gets, above all that were ever there.
    pub(crate) fn next_sequence(&self) -> Result<u64, BackupError> {
        Ok(self.listed_snapshots()?.last().map_or(1, |s| s + 1))
    }
}
