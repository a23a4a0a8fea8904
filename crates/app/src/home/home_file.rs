//! The folder where everything of one person on this computer lives, and the key that guards it.

use crate::{AppError, NextStep, Result};
use durable_files::{Format, State, StateFile, create_private_dirs};
use rand_core::{OsRng, RngCore};
use sealed_keys::{DeviceKeyError, DeviceKeyStore, FileKeyStore, KeyringStore, LocalKey};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};

/// `home.json`.
#[derive(Serialize, Deserialize)]
struct HomeFile {
    id: String,
    key_store: KeyStore,
}

impl State for HomeFile {
    const FORMAT: Format = Format::Typed { name: "keepsake/home", version: 1 };
    /// An id of 32 digits and a word, rounded far up.
    const MAX_BYTES: u64 = 64 * 1024;
}

/// Where a computer's own key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeyStore {
    Keyring,
    File,
}

impl KeyStore {
    /// `KEEPSAKE_KEY_STORE`; none if it says nothing that is known.
    pub fn of_environment() -> Option<Self> {
        match std::env::var("KEEPSAKE_KEY_STORE").as_deref() {
            Ok("keyring") => Some(Self::Keyring),
            Ok("file") => Some(Self::File),
            _ => None,
        }
    }
}

pub(crate) struct Home {
    pub dir: PathBuf,
    /// Names this home's entries in the keyring.
    pub id: String,
    pub key: LocalKey,
    pub store: KeyStore,
    /// The computer had no keyring service when this home was made just now.
    pub fell_back_to_file: bool,
}

impl Home {
    pub(crate) fn is_in(dir: &Path) -> bool {
        dir.join("home.json").is_file()
    }

    /// Opens a home, or makes one, whose key goes to `chosen`: without a choice to the OS keyring,
    /// or to a file where there is no keyring service.
    pub(crate) fn open(dir: &Path, chosen: Option<KeyStore>) -> Result<Self> {
        create_private_dirs(dir).map_err(|e| AppError::disk("making the home folder", &e))?;
        match read_home(dir)? {
            Some(file) => {
                let key = store(dir, file.key_store).load(&file.id)?;
                Ok(Self {
                    dir: dir.into(),
                    id: file.id,
                    key,
                    store: file.key_store,
                    fell_back_to_file: false,
                })
            }
            None => create(dir, chosen),
        }
    }
}

fn create(dir: &Path, chosen: Option<KeyStore>) -> Result<Home> {
    let mut id = [0; 16];
    OsRng.fill_bytes(&mut id);
    let id = hex::encode(id);
    let key = LocalKey::generate(&mut OsRng);
    let (kind, fell_back_to_file) = save_key(dir, &id, &key, chosen)?;
    home_file(dir)
        .write(&HomeFile { id: id.clone(), key_store: kind })
        .map_err(|e| AppError::disk("making the home folder", &e.into()))?;
    Ok(Home { dir: dir.into(), id, key, store: kind, fell_back_to_file })
}

fn save_key(
    dir: &Path,
    id: &str,
    key: &LocalKey,
    chosen: Option<KeyStore>,
) -> Result<(KeyStore, bool)> {
    match (chosen, store(dir, chosen.unwrap_or(KeyStore::Keyring)).save(id, key)) {
        (chosen, Ok(())) => Ok((chosen.unwrap_or(KeyStore::Keyring), false)),
        (None, Err(DeviceKeyError::NoKeyringService(_))) => {
            store(dir, KeyStore::File).save(id, key)?;
            Ok((KeyStore::File, true))
        }
        (_, Err(error)) => Err(error.into()),
    }
}

fn read_home(dir: &Path) -> Result<Option<HomeFile>> {
    let damaged =
        |why| AppError::damaged("The home folder's home.json", why, NextStep::PutHomeFileBack);
    home_file(dir).read().map_err(damaged)
}

fn home_file(dir: &Path) -> StateFile<HomeFile> {
    StateFile::at(dir.join("home.json"))
}

fn store(dir: &Path, kind: KeyStore) -> Box<dyn DeviceKeyStore> {
    match kind {
        KeyStore::Keyring => Box::new(KeyringStore::new()),
        KeyStore::File => Box::new(FileKeyStore::new(dir.join("device-key"))),
    }
}
