//! How the files of this home are read and written.

use crate::{AppError, Keepsake, NextStep, Result};
use durable_files::{State, StateFile, StateFileError, read_if_there, write_private};
use std::path::PathBuf;

impl Keepsake {
    /// A file of this home; `None` if it is not there.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let next = NextStep::RecoverIntoNewHome;
        read_if_there(&self.path(name), limit).map_err(|e| AppError::damaged(name, e, next))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_private(&self.path(name), bytes).map_err(|e| not_written(name, &e))
    }

    /// As [`Keepsake::read`], with an error that the caller has the next step for.
    pub(crate) fn read_state<T: State>(
        &self,
        name: &str,
    ) -> std::result::Result<Option<T>, StateFileError> {
        StateFile::at(self.path(name)).read()
    }

    pub(crate) fn write_state<T: State>(&self, name: &str, state: &T) -> Result<()> {
        StateFile::at(self.path(name)).write(state).map_err(|e| not_written(name, &e.into()))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }
}

fn not_written(name: &str, error: &std::io::Error) -> AppError {
    AppError::disk(&format!("writing {name}"), error)
}
