//! Opening a home: what was stopped in the middle goes on.

use super::{Keepsake, Surroundings};
use crate::Result;
use crate::key_change::settle_home;
use std::path::Path;

impl Keepsake {
    /// Opens the home in `dir`, or makes one there. The computer's key goes to the OS keyring;
    /// where there is no keyring service, to a file, and the caller has to say so
    /// (`KEEPSAKE_KEY_STORE=keyring|file` decides instead).
    ///
    /// # Errors
    /// The folder or the computer's key cannot be used.
    pub fn open(dir: &Path) -> Result<Self> {
        Self::open_in(dir, Surroundings::of_this_computer())
    }

    /// As [`Keepsake::open`], in other surroundings.
    ///
    /// # Errors
    /// As [`Keepsake::open`].
    pub fn open_in(dir: &Path, around: Surroundings) -> Result<Self> {
        let keepsake = Self::at(dir, around)?;
        // A change of the key that was stopped in the middle. What hinders it now is told by
        // whoever needs a key.
        let _ = settle_home(&keepsake);
        Ok(keepsake)
    }
}
