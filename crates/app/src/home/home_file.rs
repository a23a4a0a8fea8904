//! The folder where everything of one person on this computer lives, and the key that guards it.

use crate::home::{make_private_dir, read_bounded, write_private};
use crate::{AppError, NextStep, Result};
use rand_core::{OsRng, RngCore};
use sealed_keys::{DeviceKeyError, DeviceKeyStore, FileKeyStore, KeyringStore, LocalKey};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};

const HOME_TYPE: &str = "keepsake/home/v1";
const MAX_HOME_FILE: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct HomeFile {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    key_store: KeyStore,
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
        home_file(dir).is_file()
    }

    /// Opens a home, or makes one, whose key goes to `chosen`: without a choice to the OS keyring,
    /// or to a file where there is no keyring service.
    pub(crate) fn open(dir: &Path, chosen: Option<KeyStore>) -> Result<Self> {
        make_private_dir(dir).map_err(|e| AppError::disk("making the home folder", &e))?;
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
    let file = HomeFile { kind: HOME_TYPE.into(), id: id.clone(), key_store: kind };
    let bytes = serde_json::to_vec_pretty(&file).expect("plain data");
    write_private(&home_file(dir), &bytes)
        .map_err(|e| AppError::disk("making the home folder", &e))?;
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
    let next = NextStep::PutHomeFileBack;
    let damaged =
        |why: &dyn std::fmt::Display| AppError::damaged("The home folder's home.json", why, next);
    let Some(bytes) = read_bounded(&home_file(dir), MAX_HOME_FILE).map_err(|e| damaged(&e))? else {
        return Ok(None);
    };
    let file: HomeFile = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
    if file.kind != HOME_TYPE {
        return Err(damaged(&"unknown type"));
    }
    Ok(Some(file))
}

fn home_file(dir: &Path) -> PathBuf {
    dir.join("home.json")
}

fn store(dir: &Path, kind: KeyStore) -> Box<dyn DeviceKeyStore> {
    match kind {
        KeyStore::Keyring => Box::new(KeyringStore::new()),
        KeyStore::File => Box::new(FileKeyStore::new(dir.join("device-key"))),
    }
}
