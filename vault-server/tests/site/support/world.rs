//! A clock that is set and randomness from a seed.

use sha2::{Digest, Sha256};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use vault_server::site::ports::{Clock, Randomness};

pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(crate) fn at(now: u64) -> Self {
        Self(AtomicU64::new(now))
    }

    pub(crate) fn set(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// SHA-256 in counter mode: the same seed gives the same bytes.
pub(super) struct Seeded {
    seed: u64,
    counter: Mutex<u64>,
}

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, counter: Mutex::new(0) }
    }
}

impl Randomness for Seeded {
    fn fill(&self, out: &mut [u8]) {
        let mut counter = self.counter.lock().unwrap();
        for chunk in out.chunks_mut(32) {
            *counter += 1;
            let block = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(counter.to_be_bytes());
            chunk.copy_from_slice(&block.finalize()[..chunk.len()]);
        }
    }
}
