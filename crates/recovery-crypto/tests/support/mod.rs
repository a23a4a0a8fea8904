//! Randomness that is none, for vectors.

use rand_core::{CryptoRng, RngCore};

/// Gives the bytes it was made with, again and again.
pub struct Fixed(pub Vec<u8>);

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        unimplemented!("only bytes are drawn")
    }
    fn next_u64(&mut self) -> u64 {
        unimplemented!("only bytes are drawn")
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}
impl CryptoRng for Fixed {}
