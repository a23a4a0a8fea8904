//! The key of this computer, which guards what Keepsake keeps here.

use crate::computer::ComputerKey;
use crate::kdf::derive;
use crate::labels;
use crate::media::MediaCipher;
use crate::secret::Secret;
use crate::slot::SlotKey;
use rand_core::{CryptoRng, RngCore};
use std::fmt;

/// 32 random bytes in the system's keyring. Never leaves this computer.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalKey(Secret<32>);

impl LocalKey {
    /// Random.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self(Secret::generate(rng))
    }

    /// As it came from the keyring.
    pub fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    pub(crate) fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// Raw key of the local archive's database.
    pub fn archive_key(&self) -> Secret<32> {
        derive(self.0.expose(), &[], labels::LOCAL_ARCHIVE_KEY, &[])
    }

    /// Seals the local media files.
    pub fn media_cipher(&self) -> MediaCipher {
        MediaCipher::new(derive(self.0.expose(), &[], labels::LOCAL_MEDIA_KEY, &[]))
    }

    /// Opens slots of kind `this_computer`.
    pub fn slot_key(&self) -> SlotKey {
        SlotKey::new(derive(self.0.expose(), &[], labels::LOCAL_SLOT_KEY, &[]))
    }

    /// Opens this computer's own slots, and shows to the person's other computers who made a
    /// change.
    pub fn computer_key(&self) -> ComputerKey {
        ComputerKey::new(derive(self.0.expose(), &[], labels::LOCAL_COMPUTER_KEY, &[]))
    }

    /// A key for other local data, by its purpose; for [`crate::seal_box`].
    pub fn data_key(&self, purpose: &str) -> Secret<32> {
        derive(self.0.expose(), &[], labels::LOCAL_DATA_KEY, &[purpose.as_bytes()])
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalKey(…)")
    }
}
