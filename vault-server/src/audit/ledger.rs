//! Drains the device's log: read, check, store, and only then let the device forget.

use super::chain::{Known, continue_chain};
use crate::accounts::{SqliteStore, StoreError};
use crate::site::ports::DeviceFault;
use fleet_evidence::device_log::{Entry, Head, LivingLog};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;
use yubihsm_device::{HsmError, SiteDevice};

/// Entries that a device holds before it refuses audited commands.
const LOG_ENTRIES: u32 = 62;
/// Not given to work: a new session with the device is two entries, and it may be lost and opened
/// again.
const SPARE: u32 = 8;
/// From here on a site drains before it begins more work, so that work need not wait for room.
const DRAIN_AT: u32 = 40;
/// How long to wait for work under way before looking again.
const WAIT: Duration = Duration::from_millis(200);

/// The site's copy of the log, and its verdict.
pub struct Ledger {
    port: Arc<dyn SiteDevice>,
    store: SqliteStore,
    usage: Mutex<Usage>,
    /// Told when work that had entries reserved has ended.
    ended: Notify,
    turn: tokio::sync::Mutex<()>,
    broken: RwLock<Option<String>>,
}

/// Entries of the device's log, as far as this site knows.
#[derive(Default)]
struct Usage {
    /// Promised to work that has not ended.
    reserved: u32,
    /// Of work that ended after the last drain began.
    written: u32,
}

/// Entries that a piece of work may write; given back when it has ended.
pub struct Room {
    ledger: Arc<Ledger>,
    entries: u32,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut usage = self.ledger.usage();
        usage.reserved = usage.reserved.saturating_sub(self.entries);
        usage.written = usage.written.saturating_add(self.entries);
        drop(usage);
        self.ledger.ended.notify_waiters();
    }
}

impl Ledger {
    /// A ledger of which nothing was read yet.
    pub fn new(port: Arc<dyn SiteDevice>, store: SqliteStore) -> Self {
        Self {
            port,
            store,
            usage: Mutex::default(),
            ended: Notify::new(),
            turn: tokio::sync::Mutex::default(),
            broken: RwLock::default(),
        }
    }

    fn usage(&self) -> std::sync::MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why this site must not serve, if it must not.
    pub fn broken(&self) -> Option<String> {
        self.broken.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the device may have entries that were not read.
    pub fn is_unread(&self) -> bool {
        self.usage().written > 0
    }

    /// Entries for work that is about to begin; waits and drains until the log has room for all of
    /// them.
    ///
    /// Keep the room until the work has ended, even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`DeviceFault`]
    pub async fn reserve(self: &Arc<Self>, entries: u32) -> Result<Room, DeviceFault> {
        loop {
            let ended = self.ended.notified();
            if self.usage().written >= DRAIN_AT {
                self.drain_from(DRAIN_AT).await?;
            }
            if let Some(room) = self.try_reserve(entries) {
                return Ok(room);
            }
            if self.is_unread() {
                self.drain_from(1).await?;
            } else {
                // Told or not, the next round looks at the numbers themselves.
                let _ = tokio::time::timeout(WAIT, ended).await;
            }
        }
    }

    fn try_reserve(self: &Arc<Self>, entries: u32) -> Option<Room> {
        let mut usage = self.usage();
        let fits = usage.reserved + usage.written + entries <= LOG_ENTRIES - SPARE;
        fits.then(|| usage.reserved += entries)?;
        Some(Room { ledger: self.clone(), entries })
    }

    /// Drains now. A log that does not go on from the stored one stops this site for good.
    ///
    /// # Errors
    /// [`DeviceFault`]
    pub async fn drain(&self) -> Result<(), DeviceFault> {
        self.drain_from(0).await
    }

    /// Drains if, when its turn comes, so many entries are still unread.
    async fn drain_from(&self, unread: u32) -> Result<(), DeviceFault> {
        let _turn = self.turn.lock().await;
        if self.usage().written < unread {
            return Ok(());
        }
        if let Some(reason) = self.broken() {
            return Err(DeviceFault::Broken(reason));
        }
        // Work that ends from here on may be read already; it counts as unread until the next
        // drain.
        let read = self.usage().written;
        let log = self.blocking(|port| port.read_log()).await?;
        let (fresh, living) = match continue_chain(self.known().await?, &log) {
            Ok(fresh) => fresh,
            Err(broken) => {
                tracing::error!(%broken, "the device's log does not go on: this site stops serving");
                let mut verdict = self.broken.write().unwrap_or_else(PoisonError::into_inner);
                *verdict = Some(broken.to_string());
                return Err(DeviceFault::Broken(broken.to_string()));
            }
        };
        if !fresh.is_empty() {
            let oprf = fresh.iter().filter(|entry| entry.is_oprf_use()).count() as u64;
            let entries = fresh.iter().map(Entry::raw).collect();
            let living = serde_json::to_vec(&living).map_err(unreadable)?;
            self.store.keep_log(entries, oprf, living).await.map_err(storage)?;
        }
        // Also entries that were stored before a crash, and not acknowledged.
        if let Some(last) = log.entries.last() {
            let number = last.number;
            self.blocking(move |port| port.acknowledge_log(number)).await?;
        }
        self.usage().written -= read;
        Ok(())
    }

    /// Where the device's log must go on from: its last entry stored here, or the ceremony's last.
    ///
    /// # Errors
    /// The store's.
    pub async fn head(&self) -> Result<Option<Head>, DeviceFault> {
        Ok(self.known().await?.head)
    }

    async fn known(&self) -> Result<Known, DeviceFault> {
        let log = self.store.log().await.map_err(storage)?;
        let head = match log.last {
            Some(last) => Some(Head::of(&last)),
            None => {
                let anchor = self.store.log_anchor().await.map_err(storage)?;
                anchor
                    .map(|bytes| serde_json::from_slice(&bytes).map_err(unreadable))
                    .transpose()?
            }
        };
        let living = match self.store.log_note().await.map_err(storage)? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(unreadable)?,
            None if head.is_some() => LivingLog::since_ceremony(),
            None => LivingLog::from_anywhere(),
        };
        Ok(Known { head, living })
    }

    /// Sets where the first entry that this site ever reads must follow, unless it is set.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_anchor(&self, anchor: Head) -> Result<(), DeviceFault> {
        let bytes = serde_json::to_vec(&anchor).map_err(unreadable)?;
        self.store.set_log_anchor(bytes).await.map_err(storage)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        step: impl FnOnce(&dyn SiteDevice) -> Result<T, HsmError> + Send + 'static,
    ) -> Result<T, DeviceFault> {
        let port = self.port.clone();
        let done = tokio::task::spawn_blocking(move || step(&*port)).await;
        let done = done.map_err(|_| DeviceFault::Away("a device call was stopped".into()))?;
        done.map_err(|error| DeviceFault::Away(error.to_string()))
    }
}

fn storage(error: StoreError) -> DeviceFault {
    DeviceFault::Away(error.to_string())
}

fn unreadable(error: serde_json::Error) -> DeviceFault {
    DeviceFault::Away(format!("what is stored of the device's log: {error}"))
}
