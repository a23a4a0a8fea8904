//! Drains the device's log: read, check, keep, and only then let the device forget.

use super::chain::{continue_chain, head_of, is_oprf_ecdh};
use crate::device::DeviceFault;
use crate::hsm::SiteDevice;
use crate::local::Local;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The device holds 62 entries; a site drains at 40, so that a burst of 22 more still fits before it is done.
const DRAIN_AT: u32 = 40;

/// The site's copy of the log, and its verdict.
pub struct Ledger {
    port: Arc<dyn SiteDevice>,
    local: Local,
    /// Audited commands since the last drain.
    used: AtomicU32,
    turn: tokio::sync::Mutex<()>,
    broken: RwLock<Option<String>>,
}

impl Ledger {
    pub fn new(port: Arc<dyn SiteDevice>, local: Local) -> Self {
        Self { port, local, used: AtomicU32::new(0), turn: tokio::sync::Mutex::new(()), broken: RwLock::new(None) }
    }

    /// Why this site must not serve, if it must not.
    pub fn broken(&self) -> Option<String> {
        self.broken.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a command that the device logs.
    pub fn used(&self) {
        self.used.fetch_add(1, Ordering::Relaxed);
    }

    pub fn is_unread(&self) -> bool {
        self.used.load(Ordering::Relaxed) > 0
    }

    /// Drains if the log could fill soon.
    pub async fn make_room(&self) -> Result<(), DeviceFault> {
        if self.used.load(Ordering::Relaxed) < DRAIN_AT { Ok(()) } else { self.drain().await }
    }

    /// Drains now. A log that does not continue the kept one stops this site for good.
    pub async fn drain(&self) -> Result<(), DeviceFault> {
        let _turn = self.turn.lock().await;
        if let Some(reason) = self.broken() {
            return Err(DeviceFault::Broken(reason));
        }
        let used = self.used.load(Ordering::Relaxed);
        let log = self.blocking(|port| port.read_log()).await?;
        let fresh = match continue_chain(self.local.log_head().await?, &log) {
            Ok(fresh) => fresh,
            Err(broken) => {
                tracing::error!(%broken, "the device's log does not continue: this site stops serving");
                *self.broken.write().unwrap_or_else(PoisonError::into_inner) = Some(broken.to_string());
                return Err(DeviceFault::Broken(broken.to_string()));
            }
        };
        if !fresh.is_empty() {
            let oprf = fresh.iter().filter(|entry| is_oprf_ecdh(entry)).count();
            self.local.keep_entries(fresh, oprf as u64).await?;
        }
        // Also entries that were kept before a crash, and not acknowledged.
        if let Some(last) = log.entries.last() {
            let number = head_of(last).number;
            self.blocking(move |port| port.acknowledge_log(number)).await?;
        }
        self.used.fetch_sub(used, Ordering::Relaxed);
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        step: impl FnOnce(&dyn SiteDevice) -> Result<T, crate::hsm::HsmError> + Send + 'static,
    ) -> Result<T, DeviceFault> {
        let port = self.port.clone();
        let done = tokio::task::spawn_blocking(move || step(&*port)).await;
        Ok(done.map_err(|_| DeviceFault::Away("a device call was stopped".into()))??)
    }
}
