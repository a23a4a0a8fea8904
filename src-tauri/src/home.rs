//! The home this window works on.

use app::{AppError, Keepsake};
use std::path::PathBuf;

const WINDOW: &str = "window.json";

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

    /// Names this home among others of this computer's; the same for all that cannot be opened.
    pub(crate) fn tag(&self) -> &str {
        self.0.as_ref().map_or("none", Keepsake::id)
    }

    /// Where the window's size and place are stored: in the home, or in the operating system's
    /// folder for settings.
    pub(crate) fn window_file(&self) -> PathBuf {
        let in_home = self.0.as_ref().ok().map(|keepsake| keepsake.home().join(WINDOW));
        in_home.unwrap_or_else(|| WINDOW.into())
    }
}
