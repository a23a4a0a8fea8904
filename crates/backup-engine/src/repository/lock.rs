//! One writer at a time. Reading needs no lock. Correctness of commits does not rest on it alone: a snapshot file is
//! put only where none is, so of two writers one has to begin again.

use crate::error::BackupError;
use crate::store::{Store, StoreError};
use sealed_keys::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const PATH: &str = "lock";

/// 64 KiB is far more than the JSON below.
const MAX_LOCK: usize = 64 * 1024;

/// A holder that has not renewed for so long is gone, or asleep and will find that it lost the lock.
const STALE_SECONDS: u64 = 15 * 60;

const RENEW_SECONDS: u64 = 60;

#[derive(Clone, Serialize, Deserialize)]
struct Holder {
    id: String,
    computer: String,
    /// Kernel's id of the running system, where there is one: tells whether `process` can be looked for.
    boot: Option<String>,
    process: u32,
    /// Unix seconds, renewed while the work goes on.
    renewed: u64,
}

/// Held until dropped.
pub(crate) struct Lock {
    store: Arc<dyn Store>,
    holder: Holder,
    renewed: AtomicU64,
}

impl Lock {
    /// Errors: `Locked` with who holds it; `DiskFull`, `Store`.
    pub fn acquire(store: Arc<dyn Store>, computer: &str) -> Result<Self, BackupError> {
        let mut id = [0; 16];
        OsRng.fill_bytes(&mut id);
        let holder = Holder {
            id: hex::encode(id),
            computer: computer.into(),
            boot: boot_id(),
            process: std::process::id(),
            renewed: now(),
        };
        let bytes = to_bytes(&holder);
        match store.put_new(PATH, &bytes) {
            Err(StoreError::AlreadyExists(_)) => {
                refuse_if_alive(store.as_ref())?;
                match store.delete(PATH) {
                    Err(StoreError::NotFound(_)) => {}
                    deleted => deleted?,
                }
                match store.put_new(PATH, &bytes) {
                    // Somebody else was faster.
                    Err(StoreError::AlreadyExists(_)) => return Err(locked_by(store.as_ref())),
                    put => put?,
                }
            }
            put => put?,
        }
        let renewed = AtomicU64::new(holder.renewed);
        let lock = Self { store, holder, renewed };
        lock.still_held()?;
        Ok(lock)
    }

    /// Errors: `LockLost`.
    pub fn still_held(&self) -> Result<(), BackupError> {
        match read(self.store.as_ref())? {
            Some(holder) if holder.id == self.holder.id => Ok(()),
            _ => Err(BackupError::LockLost),
        }
    }

    /// Renews when a minute has passed. Called between long steps.
    pub fn renew(&self) -> Result<(), BackupError> {
        let now = now();
        if now.saturating_sub(self.renewed.load(Ordering::Relaxed)) < RENEW_SECONDS {
            return Ok(());
        }
        self.still_held()?;
        self.store.put(PATH, &to_bytes(&Holder { renewed: now, ..self.holder.clone() }))?;
        self.renewed.store(now, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock that cannot be removed goes stale.
        if self.still_held().is_ok() {
            let _ = self.store.delete(PATH);
        }
    }
}

fn refuse_if_alive(store: &dyn Store) -> Result<(), BackupError> {
    match read(store)? {
        Some(holder) if !is_stale(&holder, now(), boot_id().as_deref(), process_runs) => Err(locked(&holder)),
        _ => Ok(()),
    }
}

fn is_stale(holder: &Holder, now: u64, boot: Option<&str>, runs: impl Fn(u32) -> bool) -> bool {
    let here = holder.boot.is_some() && holder.boot.as_deref() == boot;
    // A time in the future is a wrong clock somewhere: as old as it is new.
    now.abs_diff(holder.renewed) > STALE_SECONDS || (here && !runs(holder.process))
}

fn locked(holder: &Holder) -> BackupError {
    let computer = if holder.computer.is_empty() { "another computer" } else { &holder.computer };
    BackupError::Locked { computer: computer.into(), seconds: now().saturating_sub(holder.renewed) }
}

fn locked_by(store: &dyn Store) -> BackupError {
    match read(store) {
        Ok(Some(holder)) => locked(&holder),
        _ => BackupError::LockLost,
    }
}

/// `None` when there is no lock, or one that nobody can have meant.
fn read(store: &dyn Store) -> Result<Option<Holder>, BackupError> {
    match store.get(PATH, MAX_LOCK) {
        Err(StoreError::NotFound(_) | StoreError::TooLarge(_)) => Ok(None),
        bytes => Ok(serde_json::from_slice(&bytes?).ok()),
    }
}

fn to_bytes(holder: &Holder) -> Vec<u8> {
    serde_json::to_vec(holder).expect("strings and numbers")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_string())
}

fn process_runs(process: u32) -> bool {
    std::path::Path::new(&format!("/proc/{process}")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    fn holder(renewed: u64, boot: &str) -> Holder {
        Holder { id: "x".into(), computer: "desk".into(), boot: Some(boot.into()), process: 7, renewed }
    }

    #[test]
    fn a_lock_is_stale_when_its_holder_is_gone() {
        let cases = [
            (1000, "here", true, false),
            (1000, "here", false, true),
            (1000, "there", false, false),
            (1000 - 901, "there", true, true),
            (1000 + 901, "there", true, true),
        ];
        for (renewed, boot, runs, stale) in cases {
            assert_eq!(
                is_stale(&holder(renewed, boot), 1000, Some("here"), |_| runs),
                stale,
                "{renewed} {boot} {runs}"
            );
        }
        assert!(!is_stale(&Holder { boot: None, ..holder(1000, "") }, 1000, None, |_| false));
    }

    #[test]
    fn one_at_a_time_and_free_again_after() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let first = Lock::acquire(store.clone(), "desk").unwrap();
        let refused = Lock::acquire(store.clone(), "lap").err();
        assert!(matches!(refused, Some(BackupError::Locked { computer, .. }) if computer == "desk"));
        drop(first);
        assert!(Lock::acquire(store, "lap").is_ok());
    }

    #[test]
    fn whoever_lost_the_lock_notices_and_leaves_the_other_one() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let slept = Lock::acquire(store.clone(), "lap").unwrap();
        store.put(PATH, &to_bytes(&holder(now() - 1000, "elsewhere"))).unwrap();
        assert!(matches!(slept.still_held(), Err(BackupError::LockLost)));
        drop(slept);
        assert!(store.exists(PATH).unwrap());
        assert!(Lock::acquire(store, "desk").is_ok(), "a stale lock is taken over");
    }
}
