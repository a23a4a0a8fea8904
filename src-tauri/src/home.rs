//! The home this window works on.

use app::{AppError, Keepsake};
use std::path::PathBuf;

/// The home, or why it could not be opened: the window then shows that, and nothing else works.
pub(crate) struct OpenHome(Result<Keepsake, AppError>);

impl OpenHome {
    /// `KEEPSAKE_HOME`, or the operating system's place.
    pub(crate) fn open() -> Self {
        let dir = match std::env::var_os("KEEPSAKE_HOME") {
            Some(dir) => Ok(PathBuf::from(dir)),
            None => Keepsake::default_home(),
        };
        Self(dir.and_then(|dir| Keepsake::open(&dir)))
    }

    pub(crate) fn keepsake(&self) -> Result<Keepsake, AppError> {
        self.0.clone()
    }
}
