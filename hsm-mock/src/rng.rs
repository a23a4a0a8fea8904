//! The device's source of randomness: the operating system's, or a seed for reproducible tests.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// What a device draws keys, nonces and challenges from.
pub(crate) struct DeviceRng(ChaCha20Rng);

impl DeviceRng {
    /// Seeded by the operating system.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub(crate) fn from_os() -> Result<Self, Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Error::Randomness(error.to_string()))?;
        Ok(Self(ChaCha20Rng::from_seed(seed)))
    }

    /// The same for the same seed, device and number of starts; other numbers after each start, so
    /// that a device with a state file does not repeat its nonces.
    pub(crate) fn from_seed(seed: u64, serial: u32, starts: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(b"keepsake hsm-mock seed")
            .chain_update(seed.to_be_bytes())
            .chain_update(serial.to_be_bytes())
            .chain_update(starts.to_be_bytes())
            .finalize();
        Self(ChaCha20Rng::from_seed(digest.into()))
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// For crates that draw themselves.
    pub(crate) fn inner(&mut self) -> &mut ChaCha20Rng {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_for_one_start_of_one_device_only() {
        let draw = |seed, serial, starts| DeviceRng::from_seed(seed, serial, starts).array::<16>();
        assert_eq!(draw(1, 7, 0), draw(1, 7, 0));
        assert_ne!(draw(1, 7, 0), draw(2, 7, 0));
        assert_ne!(draw(1, 7, 0), draw(1, 8, 0));
        assert_ne!(draw(1, 7, 0), draw(1, 7, 1));
    }
}
