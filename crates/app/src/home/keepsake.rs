//! An opened home: what every function of this crate works on.

use crate::home::Surroundings;
use crate::home::{Home, KeyStore};
use crate::{AppError, Clock, Network, NextStep, Result};
use remote_stores::Credentials;
use sealed_keys::LocalKey;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One person's Keepsake on this computer. Cheap to clone.
#[derive(Clone)]
pub struct Keepsake {
    home: Arc<Home>,
    around: Arc<Surroundings>,
}

impl Keepsake {
    /// Without a look at what was begun there.
    pub(super) fn at(dir: &Path, around: Surroundings) -> Result<Self> {
        let home = Home::open(dir, around.key_store)?;
        Ok(Self { home: Arc::new(home), around: Arc::new(around) })
    }

    /// Whether there is a home in `dir`. What runs without a person never makes one.
    pub fn is_in(dir: &Path) -> bool {
        Home::is_in(dir)
    }

    /// The operating system's data folder for Keepsake.
    pub fn default_home() -> Result<PathBuf> {
        let dirs =
            directories::ProjectDirs::from("org", "Keepsake", "Keepsake").ok_or_else(|| {
                AppError::new(
                    "no_home",
                    "This account has no home folder.",
                    "Nothing was done.",
                    NextStep::NameHome,
                )
            })?;
        Ok(dirs.data_dir().to_path_buf())
    }

    pub fn home(&self) -> &Path {
        &self.home.dir
    }

    /// Where this computer's key is.
    pub fn key_store(&self) -> KeyStore {
        self.home.store
    }

    /// What the person has to be told about this computer's key, if anything.
    pub fn device_key_warning(&self) -> Option<&'static str> {
        self.home.fell_back_to_file.then_some(
            "No keyring service was found, so this computer's key is kept in a file: whoever can read your files can open the chats on this computer.",
        )
    }

    /// Tells this home from others of this computer's, and names its entries in the keyring.
    pub fn id(&self) -> &str {
        &self.home.id
    }

    pub(crate) fn network(&self) -> &dyn Network {
        &*self.around.network
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.around.clock)
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.around.clock.unix_now()
    }

    /// Socket of a MOCK security key, which stands in for those at the USB port.
    pub(crate) fn mock_security_key(&self) -> Option<&Path> {
        self.around.mock_security_key.as_deref()
    }

    pub(crate) fn given_place_login(&self) -> Option<&Credentials> {
        self.around.place_login.as_ref()
    }

    pub(crate) fn local_key(&self) -> &LocalKey {
        &self.home.key
    }
}
