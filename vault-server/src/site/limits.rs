//! How often a site works for whom, inside sessions (spec/vault-protocol.md section 11). What waits
//! at the door is elsewhere.

use super::bucket::{Bucket, Rate};
use super::sessions::Origin;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vault_protocol::{AccountId, Refusal};

/// Registrations of accounts that the site does not know: four evaluations each, of the about 13
/// operations a second that a device does.
const NEW_ACCOUNTS: Rate = Rate { burst: 30, every_ms: 1_000 };
/// Of these, of one address: a family enrols.
const OF_ORIGIN: Rate = Rate { burst: 6, every_ms: 10_000 };
/// An owner's changes of one account that the site knows.
const OF_ACCOUNT: Rate = Rate { burst: 12, every_ms: 10_000 };
/// Device statements: a key, an attestation and four log entries each, for anyone who asks.
const STATEMENTS: Rate = Rate { burst: 6, every_ms: 5_000 };
/// Buckets remembered, under 100 bytes each; beyond them, those that are full again are forgotten.
const MAX_BUCKETS: usize = 10_000;

pub(super) struct Limits {
    new_accounts: Mutex<Bucket>,
    statements: Mutex<Bucket>,
    origins: Mutex<BTreeMap<Origin, Bucket>>,
    accounts: Mutex<BTreeMap<AccountId, Bucket>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            new_accounts: Mutex::new(Bucket::full(NEW_ACCOUNTS)),
            statements: Mutex::new(Bucket::full(STATEMENTS)),
            origins: Mutex::default(),
            accounts: Mutex::default(),
        }
    }
}

impl Limits {
    /// Before anything is done towards an account that the site does not know.
    ///
    /// # Errors
    /// [`Refusal::Busy`]; so for all that follow.
    pub(super) fn new_account(&self, origin: Origin) -> Result<(), Refusal> {
        take_of(&mut lock(&self.origins), origin, OF_ORIGIN)?;
        take(&mut lock(&self.new_accounts))
    }

    /// Before an owner's change of an account that the site knows.
    pub(super) fn known_account(&self, account: AccountId) -> Result<(), Refusal> {
        take_of(&mut lock(&self.accounts), account, OF_ACCOUNT)
    }

    pub(super) fn statement(&self) -> Result<(), Refusal> {
        take(&mut lock(&self.statements))
    }

    pub(super) fn sweep(&self) {
        lock(&self.origins).retain(|_, bucket| !bucket.is_full());
        lock(&self.accounts).retain(|_, bucket| !bucket.is_full());
    }
}

fn take(bucket: &mut Bucket) -> Result<(), Refusal> {
    bucket.take().map_err(|seconds| Refusal::Busy { seconds })
}

fn take_of<K: Ord + Copy>(
    buckets: &mut BTreeMap<K, Bucket>,
    of: K,
    rate: Rate,
) -> Result<(), Refusal> {
    if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&of) {
        buckets.retain(|_, bucket| !bucket.is_full());
        if buckets.len() >= MAX_BUCKETS {
            return Err(Refusal::Busy { seconds: 1 });
        }
    }
    take(buckets.entry(of).or_insert_with(|| Bucket::full(rate)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
