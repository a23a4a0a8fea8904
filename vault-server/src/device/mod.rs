//! The site's device: pinned keys, blocking calls off the async threads, one at a time, with room
//! in the device's log for each.

mod keys;
mod work;

pub use keys::{Keys, PinnedKeys};
pub use work::{Work, WorkError};

use crate::accounts::{AccountStore, SqliteStore};
use crate::audit::{Ledger, Room};
use crate::site::ports::{self, DeviceFault, Randomness};
use async_trait::async_trait;
use recovery_crypto::oprf;
use recovery_crypto::sealing::{open_box, open_passkey_box};
use recovery_crypto::session::{Prologue, Session, respond};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use vault_protocol::{BoxContents, PasskeyShare, Point, SealedBox, Signature64};
use yubihsm_device::{HsmError, SiteDevice};

/// One YubiHSM2 for async code. Clones share it.
#[derive(Clone)]
pub struct HsmDevice {
    keys: Arc<Keys>,
    ledger: Arc<Ledger>,
    store: SqliteStore,
    randomness: Arc<dyn Randomness>,
    /// The device does one thing at a time. Who waits here can still go away; what has begun is
    /// finished.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl HsmDevice {
    /// Compares the device's public keys with the bundle's. Blocks.
    ///
    /// # Errors
    /// [`DeviceFault::Refused`] names a key that differs: a wrong sign of K alone would give wrong
    /// evaluations without an error.
    pub fn pin(
        port: Arc<dyn SiteDevice>,
        pinned: &PinnedKeys,
        ledger: Arc<Ledger>,
        store: SqliteStore,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, DeviceFault> {
        let keys = Arc::new(Keys::pin(port, pinned)?);
        Ok(Self { keys, ledger, store, randomness, turn: Arc::default() })
    }

    /// Runs device work. If the log is full although there was room, it is drained and the work is
    /// done once more, which is counted.
    ///
    /// # Errors
    /// [`DeviceFault`]
    pub async fn run<T, E>(
        &self,
        kind: Work,
        work: impl Fn(&Keys) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, DeviceFault>
    where
        T: Send + 'static,
        E: Into<WorkError> + Send + 'static,
    {
        if let Some(reason) = self.ledger.broken() {
            return Err(DeviceFault::Broken(reason));
        }
        let work = Arc::new(work);
        match self.once(kind, work.clone()).await {
            Err(WorkError::Hsm(HsmError::LogFull)) => {
                tracing::warn!(?kind, "the device's log was full: device work is done once more");
                self.ledger.drain().await?;
                self.count_repeats(u64::from(kind == Work::Evaluation)).await?;
                self.once(kind, work).await
            }
            done => done,
        }
        .map_err(DeviceFault::from)
    }

    async fn once<T, E>(
        &self,
        kind: Work,
        work: Arc<impl Fn(&Keys) -> Result<T, E> + Send + Sync + 'static>,
    ) -> Result<T, WorkError>
    where
        T: Send + 'static,
        E: Into<WorkError> + Send + 'static,
    {
        let turn = self.turn.clone().lock_owned().await;
        let room = self.ledger.reserve(kind.entries()).await?;
        // From here on it comes to its end, whoever still waits for it.
        let device = self.clone();
        let task = tokio::spawn(async move { device.finish(work, turn, room).await });
        task.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    async fn finish<T, E>(
        &self,
        work: Arc<impl Fn(&Keys) -> Result<T, E> + Send + Sync + 'static>,
        turn: OwnedMutexGuard<()>,
        room: Room,
    ) -> Result<T, WorkError>
    where
        T: Send + 'static,
        E: Into<WorkError> + Send + 'static,
    {
        let keys = self.keys.clone();
        let task = move || {
            keys.take_log_was_full();
            let done = work(&keys).map_err(Into::into);
            let full = keys.take_log_was_full();
            let done = if full { Err(HsmError::LogFull.into()) } else { done };
            (done, keys.take_repeats())
        };
        let done = tokio::task::spawn_blocking(task).await;
        drop(room);
        let (done, repeats) = done.map_err(|_| stopped())?;
        self.count_repeats(repeats).await?;
        drop(turn);
        done
    }

    /// Runs something while the device does nothing, and everything that it did is counted.
    pub async fn quietly<T>(&self, count: impl Future<Output = T>) -> T {
        let _turn = self.turn.lock().await;
        count.await
    }

    /// Uses of the oprf key that the device's log may show beside what was asked for.
    async fn count_repeats(&self, repeats: u64) -> Result<(), DeviceFault> {
        if repeats == 0 {
            return Ok(());
        }
        let counted = self.store.count_repeats(repeats).await;
        counted.map_err(|error| DeviceFault::Away(error.to_string()))
    }
}

fn stopped() -> DeviceFault {
    DeviceFault::Away("a device call was stopped".into())
}

#[async_trait]
impl ports::Device for HsmDevice {
    async fn open_session(
        &self,
        prologue: Prologue,
        message: Vec<u8>,
    ) -> Result<(Session, Vec<u8>), DeviceFault> {
        let randomness = self.randomness.clone();
        let handshake = move |keys: &Keys| {
            respond(&prologue, &keys.session, &message, &mut ports::Draw(&*randomness))
        };
        self.run(Work::Session, handshake).await
    }

    async fn open_box(&self, sealed: SealedBox, info: Vec<u8>) -> Result<BoxContents, DeviceFault> {
        self.run(Work::OpenBox, move |keys| open_box(&sealed, &info, &*keys.seal)).await
    }

    async fn open_passkey_box(
        &self,
        sealed: SealedBox,
        info: Vec<u8>,
    ) -> Result<PasskeyShare, DeviceFault> {
        self.run(Work::OpenBox, move |keys| open_passkey_box(&sealed, &info, &*keys.seal)).await
    }

    async fn evaluate(&self, alpha: Point) -> Result<Point, DeviceFault> {
        self.run(Work::Evaluation, move |keys| oprf::evaluate(&*keys.oprf, &alpha)).await
    }

    async fn sign(&self, message: Vec<u8>) -> Result<Signature64, DeviceFault> {
        self.run(Work::Signature, move |keys| keys.sign(&message)).await
    }
}
