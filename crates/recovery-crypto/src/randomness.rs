//! Randomness as an argument.

use rand_core::{CryptoRng, RngCore};

/// Randomness of cryptographic quality; of a seed in a simulation.
pub trait Randomness: Send + Sync {
    /// Fills `out` with bytes that nobody can foretell.
    fn fill(&self, out: &mut [u8]);
}

/// [`Randomness`] as the cryptographic crates take it.
pub struct Draw<'a>(pub &'a dyn Randomness);

impl RngCore for Draw<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl CryptoRng for Draw<'_> {}
