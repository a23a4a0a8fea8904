//! An opened home: what every function of this crate works on.

use crate::home::{Home, StoreKind};
use crate::{AppError, Result};
use sealed_keys::LocalKey;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One person's Keepsake on this computer. Cheap to clone.
#[derive(Clone)]
pub struct Keepsake(Arc<Home>);

impl Keepsake {
    /// Opens the home in `dir`, or makes one there.
    pub fn open(dir: &Path) -> Result<Self> {
        Home::open(dir).map(|home| Self(Arc::new(home)))
    }

    /// The operating system's data folder for Keepsake.
    pub fn default_home() -> Result<PathBuf> {
        let dirs = directories::ProjectDirs::from("org", "Keepsake", "Keepsake").ok_or_else(|| {
            AppError::new(
                "no_home",
                "This account has no home folder.",
                "Nothing was done.",
                "Name a folder with --home DIR.",
            )
        })?;
        Ok(dirs.data_dir().to_path_buf())
    }

    /// A home whose key is known to this process alone.
    #[cfg(test)]
    pub(crate) fn for_tests(dir: &Path) -> Self {
        let key = LocalKey::generate(&mut rand_core::OsRng);
        let home = Home { dir: dir.into(), id: "test".into(), key, store: StoreKind::File, fell_back_to_file: false };
        Self(Arc::new(home))
    }

    pub fn home(&self) -> &Path {
        &self.0.dir
    }

    /// `keyring` or `file`.
    pub fn device_key_place(&self) -> &'static str {
        match self.0.store {
            StoreKind::Keyring => "keyring",
            StoreKind::File => "file",
        }
    }

    /// What the person has to be told about this computer's key, if anything.
    pub fn device_key_warning(&self) -> Option<&'static str> {
        self.0.fell_back_to_file.then_some(
            "No keyring service was found, so this computer's key is kept in a file: whoever can read your files can open the chats on this computer.",
        )
    }

    /// Names this home's entries in the keyring.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    pub(crate) fn local_key(&self) -> &LocalKey {
        &self.0.key
    }
}
