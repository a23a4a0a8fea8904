//! Where this computer keeps its key: the system's keyring, or a file when the person explicitly
//! chose one.

mod file;
mod keyring;
mod memory;

pub use file::FileKeyStore;
pub use keyring::{DEVICE_SERVICE, KeyringStore};
pub use memory::MemoryKeyStore;

use crate::error::DeviceKeyError;
use crate::local::LocalKey;

/// Keeps one key for each home (an installation's data folder, by its id).
pub trait DeviceKeyStore: Send + Sync {
    /// `keyring`, `file` or `memory`, for display.
    fn name(&self) -> &'static str;

    /// Errors: `NotFound`, `Locked`, `Denied`, `NoKeyringService`, `Damaged`, `Io`.
    fn load(&self, home: &str) -> Result<LocalKey, DeviceKeyError>;

    /// Replaces what was there.
    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError>;

    /// Errors: `NotFound` and as [`DeviceKeyStore::load`].
    fn delete(&self, home: &str) -> Result<(), DeviceKeyError>;
}

/// A home id is part of a file name, so it is kept to plain characters.
fn check_home(home: &str) -> Result<(), DeviceKeyError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=64).contains(&home.len()) && home.chars().all(plain) {
        Ok(())
    } else {
        Err(DeviceKeyError::BadHomeId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    /// What every store must do.
    fn conforms(store: &dyn DeviceKeyStore) {
        assert!(matches!(store.load("home-1"), Err(DeviceKeyError::NotFound)));
        assert!(matches!(store.delete("home-1"), Err(DeviceKeyError::NotFound)));
        let (one, two) = (LocalKey::generate(&mut OsRng), LocalKey::generate(&mut OsRng));
        store.save("home-1", &one).unwrap();
        store.save("home-2", &two).unwrap();
        assert_eq!(store.load("home-1").unwrap(), one);
        store.save("home-1", &two).unwrap();
        assert_eq!(store.load("home-1").unwrap(), two);
        store.delete("home-1").unwrap();
        assert!(matches!(store.load("home-1"), Err(DeviceKeyError::NotFound)));
        assert_eq!(store.load("home-2").unwrap(), two);
        for bad in ["", "../x", "a/b", "a.b", &"x".repeat(65)] {
            assert!(matches!(store.load(bad), Err(DeviceKeyError::BadHomeId)), "{bad}");
        }
    }

    #[test]
    fn the_memory_store_conforms() {
        conforms(&MemoryKeyStore::default());
    }

    #[test]
    fn the_file_store_conforms() {
        let dir = tempfile::tempdir().unwrap();
        conforms(&FileKeyStore::new(dir.path().join("keys")));
    }
}
