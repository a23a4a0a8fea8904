//! Where the key of the passkeys' file may be stored.

use crate::error::PasskeyError;
use sealed_keys::{DeviceKeyError, DeviceKeyStore, KeyringStore, MemoryKeyStore};

/// Where the key of the sealed file may be kept. Deliberately not implemented for a key in a file:
/// without a keyring there is no software passkey.
pub trait KeyringOnly: DeviceKeyStore {}

impl KeyringOnly for KeyringStore {}

/// For tests.
impl KeyringOnly for MemoryKeyStore {}

impl From<DeviceKeyError> for PasskeyError {
    fn from(error: DeviceKeyError) -> Self {
        match error {
            DeviceKeyError::NoKeyringService(why) => Self::NoKeyring(why),
            DeviceKeyError::Locked | DeviceKeyError::Denied => Self::KeyringLocked,
            DeviceKeyError::NotFound => {
                Self::Damaged("the passkey file's key in the keyring".into())
            }
            DeviceKeyError::Damaged => Self::Damaged("the key in the keyring".into()),
            DeviceKeyError::BadHomeId => Self::Unsupported("this home id".into()),
            DeviceKeyError::Io(error) => Self::Io(error.to_string()),
        }
    }
}
