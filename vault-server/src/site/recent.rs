//! Opened boxes and results, in memory for as long as a recovery takes, wiped when dropped.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::{AccountId, BoxContents, Point, TryId, Version};
use zeroize::Zeroizing;

/// A confirmation follows its evaluation within seconds; after this the device works again.
const REMEMBERED: Duration = Duration::from_secs(120);
/// At under 300 bytes each. What is beyond them costs the device a second time.
const MAX: usize = 1024;

/// What a site answers to a certified try.
pub(super) struct Share {
    /// u * k * alpha
    pub beta: Point,
    pub masked_share: Zeroizing<[u8; 32]>,
}

/// One try's turn: whoever holds the lock evaluates it, whoever waits finds the result.
pub(super) type Turn = Arc<tokio::sync::Mutex<Option<Share>>>;

type Opened = (Arc<BoxContents>, Instant);

#[derive(Default)]
pub(super) struct Recent {
    boxes: Mutex<BTreeMap<(AccountId, Version), Opened>>,
    tries: Mutex<BTreeMap<TryId, (Turn, Instant)>>,
}

impl Recent {
    pub(super) fn opened(&self, account: AccountId, version: Version) -> Option<Arc<BoxContents>> {
        let boxes = lock(&self.boxes);
        let (contents, at) = boxes.get(&(account, version))?;
        (at.elapsed() < REMEMBERED).then(|| contents.clone())
    }

    pub(super) fn remember_opened(
        &self,
        account: AccountId,
        version: Version,
        contents: Arc<BoxContents>,
    ) {
        let mut boxes = lock(&self.boxes);
        if boxes.len() < MAX {
            boxes.insert((account, version), (contents, Instant::now()));
        }
    }

    /// The same for everybody who asks for this try now.
    pub(super) fn turn(&self, tried: TryId) -> Turn {
        let mut tries = lock(&self.tries);
        if tries.len() >= MAX {
            let idle = tries.iter().filter(|(_, (turn, _))| Arc::strong_count(turn) == 1);
            let oldest = idle.min_by_key(|(_, (_, at))| *at).map(|(id, _)| *id);
            oldest.and_then(|id| tries.remove(&id));
        }
        let (turn, at) = tries.entry(tried).or_insert_with(|| (Turn::default(), Instant::now()));
        *at = Instant::now();
        turn.clone()
    }

    /// Wipes what nobody needs any more.
    pub(super) fn sweep(&self) {
        lock(&self.boxes).retain(|_, (_, at)| at.elapsed() < REMEMBERED);
        let is_used =
            |turn: &Turn, at: &Instant| at.elapsed() < REMEMBERED || Arc::strong_count(turn) > 1;
        lock(&self.tries).retain(|_, (turn, at)| is_used(turn, at));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
