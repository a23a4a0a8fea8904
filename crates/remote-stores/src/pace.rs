//! How much of a line a backup may use.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Bytes a second; `None` for as fast as it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of what is sent.
    pub up: Option<u64>,
    /// Of what is fetched.
    pub down: Option<u64>,
}

/// Keeps an average.
pub(crate) struct Pace {
    bytes_per_second: Option<u64>,
    /// When what was sent so far is paid for.
    free: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Self {
        Self { bytes_per_second, free: Mutex::new(Instant::now()) }
    }

    /// Waits until `bytes` more keep the average.
    pub(crate) fn pay(&self, bytes: usize) {
        std::thread::sleep(self.wait(bytes, Instant::now()));
    }

    fn wait(&self, bytes: usize, now: Instant) -> Duration {
        let Some(rate) = self.bytes_per_second else { return Duration::ZERO };
        let cost = Duration::from_secs_f64(bytes as f64 / rate.max(1) as f64);
        let mut free = self.free.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let from = now.max(*free);
        *free = from + cost;
        *free - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_threads_share_one_rate() {
        let pace = Pace::new(Some(1000));
        let now = Instant::now();
        *pace.free.lock().unwrap() = now;
        assert_eq!(pace.wait(500, now), Duration::from_millis(500));
        assert_eq!(pace.wait(500, now), Duration::from_millis(1000));
        assert_eq!(
            pace.wait(1000, now + Duration::from_secs(5)),
            Duration::from_secs(1),
            "idle time is not saved up"
        );
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        assert_eq!(Pace::new(None).wait(usize::MAX, Instant::now()), Duration::ZERO);
    }
}
