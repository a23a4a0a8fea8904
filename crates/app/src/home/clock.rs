//! The time, read at the edge.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time of day, as this computer has it.
pub trait Clock: Send + Sync {
    /// Unix seconds.
    fn unix_now(&self) -> u64;
}

/// The operating system's.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn unix_now(&self) -> u64 {
        unix_now()
    }
}

/// Unix seconds. A clock before 1970 reads as 0, and then every bundle is refused as not valid yet.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
