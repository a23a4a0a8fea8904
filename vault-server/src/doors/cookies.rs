//! Cookies: what a client has to show before the device works for it. The site remembers only which
//! were used.

use crate::site::Origin;
use crate::site::ports::{Clock, Randomness};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use vault_protocol::{COOKIE_LIFETIME, Cookie, CookieMac, CookieSeed, SolvedCookie, labelled};
use zeroize::Zeroizing;

/// Used cookies remembered, 24 bytes each: more than a device can serve in their lifetime, 60 s at
/// 13 handshakes a second. Beyond them the oldest are forgotten, and cookies from before them are
/// refused.
const MAX_USED: usize = 8192;

/// Makes and checks cookies.
pub struct Cookies {
    key: Zeroizing<[u8; 32]>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    /// Time first: the oldest are forgotten first.
    seeds: BTreeSet<(u64, CookieSeed)>,
    /// Cookies from before this time are refused: they may have been used and forgotten.
    since: u64,
}

/// A cookie that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is this site's, fresh, unused and solved.
    Good {
        /// How much work it was.
        bits: u8,
    },
    /// It is not.
    Bad,
}

impl Cookies {
    /// With a key of this start.
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        randomness.fill(&mut *key);
        Self { key, clock, randomness, used: Mutex::default() }
    }

    /// A fresh one for this address and first message.
    pub fn make(&self, origin: Origin, first: &[u8], bits: u8) -> Cookie {
        let mut seed = CookieSeed([0; 16]);
        self.randomness.fill(&mut seed.0);
        let at = self.clock.now();
        let mac = self.mac(&seed, bits, at, origin, first).finalize().into_bytes();
        Cookie { seed, bits, at, mac: CookieMac(mac.into()) }
    }

    /// Takes a cookie, once: good if it was made here for this address and first message, is not
    /// too old, and is solved.
    pub fn take(&self, origin: Origin, first: &[u8], solved: &SolvedCookie) -> Checked {
        let SolvedCookie { cookie, solution } = solved;
        let mac = self.mac(&cookie.seed, cookie.bits, cookie.at, origin, first);
        let now = self.clock.now();
        let fresh = cookie.at <= now && now - cookie.at <= COOKIE_LIFETIME;
        let good = fresh
            && mac.verify_slice(&cookie.mac.0).is_ok()
            && cookie.is_solved_by(first, *solution)
            && self.is_first_use(cookie, now);
        if good { Checked::Good { bits: cookie.bits } } else { Checked::Bad }
    }

    fn is_first_use(&self, cookie: &Cookie, now: u64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now.saturating_sub(COOKIE_LIFETIME);
        used.seeds = used.seeds.split_off(&(oldest, CookieSeed([0; 16])));
        if cookie.at < used.since || !used.seeds.insert((cookie.at, cookie.seed)) {
            return false;
        }
        if used.seeds.len() > MAX_USED
            && let Some((at, _)) = used.seeds.pop_first()
        {
            used.since = at + 1;
        }
        true
    }

    fn mac(
        &self,
        seed: &CookieSeed,
        bits: u8,
        at: u64,
        origin: Origin,
        first: &[u8],
    ) -> Hmac<Sha256> {
        let first = Sha256::digest(first);
        let fields: [&[u8]; 5] = [&seed.0, &[bits], &at.to_be_bytes(), origin.as_bytes(), &first];
        let mac = Hmac::new_from_slice(&*self.key).expect("HMAC takes keys of any length");
        mac.chain_update(labelled("cookie", &fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SystemRandomness;
    use std::net::IpAddr;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct SetClock(AtomicU64);

    impl Clock for SetClock {
        fn now(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn cookies() -> (Cookies, Arc<SetClock>) {
        let clock = Arc::new(SetClock(AtomicU64::new(1000)));
        (Cookies::new(clock.clone(), Arc::new(SystemRandomness)), clock)
    }

    fn origin(n: u32) -> Origin {
        Origin::of(IpAddr::from(n.to_be_bytes()))
    }

    fn solve(cookie: Cookie, first: &[u8]) -> SolvedCookie {
        let solution = (0..).find(|x| cookie.is_solved_by(first, *x)).unwrap();
        SolvedCookie { cookie, solution }
    }

    #[test]
    fn a_cookie_is_good_once_for_its_address_and_first_message() {
        let (cookies, _) = cookies();
        let solved = solve(cookies.make(origin(1), b"first", 8), b"first");
        assert_eq!(cookies.take(origin(2), b"first", &solved), Checked::Bad);
        assert_eq!(cookies.take(origin(1), b"other", &solved), Checked::Bad);
        assert_eq!(cookies.take(origin(1), b"first", &solved), Checked::Good { bits: 8 });
        assert_eq!(cookies.take(origin(1), b"first", &solved), Checked::Bad);
    }

    #[test]
    fn a_cookie_of_less_work_another_time_or_another_site_is_bad() {
        let (cookies, clock) = cookies();
        let mut easier = solve(cookies.make(origin(1), b"first", 8), b"first");
        easier.cookie.bits = 0;
        assert_eq!(cookies.take(origin(1), b"first", &easier), Checked::Bad);
        let unsolved = SolvedCookie { cookie: cookies.make(origin(1), b"first", 20), solution: 1 };
        assert_eq!(cookies.take(origin(1), b"first", &unsolved), Checked::Bad);
        let (others, _) = self::cookies();
        let foreign = solve(others.make(origin(1), b"first", 0), b"first");
        assert_eq!(cookies.take(origin(1), b"first", &foreign), Checked::Bad);
        let old = solve(cookies.make(origin(1), b"first", 0), b"first");
        clock.0.store(1000 + COOKIE_LIFETIME + 1, Ordering::Relaxed);
        assert_eq!(cookies.take(origin(1), b"first", &old), Checked::Bad);
        clock.0.store(1000 - 1, Ordering::Relaxed);
        assert_eq!(cookies.take(origin(1), b"first", &old), Checked::Bad);
    }

    #[test]
    fn what_is_forgotten_cannot_be_used_again() {
        let (cookies, clock) = cookies();
        let first = solve(cookies.make(origin(1), b"first", 0), b"first");
        assert_ne!(cookies.take(origin(1), b"first", &first), Checked::Bad);
        clock.0.store(1001, Ordering::Relaxed);
        for _ in 0..MAX_USED {
            let next = solve(cookies.make(origin(1), b"first", 0), b"first");
            assert_ne!(cookies.take(origin(1), b"first", &next), Checked::Bad);
        }
        assert_eq!(cookies.take(origin(1), b"first", &first), Checked::Bad);
    }
}
