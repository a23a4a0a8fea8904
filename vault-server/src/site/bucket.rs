//! A bucket of permissions that refills with time.

use tokio::time::Instant;

/// So many at once, and then one every so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// Milliseconds until there is another one.
    pub every_ms: u64,
}

/// What is left of a [`Rate`].
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: Rate,
    /// The time at which it will be full: each permission moves it by one interval.
    full_at: Instant,
}

impl Bucket {
    /// With as many as it can have.
    pub fn full(rate: Rate) -> Self {
        Self { rate, full_at: Instant::now() }
    }

    /// Takes one.
    ///
    /// # Errors
    /// Seconds until there is one, rounded up.
    pub fn take(&mut self) -> Result<(), u32> {
        let now = Instant::now();
        let interval = std::time::Duration::from_millis(self.rate.every_ms);
        let full_at = self.full_at.max(now) + interval;
        match full_at.checked_duration_since(now + interval * self.rate.burst) {
            Some(wait) if !wait.is_zero() => {
                Err(u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX))
            }
            _ => {
                self.full_at = full_at;
                Ok(())
            }
        }
    }

    /// Whether there is one to be taken.
    pub fn has_one(&self) -> bool {
        let mut copy = *self;
        copy.take().is_ok()
    }

    /// Nothing was taken for so long that a new one would be the same.
    pub fn is_full(&self) -> bool {
        self.full_at <= Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const RATE: Rate = Rate { burst: 3, every_ms: 10_000 };

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_allowed_and_then_one_at_each_interval() {
        let mut bucket = Bucket::full(RATE);
        assert_eq!([(); 4].map(|()| bucket.take()), [Ok(()), Ok(()), Ok(()), Err(10)]);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(bucket.take(), Err(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(bucket.take(), Ok(()));
        assert!(!bucket.is_full());
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(bucket.is_full());
    }
}
