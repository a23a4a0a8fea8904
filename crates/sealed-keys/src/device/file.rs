//! This computer's key in a file.

use super::{DeviceKeyStore, check_home};
use crate::error::DeviceKeyError;
use crate::local::LocalKey;
use crate::secret::Secret;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

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
        let file = File::open(self.path(home)?).map_err(missing)?;
        let mut text = Zeroizing::new(Vec::with_capacity(66));
        file.take(66).read_to_end(&mut text)?;
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii_end(), bytes.as_mut())
            .map_err(|_| DeviceKeyError::Damaged)?;
        Ok(LocalKey::from_secret(Secret::new(*bytes)))
    }

    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError> {
        let path = self.path(home)?;
        make_private_folder(&self.folder)?;
        // tempfile creates with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        let text = Zeroizing::new(hex::encode(key.secret().expose()));
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        sync_folder(&self.folder)?;
        Ok(())
    }

    fn delete(&self, home: &str) -> Result<(), DeviceKeyError> {
        fs::remove_file(self.path(home)?).map_err(missing)?;
        sync_folder(&self.folder)?;
        Ok(())
    }
}

fn missing(error: io::Error) -> DeviceKeyError {
    match error.kind() {
        io::ErrorKind::NotFound => DeviceKeyError::NotFound,
        io::ErrorKind::PermissionDenied => DeviceKeyError::Denied,
        _ => error.into(),
    }
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows cannot open a folder as a file, and keeps renames by itself.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rand_core::OsRng;
    use std::os::unix::fs::PermissionsExt;

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
        fs::write(dir.path().join("home.key"), "0123").unwrap();
        assert!(matches!(FileKeyStore::new(dir.path()).load("home"), Err(DeviceKeyError::Damaged)));
    }
}
