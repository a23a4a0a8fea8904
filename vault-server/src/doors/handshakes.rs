//! Which handshake the device is asked for, and when.

use super::cookies::{Checked, Cookies};
use super::queue::{MAX_WAITING, Queue, Turn};
use crate::site::ports::{Clock, Randomness};
use crate::site::{Bucket, Origin, Rate};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vault_protocol::{AccountTag, Cookie, MAX_WORK_BITS, SolvedCookie};

/// Handshakes of one address: a recovery needs one at each site, a household has several people.
const OF_ORIGIN: Rate = Rate { burst: 120, every_ms: 100 };
/// Handshakes of one account among the owners.
const OF_ACCOUNT: Rate = Rate { burst: 6, every_ms: 10_000 };
/// With more waiting than this, a cookie has to be shown.
const QUIET: usize = 4;
/// Zero bits that a stranger's work begins with.
const MIN_BITS: u8 = 8;
/// Buckets remembered, under 100 bytes each; beyond them, those that are full again are forgotten.
const MAX_BUCKETS: usize = 10_000;
/// First messages remembered, 32 bytes each: a device needs ten minutes for so many.
const MAX_SEEN: usize = 8192;
/// Who has waited this long is told to come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client's first message at the door.
pub struct Knock<'a> {
    /// Where it comes from.
    pub origin: Origin,
    /// The account that it names, if this site has it.
    pub owner_of: Option<AccountTag>,
    /// Noise message 1.
    pub first: &'a [u8],
    /// What it shows of work.
    pub cookie: Option<SolvedCookie>,
}

/// Why it is not let in now.
#[derive(Debug, PartialEq, Eq)]
pub enum NotNow {
    /// Show this first, solved.
    Show(Cookie),
    /// Too much from this address.
    Greedy {
        /// How long it has to wait.
        seconds: u32,
    },
    /// Too many wait.
    Full,
    /// This very message was served before.
    Repeated,
}

/// The queue before the device, and who may stand in it.
pub struct Handshakes {
    queue: Queue,
    cookies: Cookies,
    origins: Mutex<BTreeMap<Origin, Bucket>>,
    accounts: Mutex<BTreeMap<AccountTag, Bucket>>,
    seen: Mutex<Seen>,
}

/// First messages that were served: a captured one is worth nothing.
#[derive(Default)]
struct Seen {
    digests: BTreeSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

impl Handshakes {
    /// Nobody waits.
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self {
            queue: Queue::default(),
            cookies: Cookies::new(clock, randomness),
            origins: Mutex::default(),
            accounts: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    /// Clients that wait.
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Waits for a turn at the device.
    ///
    /// # Errors
    /// [`NotNow`]
    pub async fn knock(&self, knock: Knock<'_>) -> Result<Turn, NotNow> {
        take_of(&self.origins, knock.origin, OF_ORIGIN)
            .map_err(|seconds| NotNow::Greedy { seconds })?;
        // Who knows an account must not take all its owner's turns: beyond them it waits among
        // strangers.
        let of_account = |tag| take_of(&self.accounts, tag, OF_ACCOUNT).is_ok();
        let is_owner = knock.owner_of.is_some_and(of_account);
        let waiting = self.queue.waiting();
        if waiting > QUIET && !self.shows_enough(&knock, is_owner) {
            let bits = if is_owner { 0 } else { bits(waiting) };
            return Err(NotNow::Show(self.cookies.make(knock.origin, knock.first, bits)));
        }
        let digest: [u8; 32] = Sha256::digest(knock.first).into();
        if lock(&self.seen).digests.contains(&digest) {
            return Err(NotNow::Repeated);
        }
        let turn = tokio::time::timeout(PATIENCE, self.queue.turn(is_owner)).await;
        let turn = turn.ok().flatten().ok_or(NotNow::Full)?;
        // Only now: who was not served may come again with the same.
        if lock(&self.seen).add(digest) { Ok(turn) } else { Err(NotNow::Repeated) }
    }

    fn shows_enough(&self, knock: &Knock<'_>, is_owner: bool) -> bool {
        let least = if is_owner { 0 } else { MIN_BITS };
        let take = |solved| self.cookies.take(knock.origin, knock.first, &solved);
        matches!(knock.cookie.map(take), Some(Checked::Good { bits }) if bits >= least)
    }

    /// Forgets what is of no use any more.
    pub fn sweep(&self) {
        lock(&self.origins).retain(|_, bucket| !bucket.is_full());
        lock(&self.accounts).retain(|_, bucket| !bucket.is_full());
    }
}

impl Seen {
    /// Says whether it was new.
    fn add(&mut self, digest: [u8; 32]) -> bool {
        if !self.digests.insert(digest) {
            return false;
        }
        self.order.push_back(digest);
        if self.order.len() > MAX_SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.digests.remove(&oldest);
        }
        true
    }
}

/// More for strangers the more of them wait.
fn bits(waiting: usize) -> u8 {
    let beyond = waiting.saturating_sub(QUIET).min(MAX_WAITING);
    let steps = usize::from(MAX_WORK_BITS - MIN_BITS);
    MIN_BITS + u8::try_from(beyond * steps / MAX_WAITING).unwrap_or(0)
}

fn take_of<K: Ord + Copy>(
    buckets: &Mutex<BTreeMap<K, Bucket>>,
    of: K,
    rate: Rate,
) -> Result<(), u32> {
    let mut buckets = lock(buckets);
    if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&of) {
        buckets.retain(|_, bucket| !bucket.is_full());
        if buckets.len() >= MAX_BUCKETS {
            return Err(1);
        }
    }
    buckets.entry(of).or_insert_with(|| Bucket::full(rate)).take()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{SystemClock, SystemRandomness};
    use std::net::IpAddr;
    use vault_protocol::AccountId;

    fn origin(n: u32) -> Origin {
        Origin::of(IpAddr::from(n.to_be_bytes()))
    }

    fn handshakes() -> Arc<Handshakes> {
        Arc::new(Handshakes::new(Arc::new(SystemClock), Arc::new(SystemRandomness)))
    }

    fn stranger(n: u32, first: &[u8]) -> Knock<'_> {
        Knock { origin: origin(n), owner_of: None, first, cookie: None }
    }

    fn solve(cookie: Cookie, first: &[u8]) -> SolvedCookie {
        let solution = (0..).find(|x| cookie.is_solved_by(first, *x)).unwrap();
        SolvedCookie { cookie, solution }
    }

    /// Somebody who has shown a cookie where one is asked for, and waits.
    fn waits(doors: &Arc<Handshakes>, n: u32) -> tokio::task::JoinHandle<Result<(), NotNow>> {
        let doors = doors.clone();
        tokio::spawn(async move {
            let first = n.to_be_bytes();
            let answer = match doors.knock(stranger(n, &first)).await {
                Err(NotNow::Show(cookie)) => {
                    let cookie = Some(solve(cookie, &first));
                    doors.knock(Knock { cookie, ..stranger(n, &first) }).await
                }
                answer => answer,
            };
            answer.map(drop)
        })
    }

    async fn many_wait(
        doors: &Arc<Handshakes>,
    ) -> Vec<tokio::task::JoinHandle<Result<(), NotNow>>> {
        let waiting: Vec<_> = (1000..1010).map(|n| waits(doors, n)).collect();
        while doors.waiting() < 9 {
            tokio::task::yield_now().await;
        }
        waiting
    }

    #[tokio::test]
    async fn while_nobody_waits_nothing_is_asked_for() {
        let doors = handshakes();
        assert!(doors.knock(stranger(1, b"first")).await.is_ok());
    }

    #[tokio::test]
    async fn a_message_that_was_served_is_not_served_again() {
        let doors = handshakes();
        drop(doors.knock(stranger(1, b"first")).await.unwrap());
        let again = doors.knock(stranger(2, b"first")).await.err();
        assert_eq!(again, Some(NotNow::Repeated));
    }

    #[tokio::test]
    async fn under_load_strangers_work_and_owners_do_not() {
        let doors = handshakes();
        let busy = doors.knock(stranger(1, b"busy")).await.unwrap();
        let waiting = many_wait(&doors).await;
        let Err(NotNow::Show(cookie)) = doors.knock(stranger(2, b"x")).await else { panic!() };
        assert!(cookie.bits >= MIN_BITS);
        let tag = AccountTag::of(&AccountId([1; 16]));
        let owner = |cookie| Knock { owner_of: Some(tag), cookie, ..stranger(3, b"owner") };
        let Err(NotNow::Show(cookie)) = doors.knock(owner(None)).await else { panic!() };
        assert_eq!(cookie.bits, 0);
        // An owner's cookie is of no use to a stranger.
        let stolen = Knock { cookie: Some(solve(cookie, b"owner")), ..stranger(3, b"owner") };
        assert!(matches!(doors.knock(stolen).await, Err(NotNow::Show(_))));
        let Err(NotNow::Show(cookie)) = doors.knock(owner(None)).await else { panic!() };
        let enters = doors.knock(owner(Some(solve(cookie, b"owner"))));
        let (entered, ()) = tokio::join!(enters, async { drop(busy) });
        assert!(entered.is_ok());
        drop(entered);
        for waits in waiting {
            assert_eq!(waits.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn whoever_knows_an_account_does_not_take_all_its_owners_turns() {
        let doors = handshakes();
        let tag = AccountTag::of(&AccountId([1; 16]));
        let busy = doors.knock(stranger(1, b"busy")).await.unwrap();
        let waiting = many_wait(&doors).await;
        let mut bits = vec![];
        for n in 0..8u32 {
            let first = [b"try", n.to_be_bytes().as_slice()].concat();
            let knock = Knock { owner_of: Some(tag), ..stranger(50 + n, &first) };
            let Err(NotNow::Show(cookie)) = doors.knock(knock).await else { panic!() };
            bits.push(cookie.bits);
        }
        assert_eq!(bits[..6], [0; 6]);
        assert!(bits[6..].iter().all(|bits| *bits >= MIN_BITS));
        drop(busy);
        for waits in waiting {
            waits.await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_has_a_burst_and_then_ten_a_second() {
        let doors = handshakes();
        let mut refused = 0;
        for n in 0..130u32 {
            let knock = doors.knock(stranger(1, &n.to_be_bytes())).await;
            refused += u32::from(matches!(knock, Err(NotNow::Greedy { seconds: 1 })));
        }
        assert_eq!(refused, 10);
        assert!(doors.knock(stranger(2, b"another")).await.is_ok());
    }

    #[test]
    fn work_grows_with_the_queue_up_to_its_bound() {
        assert_eq!(bits(QUIET + 1), MIN_BITS);
        assert_eq!(bits(QUIET + MAX_WAITING), MAX_WORK_BITS);
        assert_eq!(bits(100_000), MAX_WORK_BITS);
    }
}
