//! The world as a program sees it.

use crate::ports::Timer;
use async_trait::async_trait;
use rand_core::{OsRng, RngCore};
use recovery_crypto::Randomness;
use std::time::Duration;
use tokio::time::Instant;

/// tokio's clock, which a test can pause.
#[derive(Clone, Copy, Debug)]
pub struct TokioTimer(Instant);

impl TokioTimer {
    /// Started now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

#[async_trait]
impl Timer for TokioTimer {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, out: &mut [u8]) {
        OsRng.fill_bytes(out);
    }
}
