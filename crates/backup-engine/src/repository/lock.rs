//! One at a time changes what is there: the header's slots, the key, a prune, a repair. Reading
//! needs no lock, and neither does a backup, which only adds.
//!
//! A holder shows that it lives by writing its lock again every ten seconds, from a thread of its
//! own. Clocks of different computers are not compared to decide that it is gone: who wants the
//! lock watches whether it changes.

mod heartbeat;
mod holder;

use self::heartbeat::Heartbeat;
pub use self::holder::LockHolder;
pub(super) use self::holder::{Holder, PATH, holder_at};
use self::holder::{look, read};
use crate::error::BackupError;
use crate::pace::Pace;
use crate::port::{Observer, Progress, Stage};
use crate::store::{Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// Between two signs of life.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// Without a sign of life for so long, a holder is gone, or asleep and will find that it lost the
/// lock. Four beats, since a busy disk or network may swallow one or two.
pub(crate) const SILENCE: Duration = Duration::from_secs(45);

/// How often a lock is looked at by who waits for it.
const LOOK: Duration = Duration::from_secs(1);

/// Who wants the lock, and how long they wait for somebody who has it.
pub(crate) struct Wish<'a> {
    pub computer: &'a str,
    /// Zero: a holder that lives is refused at once.
    pub wait: Duration,
    pub observer: &'a dyn Observer,
    pub pace: &'a Arc<dyn Pace>,
}

/// Held until dropped.
pub(crate) struct Lock {
    store: Arc<dyn Store>,
    id: String,
    heartbeat: Option<Heartbeat>,
}

impl Lock {
    /// # Errors
    /// `Locked` with who holds it; `Cancelled`, `DiskFull`, `Store`.
    pub(crate) fn acquire(store: Arc<dyn Store>, wish: &Wish<'_>) -> Result<Self, BackupError> {
        let holder = Holder::new(wish.computer, wish.pace.unix_now());
        let bytes = holder.to_bytes();
        loop {
            match store.put_new(PATH, &bytes) {
                Err(StoreError::AlreadyExists(_)) => {}
                put => {
                    put?;
                    break;
                }
            }
            if outlast(store.as_ref(), wish)? {
                match store.delete(PATH) {
                    Err(StoreError::NotFound(_)) => {}
                    deleted => deleted?,
                }
            }
        }
        let id = holder.id.clone();
        let heartbeat = Some(Heartbeat::start(store.clone(), holder, wish.pace.clone()));
        let lock = Self { store, id, heartbeat };
        lock.still_held()?;
        Ok(lock)
    }

    /// Looks at the store. Called before every step that cannot be undone.
    ///
    /// # Errors
    /// `LockLost`.
    pub(crate) fn still_held(&self) -> Result<(), BackupError> {
        match read(self.store.as_ref())? {
            Some(holder) if holder.id == self.id => Ok(()),
            _ => Err(BackupError::LockLost),
        }
    }

    /// Costs nothing: asks whether the last sign of life found another holder.
    ///
    /// # Errors
    /// `LockLost`.
    pub(crate) fn not_lost(&self) -> Result<(), BackupError> {
        match self.heartbeat.as_ref().is_some_and(Heartbeat::found_another) {
            true => Err(BackupError::LockLost),
            false => Ok(()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // First no more signs of life, or the last one would come after the end.
        self.heartbeat.take();
        // A lock that cannot be removed goes stale.
        if self.still_held().is_ok() {
            let _ = self.store.delete(PATH);
        }
    }
}

/// Who holds the lock, if anybody does.
///
/// # Errors
/// `Store`.
pub(crate) fn holder(store: &dyn Store) -> Result<Option<LockHolder>, BackupError> {
    Ok(read(store)?.map(|h| h.shown()))
}

/// Removes the lock of a process that is known to have ended.
///
/// # Errors
/// `Store`.
pub(crate) fn clear_dead(store: &dyn Store) -> Result<(), BackupError> {
    if !look(store)?.is_some_and(|l| l.is_known_dead()) {
        return Ok(());
    }
    match store.delete(PATH) {
        Err(StoreError::NotFound(_)) => Ok(()),
        deleted => Ok(deleted?),
    }
}

/// Waits until the lock is free (false) or its holder is gone (true: the lock is there to be
/// removed).
fn outlast(store: &dyn Store, wish: &Wish<'_>) -> Result<bool, BackupError> {
    let mut silent = Duration::ZERO;
    let mut waited = Duration::ZERO;
    let Some(mut last) = look(store)? else { return Ok(false) };
    loop {
        if last.is_known_dead() {
            return Ok(true);
        }
        if silent >= SILENCE {
            return Ok(true);
        }
        let alive = last.seems_recent(wish.pace.unix_now());
        if alive && silent.is_zero() && waited >= wish.wait {
            return Err(last.refusal(wish.pace.unix_now()));
        }
        if wish.observer.cancelled() {
            return Err(BackupError::Cancelled);
        }
        wish.observer.progress(Progress::at(Stage::Waiting));
        wish.pace.sleep(LOOK);
        waited += LOOK;
        let Some(now) = look(store)? else { return Ok(false) };
        if now.bytes == last.bytes {
            silent += LOOK;
        } else if waited >= wish.wait {
            // It changed: somebody lives there, whatever their clock says.
            return Err(now.refusal(wish.pace.unix_now()));
        } else {
            silent = Duration::ZERO;
        }
        last = now;
    }
}

#[cfg(test)]
mod tests;
