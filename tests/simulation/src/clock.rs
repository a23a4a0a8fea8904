//! A site's clock: the simulation's time, and how far it is off.

use std::sync::atomic::{AtomicI64, Ordering};
use tokio::time::Instant;
use vault_server::site::ports::Clock;

/// Unix seconds at which every simulation begins.
pub const START: u64 = 1_800_000_000;

/// A clock that may be wrong.
pub struct SimulatedClock {
    started: Instant,
    off: AtomicI64,
}

impl SimulatedClock {
    pub fn right(started: Instant) -> Self {
        Self { started, off: AtomicI64::new(0) }
    }

    /// Sets it so many seconds ahead of the right time, or behind.
    pub fn set_off(&self, seconds: i64) {
        self.off.store(seconds, Ordering::Relaxed);
    }

    pub fn off(&self) -> i64 {
        self.off.load(Ordering::Relaxed)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> u64 {
        let right = START + self.started.elapsed().as_secs();
        right.saturating_add_signed(self.off())
    }
}
