//! Time, as an argument: what the clock says, and waiting.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The computer's clock, or a test's.
pub(crate) trait Pace: Send + Sync {
    fn unix_now(&self) -> u64;
    fn sleep(&self, duration: Duration);
}

/// A clock that only waiting moves.
#[cfg(test)]
pub(crate) struct StillPace(pub std::sync::Mutex<u64>);

#[cfg(test)]
impl Pace for StillPace {
    fn unix_now(&self) -> u64 {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration.as_secs();
    }
}

pub(crate) struct RealPace;

impl Pace for RealPace {
    fn unix_now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
