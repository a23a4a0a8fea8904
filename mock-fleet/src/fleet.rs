//! A fleet that ends with its value.

use crate::{Builder, FleetFolder};
use std::ops::Deref;
use tempfile::TempDir;

/// A MOCK fleet as long as the value lives: its processes are stopped when it is dropped, and its
/// files are removed unless [`Builder::dir`] said where they are.
///
/// What can be done to it stands with [`FleetFolder`].
#[derive(Debug)]
pub struct MockFleet {
    folder: FleetFolder,
    _own: Option<TempDir>,
}

impl MockFleet {
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(folder: FleetFolder, own: Option<TempDir>) -> Self {
        Self { folder, _own: own }
    }

    /// The fleet's address with its pin, as the app and the command line take it.
    pub fn url(&self) -> String {
        self.folder.url().unwrap_or_default()
    }
}

impl Deref for MockFleet {
    type Target = FleetFolder;

    fn deref(&self) -> &FleetFolder {
        &self.folder
    }
}

impl Drop for MockFleet {
    fn drop(&mut self) {
        if let Err(error) = self.folder.stop_all() {
            eprintln!("MOCK fleet in {}: {error}", self.folder.dir().display());
        }
    }
}
