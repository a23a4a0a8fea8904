//! The 32 bytes (encryption key, MAC key) that open a session with a device.

use super::HsmError;
use durable_files::{Readers, read_private, write_whole};
use rand_core::{OsRng, RngCore};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// Of the factory's login (docs.yubico.com, YubiHSM2 core concepts).
#[cfg(any(test, feature = "operator"))]
const DEFAULT_PASSWORD: &[u8] = b"password";

/// Secret; wiped on drop.
#[derive(Clone)]
pub struct AuthKey(Zeroizing<[u8; 32]>);

impl AuthKey {
    /// A fresh key from the operating system's generator.
    pub fn random() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// The key that every device leaves the factory with.
    #[cfg(any(test, feature = "operator"))]
    pub fn factory_default() -> Self {
        // Known to everybody, and 10,000 rounds of HMAC: worth keeping.
        static KEY: std::sync::OnceLock<AuthKey> = std::sync::OnceLock::new();
        let derive = || yubihsm::authentication::Key::derive_from_password(DEFAULT_PASSWORD);
        KEY.get_or_init(|| {
            Self::from_slice(derive().as_secret_slice()).expect("a derived key has 32 bytes")
        })
        .clone()
    }

    #[cfg(any(test, feature = "operator"))]
    fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// Reads 64 hex digits from a file that only its owner can read.
    ///
    /// # Errors
    /// [`HsmError::Key`] if the file is missing, open to others, or holds anything else.
    pub fn read(path: &Path) -> Result<Self, HsmError> {
        let refuse = |why: String| HsmError::Key(format!("{}: {why}", path.display()));
        let text = read_private(path, 128).map_err(|e| refuse(e.to_string()))?;
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), key.as_mut())
            .map_err(|_| refuse("it must hold 64 hex digits".into()))?;
        Ok(Self(key))
    }

    /// Writes 64 hex digits, mode 0600.
    ///
    /// # Errors
    /// [`HsmError::Key`] with the file system's reason.
    pub fn write(&self, path: &Path) -> Result<(), HsmError> {
        let text = Zeroizing::new(hex::encode(self.0.as_ref()));
        let written = write_whole(path, text.as_bytes(), Readers::Owner);
        written.map_err(|e| HsmError::Key(format!("{}: {e}", path.display())))
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// First half: SCP03 ENC key.
    pub(crate) fn encryption(&self) -> &[u8] {
        &self.0[..16]
    }

    /// Second half: SCP03 MAC key.
    pub(crate) fn mac(&self) -> &[u8] {
        &self.0[16..]
    }
}

impl fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_never_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hsm-auth.key");
        let key = AuthKey::random();
        key.write(&path).unwrap();
        assert_eq!(AuthKey::read(&path).unwrap().0, key.0);
        assert_eq!(format!("{key:?}"), "AuthKey(…)");
    }

    #[test]
    fn the_factory_key_is_the_derived_password() {
        // PBKDF2-HMAC-SHA256("password", "Yubico", 10,000), computed with Python's hashlib.
        let expected = "090b47dbed595654901dee1cc655e420592fd483f759e29909a04c4505d2ce0a";
        assert_eq!(hex::encode(AuthKey::factory_default().0.as_ref()), expected);
    }
}
