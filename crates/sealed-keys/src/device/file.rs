//! This computer's key in a file.

use super::{DeviceKeyStore, check_home};
use crate::error::DeviceKeyError;
use crate::local::LocalKey;
use crate::secret::Secret;
use durable_files::{read_bounded, sync_folder, write_private};
use std::fs;
use std::io;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// 64 hex digits and the end of their line.
const MAX_FILE: u64 = 66;

/// One file for each home: 64 hex digits, readable by its owner only. Whoever can read the file has
/// the key, so it is used only where the person chose it.
pub struct FileKeyStore {
    folder: PathBuf,
}

impl FileKeyStore {
    /// The folder is made when the first key is saved.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, home: &str) -> Result<PathBuf, DeviceKeyError> {
        check_home(home)?;
        Ok(self.folder.join(format!("{home}.key")))
    }
}

impl DeviceKeyStore for FileKeyStore {
    fn name(&self) -> &'static str {
        "file"
    }

    fn load(&self, home: &str) -> Result<LocalKey, DeviceKeyError> {
        let text = Zeroizing::new(read_bounded(&self.path(home)?, MAX_FILE).map_err(unread)?);
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii_end(), bytes.as_mut())
            .map_err(|_| DeviceKeyError::Damaged)?;
        Ok(LocalKey::from_secret(Secret::new(*bytes)))
    }

    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError> {
        let path = self.path(home)?;
        let text = Zeroizing::new(hex::encode(key.secret().expose()));
        Ok(write_private(&path, text.as_bytes())?)
    }

    fn delete(&self, home: &str) -> Result<(), DeviceKeyError> {
        fs::remove_file(self.path(home)?).map_err(unread)?;
        sync_folder(&self.folder)?;
        Ok(())
    }
}

fn unread(error: io::Error) -> DeviceKeyError {
    match error.kind() {
        io::ErrorKind::NotFound => DeviceKeyError::NotFound,
        io::ErrorKind::PermissionDenied => DeviceKeyError::Denied,
        io::ErrorKind::FileTooLarge => DeviceKeyError::Damaged,
        _ => error.into(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rand_core::OsRng;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    #[test]
    fn only_the_owner_can_read_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let store = FileKeyStore::new(dir.path().join("keys"));
        store.save("home", &LocalKey::generate(&mut OsRng)).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.path().join("keys/home.key")), 0o600);
        assert_eq!(mode(&dir.path().join("keys")), 0o700);
    }

    #[test]
    fn a_damaged_file_is_not_a_key() {
        let dir = tempfile::tempdir().unwrap();
        for damaged in ["0123", &"0".repeat(67)] {
            fs::write(dir.path().join("home.key"), damaged).unwrap();
            let loaded = FileKeyStore::new(dir.path()).load("home");
            assert!(matches!(loaded, Err(DeviceKeyError::Damaged)));
        }
    }
}
