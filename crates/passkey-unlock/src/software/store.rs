//! The sealed file: who is kept here, how often the PIN was wrong, and, sealed once more, the
//! secrets.
//!
//! "keepsake passkeys v1\n" || seal_box(key of the keyring, [`STORE_LABEL`], [home],
//! postcard([`Contents`])). `Contents::secrets` = seal_box(PIN key, [`SECRETS_LABEL`], [home],
//! postcard(secrets)): a wrong PIN is found out by the box's key commitment, so there is no
//! verifier beside it.

use super::credentials::Unlocked;
use super::pin::{PinState, check_new, normalised};
use super::{KeyringOnly, Opened, PasskeyInfo};
use crate::error::PasskeyError;
use durable_files::{create_private_dirs, open_private, read_if_there, write_private};
use sealed_keys::{
    DeviceKeyError, KeyError, LocalKey, OsRng, RngCore, Secret, SecretText, open_box,
    passkey_pin_key, seal_box,
};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"keepsake passkeys v1\n";
const STORE_LABEL: &str = "passkey-store";
const SECRETS_LABEL: &str = "passkey-secrets";

/// A passkey takes well under 1 KiB; a thousand of them is more than anybody has.
const MAX_FILE: u64 = 1024 * 1024;

/// Purpose given to [`LocalKey::data_key`].
const STORE_KEY: &str = "passkey-store";

pub(super) struct Store {
    folder: PathBuf,
    home: String,
    keys: Box<dyn KeyringOnly>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Contents {
    pub pin: PinState,
    pub passkeys: Vec<PasskeyInfo>,
    secrets: Vec<u8>,
}

/// The store, while no other process may change it.
pub(super) struct Locked<'a> {
    store: &'a Store,
    _lock: File,
}

impl Store {
    /// The keyring's entry has a name of its own, beside this computer's key of the same home.
    pub(super) fn new(folder: PathBuf, home: &str, keys: Box<dyn KeyringOnly>) -> Self {
        Self { folder, home: format!("passkeys-{home}"), keys }
    }

    pub(super) fn locked(&self) -> Result<Locked<'_>, PasskeyError> {
        create_private_dirs(&self.folder)?;
        let lock = open_private(&self.folder.join("passkeys.lock"))?;
        lock.lock()?;
        Ok(Locked { store: self, _lock: lock })
    }

    fn path(&self) -> PathBuf {
        self.folder.join("passkeys.sealed")
    }
}

impl Locked<'_> {
    /// `None`: nothing is kept here. Errors: `Damaged`, `NoKeyring`, `KeyringLocked`, `Io`.
    pub(super) fn load(&self) -> Result<Option<Contents>, PasskeyError> {
        let Some(bytes) = self.read()? else { return Ok(None) };
        let sealed = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
        let key = self.store.keys.load(&self.store.home)?.data_key(STORE_KEY);
        let opened = open_box(&key, STORE_LABEL, &[self.store.home.as_bytes()], sealed)
            .map_err(|_| damaged())?;
        postcard::from_bytes(&opened).map(Some).map_err(|_| damaged())
    }

    pub(super) fn save(&self, contents: &Contents) -> Result<(), PasskeyError> {
        let key = self.store.keys.load(&self.store.home)?.data_key(STORE_KEY);
        let plain = postcard::to_allocvec(contents).map_err(|_| damaged())?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(seal_box(
            &key,
            STORE_LABEL,
            &[self.store.home.as_bytes()],
            &plain,
            &mut OsRng,
        ));
        self.write(&bytes)
    }

    /// Whether a keyring answers, before a person is asked to choose a PIN. Errors: `NoKeyring`,
    /// `KeyringLocked`.
    pub(super) fn check_keyring(&self) -> Result<(), PasskeyError> {
        match self.store.keys.load(&self.store.home) {
            Ok(_) | Err(DeviceKeyError::NotFound | DeviceKeyError::Damaged) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// A new, empty store with this PIN; on disk after [`Locked::save_unlocked`].
    pub(super) fn start(&self, pin: &SecretText) -> Result<Opened, PasskeyError> {
        check_new(pin)?;
        if self.load()?.is_some() {
            return Err(PasskeyError::Cancelled);
        }
        self.store.keys.save(&self.store.home, &LocalKey::generate(&mut OsRng))?;
        let mut contents =
            Contents { pin: PinState::new([0; 32]), passkeys: vec![], secrets: vec![] };
        let mut unlocked = Unlocked::empty();
        self.set_pin(&mut contents, &mut unlocked, pin)?;
        Ok((contents, unlocked))
    }

    pub(super) fn set_pin(
        &self,
        contents: &mut Contents,
        unlocked: &mut Unlocked,
        pin: &SecretText,
    ) -> Result<(), PasskeyError> {
        let mut salt = [0; 32];
        OsRng.fill_bytes(&mut salt);
        contents.pin = PinState::new(salt);
        unlocked.pin_key = self.pin_key(contents, pin)?;
        Ok(())
    }

    /// One try of a PIN. It is counted on disk before the PIN is looked at, so that a process
    /// killed in between has not had it for nothing. The tenth wrong one erases everything.
    ///
    /// Errors: `NoPasskey`, `TooSoon`, `WrongPin`, `Wiped`, `Damaged`, `NoKeyring`,
    /// `KeyringLocked`, `Io`.
    pub(super) fn unlock(&self, pin: &SecretText, now: u64) -> Result<Opened, PasskeyError> {
        let mut contents = self.load()?.ok_or(PasskeyError::NoPasskey)?;
        self.allow(&contents, now)?;
        contents.pin.count_try(now);
        self.save(&contents)?;
        let pin_key = self.pin_key(&contents, pin)?;
        match open_box(&pin_key, SECRETS_LABEL, &[self.store.home.as_bytes()], &contents.secrets) {
            Ok(plain) => {
                contents.pin.was_right();
                self.save(&contents)?;
                Ok((contents, Unlocked::read(pin_key, &Zeroizing::new(plain))?))
            }
            Err(KeyError::WrongKey(_)) => {
                let (tries_left, wait_seconds) =
                    (contents.pin.tries_left(), contents.pin.wait(now));
                if tries_left == 0 {
                    Err(self.wipe())
                } else {
                    Err(PasskeyError::WrongPin { tries_left, wait_seconds })
                }
            }
            Err(_) => Err(damaged()),
        }
    }

    /// Errors: `TooSoon`, `Wiped`.
    pub(super) fn allow(&self, contents: &Contents, now: u64) -> Result<(), PasskeyError> {
        match contents.pin.allow(now) {
            Err(PasskeyError::Wiped) => Err(self.wipe()),
            other => other,
        }
    }

    pub(super) fn save_unlocked(
        &self,
        contents: &mut Contents,
        unlocked: &Unlocked,
    ) -> Result<(), PasskeyError> {
        let plain = unlocked.write()?;
        contents.secrets = seal_box(
            &unlocked.pin_key,
            SECRETS_LABEL,
            &[self.store.home.as_bytes()],
            &plain,
            &mut OsRng,
        );
        self.save(contents)
    }

    fn wipe(&self) -> PasskeyError {
        self.erase().err().unwrap_or(PasskeyError::Wiped)
    }

    /// First the key, so that no copy of the file opens any more.
    pub(super) fn erase(&self) -> Result<(), PasskeyError> {
        match self.store.keys.delete(&self.store.home) {
            Ok(()) | Err(DeviceKeyError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        match fs::remove_file(self.store.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn pin_key(&self, contents: &Contents, pin: &SecretText) -> Result<Secret<32>, PasskeyError> {
        let local = self.store.keys.load(&self.store.home)?;
        passkey_pin_key(&local, &normalised(pin), &contents.pin.salt, contents.pin.params)
            .map_err(|_| damaged())
    }

    fn read(&self) -> Result<Option<Vec<u8>>, PasskeyError> {
        read_if_there(&self.store.path(), MAX_FILE).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => damaged(),
            _ => error.into(),
        })
    }

    fn write(&self, bytes: &[u8]) -> Result<(), PasskeyError> {
        Ok(write_private(&self.store.path(), bytes)?)
    }
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the passkey file".into())
}
