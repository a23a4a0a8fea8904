//! All chance in a simulation, from one seed. Each user has a stream of its own, so that one draw
//! more in one place changes nothing elsewhere.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A stream of chance. Clones share it.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// The stream of `user` under `seed`.
    pub fn new(seed: u64, user: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(user);
        Self(Arc::new(Mutex::new(StdRng::from_seed(hash.finalize().into()))))
    }

    /// 0 to `below` - 1.
    pub fn below(&self, below: u64) -> u64 {
        self.lock().gen_range(0..below.max(1))
    }

    /// True in so many of 1,000 cases.
    pub fn in_1000(&self, cases: u64) -> bool {
        self.below(1000) < cases
    }

    pub fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to.saturating_sub(from) + 1))
    }

    /// One of them; there must be one.
    pub fn pick<T: Clone>(&self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap_or_default()].clone()
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.lock().fill_bytes(&mut bytes);
        bytes
    }

    fn lock(&self) -> MutexGuard<'_, StdRng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl vault_client::Randomness for Dice {
    fn fill(&self, out: &mut [u8]) {
        self.lock().fill_bytes(out);
    }
}
