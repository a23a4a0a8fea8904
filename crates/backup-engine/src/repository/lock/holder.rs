//! What stands in the lock.

use super::{BEAT, SILENCE};
use crate::error::BackupError;
use crate::process::Process;
use crate::store::{Store, StoreError};
use sealed_keys::{OsRng, RngCore};
use serde::{Deserialize, Serialize};

pub(in crate::repository) const PATH: &str = "lock";

/// 64 KiB is far more than the JSON below.
const MAX_LOCK: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::repository) struct Holder {
    pub id: String,
    pub computer: String,
    /// The running system that the process belongs to, where it can be named: tells whether it can
    /// be looked for.
    pub boot: Option<String>,
    pub process: u32,
    /// When the process began, in the system's own measure: another process may get its number.
    #[serde(default)]
    pub started: Option<u64>,
    /// Unix seconds by the holder's clock, written anew with each sign of life.
    pub renewed: u64,
}

/// Who holds a lock, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    pub computer: String,
    pub process: u32,
    /// Unix seconds by that computer's clock.
    pub renewed: u64,
}

impl Holder {
    pub(in crate::repository) fn new(computer: &str, now: u64) -> Self {
        let mut id = [0; 16];
        OsRng.fill_bytes(&mut id);
        let own = Process::own();
        Self {
            id: hex::encode(id),
            computer: computer.into(),
            boot: own.system,
            process: own.number,
            started: own.started,
            renewed: now,
        }
    }

    pub(in crate::repository) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers")
    }

    pub(super) fn shown(&self) -> LockHolder {
        let computer = if self.computer.is_empty() { "another computer" } else { &self.computer };
        LockHolder { computer: computer.into(), process: self.process, renewed: self.renewed }
    }

    fn process(&self) -> Process {
        Process { system: self.boot.clone(), number: self.process, started: self.started }
    }
}

/// A lock at one moment.
pub(in crate::repository) struct Look {
    pub bytes: Vec<u8>,
    holder: Option<Holder>,
}

impl Look {
    /// A process of this running system that has ended; or a lock that nobody can have meant.
    pub(in crate::repository) fn is_known_dead(&self) -> bool {
        self.holder.as_ref().is_none_or(|h| h.process().has_ended())
    }

    /// By the clocks: whether the last sign of life was so many seconds ago.
    pub(in crate::repository) fn is_older_than(&self, seconds: u64, now: u64) -> bool {
        self.holder.as_ref().is_none_or(|h| now.abs_diff(h.renewed) > seconds)
    }

    /// By the clocks: a first guess, which watching corrects.
    pub(super) fn seems_recent(&self, now: u64) -> bool {
        let margin = (SILENCE - BEAT).as_secs();
        self.holder.as_ref().is_some_and(|h| now.abs_diff(h.renewed) <= margin)
    }

    pub(super) fn refusal(&self, now: u64) -> BackupError {
        match &self.holder {
            Some(holder) => BackupError::Locked {
                computer: holder.shown().computer,
                seconds: now.saturating_sub(holder.renewed),
            },
            None => BackupError::LockLost,
        }
    }
}

pub(super) fn look(store: &dyn Store) -> Result<Option<Look>, BackupError> {
    holder_at(store, PATH)
}

/// What stands in a file of this kind.
pub(in crate::repository) fn holder_at(
    store: &dyn Store,
    path: &str,
) -> Result<Option<Look>, BackupError> {
    match store.get(path, MAX_LOCK) {
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(StoreError::TooLarge(_)) => Ok(Some(Look { bytes: Vec::new(), holder: None })),
        bytes => {
            let bytes = bytes?;
            let holder = serde_json::from_slice(&bytes).ok();
            Ok(Some(Look { bytes, holder }))
        }
    }
}

/// `None` when there is no lock, or one that nobody can have meant.
pub(super) fn read(store: &dyn Store) -> Result<Option<Holder>, BackupError> {
    Ok(look(store)?.and_then(|l| l.holder))
}
