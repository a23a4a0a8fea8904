//! How much one caller, and all callers, may ask of a site.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Sessions that one address may open at once, and per second after that. A recovery opens one at each site.
pub const SESSION_BURST: f64 = 120.0;
pub const SESSIONS_PER_SECOND: f64 = 10.0;
/// Registration evaluations of a site at once, and per second after that: 2 of the about 6 that a device can do.
pub const REGISTRATION_BURST: f64 = 60.0;
pub const REGISTRATIONS_PER_SECOND: f64 = 2.0;
/// Device statements at once, and per second after that: each is a key, an attestation and four log entries, for anyone
/// who asks. A verifier asks twice.
pub const STATEMENT_BURST: f64 = 6.0;
pub const STATEMENTS_PER_SECOND: f64 = 0.2;
/// Addresses remembered, under 100 bytes each; beyond them, those with a full bucket are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// A bucket that refills with time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn full(burst: f64) -> Self {
        Self { left: burst, at: Instant::now() }
    }

    /// Takes one, or tells how many seconds to wait.
    fn take(&mut self, burst: f64, per_second: f64) -> Result<(), u32> {
        self.left = (self.left + self.at.elapsed().as_secs_f64() * per_second).min(burst);
        self.at = Instant::now();
        if self.left < 1.0 {
            // At most 5 s; rounded up.
            return Err(((1.0 - self.left) / per_second).ceil() as u32);
        }
        self.left -= 1.0;
        Ok(())
    }
}

/// Rate limits of one site.
pub struct Limits {
    registrations: Mutex<Bucket>,
    statements: Mutex<Bucket>,
    sessions: Mutex<HashMap<IpAddr, Bucket>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            registrations: Mutex::new(Bucket::full(REGISTRATION_BURST)),
            statements: Mutex::new(Bucket::full(STATEMENT_BURST)),
            sessions: Mutex::default(),
        }
    }
}

impl Limits {
    /// # Errors
    /// Seconds to wait.
    pub fn registration(&self) -> Result<(), u32> {
        let mut bucket = self.registrations.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(REGISTRATION_BURST, REGISTRATIONS_PER_SECOND)
    }

    /// # Errors
    /// Seconds to wait.
    pub fn statement(&self) -> Result<(), u32> {
        let mut bucket = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(STATEMENT_BURST, STATEMENTS_PER_SECOND)
    }

    /// # Errors
    /// Seconds to wait.
    pub fn session(&self, from: IpAddr) -> Result<(), u32> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_ADDRESSES && !sessions.contains_key(&from) {
            let refilled = |b: &Bucket| b.left + b.at.elapsed().as_secs_f64() * SESSIONS_PER_SECOND >= SESSION_BURST;
            sessions.retain(|_, bucket| !refilled(bucket));
            if sessions.len() >= MAX_ADDRESSES {
                return Err(1);
            }
        }
        let bucket = sessions.entry(from).or_insert_with(|| Bucket::full(SESSION_BURST));
        bucket.take(SESSION_BURST, SESSIONS_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_one_waits() {
        let limits = Limits::default();
        let caller = IpAddr::from([192, 0, 2, 1]);
        let allowed = (0..1000).filter(|_| limits.session(caller).is_ok()).count();
        assert!((120..1000).contains(&allowed), "{allowed}");
        assert!(limits.session(IpAddr::from([192, 0, 2, 2])).is_ok());
    }
}
