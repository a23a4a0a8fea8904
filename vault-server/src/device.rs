//! The site's device for async code: pinned keys, blocking calls off the async threads, room in the log.

use crate::audit::Ledger;
use crate::database::StoreError;
use crate::hsm::{EcdhKey, HsmError, Identity, SiteDevice};
use crate::local::Local;
use recovery_crypto::{DeviceKey, DeviceKeyError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vault_protocol::{Point, Signature64};
use zeroize::Zeroizing;

/// Why the device did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeviceFault {
    #[error("the device is away: {0}")]
    Away(String),
    /// What was asked for cannot be done, whatever the device's state.
    #[error("refused: {0}")]
    Refused(String),
    #[error("this site has stopped serving: {0}")]
    Broken(String),
    #[error("the site's own file: {0}")]
    Store(#[from] StoreError),
    #[error("a key in the device is not the one in the validation bundle: {0}")]
    WrongKey(&'static str),
}

impl From<HsmError> for DeviceFault {
    fn from(error: HsmError) -> Self {
        Self::Away(error.to_string())
    }
}

/// The keys of one device, each pinned to the validation bundle.
pub struct Keys {
    port: Arc<dyn SiteDevice>,
    pub oprf: Arc<dyn DeviceKey>,
    pub seal: Arc<dyn DeviceKey>,
    pub fleet: Arc<dyn DeviceKey>,
    watch: Arc<Watch>,
}

/// Public halves as the bundle has them.
#[derive(Clone, Copy, Debug)]
pub struct PinnedKeys {
    pub oprf: Point,
    pub seal: Point,
    pub fleet: Point,
    pub receipt: Point,
}

/// What device work is for, which tells how much of the log it needs (spec/vault-protocol.md section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A client's session: one ECDH with the fleet key.
    Session,
    /// One ECDH with the seal key.
    OpenBox,
    /// Two ECDHs with the oprf key.
    Evaluation,
    /// One ECDSA with the receipt key.
    Signature,
    /// Commands that the device does not log.
    Unlogged,
}

impl Work {
    fn entries(self) -> u32 {
        match self {
            Self::Unlogged => 0,
            Self::Session | Self::OpenBox | Self::Signature => 1,
            Self::Evaluation => 2,
        }
    }
}

/// One site's device. Clones share it.
#[derive(Clone)]
pub struct Device {
    keys: Arc<Keys>,
    ledger: Arc<Ledger>,
}

impl Device {
    /// Compares the device's public keys with the bundle's. Blocks.
    ///
    /// # Errors
    /// [`DeviceFault::WrongKey`] if one differs: a wrong sign of K alone would give wrong evaluations without an error.
    pub fn pin(
        port: Arc<dyn SiteDevice>,
        pinned: &PinnedKeys,
        ledger: Arc<Ledger>,
        local: &Local,
    ) -> Result<Self, DeviceFault> {
        let found = [
            (port.public_key(EcdhKey::Oprf)?, pinned.oprf, "oprf key"),
            (port.public_key(EcdhKey::Seal)?, pinned.seal, "seal key"),
            (port.public_key(EcdhKey::Fleet)?, pinned.fleet, "fleet key"),
            (port.receipt_public_key()?, pinned.receipt, "receipt key"),
        ];
        if let Some((_, _, name)) = found.iter().find(|(found, pinned, _)| found != pinned) {
            return Err(DeviceFault::WrongKey(name));
        }
        let watch = Arc::new(Watch { local: local.clone(), log_full: AtomicBool::new(false) });
        let key = |which, public| -> Arc<dyn DeviceKey> {
            Arc::new(PinnedKey { port: port.clone(), which, public, watch: watch.clone() })
        };
        let keys = Keys {
            oprf: key(EcdhKey::Oprf, pinned.oprf),
            seal: key(EcdhKey::Seal, pinned.seal),
            fleet: key(EcdhKey::Fleet, pinned.fleet),
            port: port.clone(),
            watch,
        };
        Ok(Self { keys: Arc::new(keys), ledger })
    }

    /// Runs device work off the async threads, with room in the device's log. If the log is full all the same, drains it
    /// and runs the work once more, which is counted.
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
            Err(_) if self.keys.watch.log_full.swap(false, Ordering::Relaxed) => {
                tracing::warn!(?kind, "the device's log was full although there was room: device work is repeated");
                self.ledger.drain().await?;
                if kind == Work::Evaluation {
                    self.keys.watch.local.count_repeats(1).await?;
                }
                self.once(kind, work).await
            }
            done => done,
        }
    }

    async fn once<T, E>(
        &self,
        kind: Work,
        work: Arc<impl Fn(&Keys) -> Result<T, E> + Send + Sync + 'static>,
    ) -> Result<T, DeviceFault>
    where
        T: Send + 'static,
        E: Into<WorkError> + Send + 'static,
    {
        let keys = self.keys.clone();
        let room = self.ledger.reserve(kind.entries()).await?;
        let task = move || {
            let done = work(&keys).map_err(Into::into);
            drop(room);
            done
        };
        let done = tokio::task::spawn_blocking(task).await;
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(WorkError::Device(error))) => Err(from_key_error(error)),
            Ok(Err(WorkError::Hsm(error))) => Err(error.into()),
            Ok(Err(WorkError::Input(reason))) => Err(DeviceFault::Refused(reason)),
            Err(_) => Err(DeviceFault::Away("a device call was stopped".into())),
        }
    }

    pub async fn identity(&self) -> Result<Identity, DeviceFault> {
        self.run(Work::Unlogged, |keys| keys.port.identity()).await
    }

    pub async fn keep_alive(&self) -> Result<(), DeviceFault> {
        self.run(Work::Unlogged, |keys| keys.port.keep_alive()).await
    }
}

impl Keys {
    /// ECDSA of the receipt key over `message`.
    pub fn sign(&self, message: &[u8]) -> Result<Signature64, HsmError> {
        self.port.sign_receipt(message).inspect_err(|e| self.watch.note(e))
    }
}

/// Why device work failed, for [`Device::run`] to tell apart.
pub enum WorkError {
    Device(DeviceKeyError),
    Hsm(HsmError),
    /// Not the device's fault.
    Input(String),
}

impl From<HsmError> for WorkError {
    fn from(error: HsmError) -> Self {
        Self::Hsm(error)
    }
}

impl From<recovery_crypto::session::SessionError> for WorkError {
    fn from(error: recovery_crypto::session::SessionError) -> Self {
        match error {
            recovery_crypto::session::SessionError::Device(error) => Self::Device(error),
            other => Self::Input(other.to_string()),
        }
    }
}

impl From<recovery_crypto::oprf::OprfError> for WorkError {
    fn from(error: recovery_crypto::oprf::OprfError) -> Self {
        match error {
            recovery_crypto::oprf::OprfError::Device(error) => Self::Device(error),
            other => Self::Input(other.to_string()),
        }
    }
}

impl From<recovery_crypto::sealing::SealError> for WorkError {
    fn from(error: recovery_crypto::sealing::SealError) -> Self {
        match error {
            recovery_crypto::sealing::SealError::Device(error) => Self::Device(error),
            other => Self::Input(other.to_string()),
        }
    }
}

fn from_key_error(error: DeviceKeyError) -> DeviceFault {
    match error {
        DeviceKeyError::BadPoint => DeviceFault::Refused("not a point of the curve".into()),
        DeviceKeyError::Unavailable(reason) => DeviceFault::Away(reason),
    }
}

/// Notices that the device's log is full, and oprf work that may be in it twice.
struct Watch {
    local: Local,
    log_full: AtomicBool,
}

impl Watch {
    fn note(&self, error: &HsmError) {
        if matches!(error, HsmError::LogFull) {
            self.log_full.store(true, Ordering::Relaxed);
        }
    }
}

struct PinnedKey {
    port: Arc<dyn SiteDevice>,
    which: EcdhKey,
    public: Point,
    watch: Arc<Watch>,
}

impl DeviceKey for PinnedKey {
    fn public(&self) -> Point {
        self.public
    }

    fn ecdh(&self, point: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError> {
        let away = |e: &dyn std::fmt::Display| DeviceKeyError::Unavailable(e.to_string());
        if self.which == EcdhKey::Oprf {
            self.watch.local.count_oprf_call().map_err(|e| away(&e))?;
        }
        let done = self.port.ecdh(self.which, point).inspect_err(|e| self.watch.note(e));
        let repeats = self.port.take_uncertain_repeats();
        if repeats > 0 {
            self.watch.local.count_repeats_now(repeats).map_err(|e| away(&e))?;
        }
        done.map_err(|e| away(&e))
    }
}
