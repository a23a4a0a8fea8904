//! The keys of one device, each pinned to the validation bundle.

use crate::site::ports::DeviceFault;
use recovery_crypto::{DeviceKey, DeviceKeyError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vault_protocol::{Device, Point, Signature64};
use yubihsm_device::{EcdhKey, HsmError, SiteDevice};
use zeroize::Zeroizing;

/// Public halves as the bundle has them.
#[derive(Clone, Copy, Debug)]
pub struct PinnedKeys {
    /// Evaluates codes.
    pub oprf: Point,
    /// Opens boxes.
    pub seal: Point,
    /// Opens sessions.
    pub session: Point,
    /// Shared by the fleet.
    pub fleet: Point,
    /// Signs what the site says.
    pub receipt: Point,
}

impl PinnedKeys {
    /// As the bundle names them.
    pub fn of(device: &Device, fleet: Point) -> Self {
        let Device { oprf_key, seal_key, session_key, receipt_key, .. } = *device;
        let [oprf, seal, session, receipt] = [oprf_key, seal_key, session_key, receipt_key];
        Self { oprf, seal, session, fleet, receipt }
    }
}

/// The private halves: what the device does with them.
pub struct Keys {
    port: Arc<dyn SiteDevice>,
    /// Evaluates codes.
    pub oprf: Arc<dyn DeviceKey>,
    /// Opens boxes.
    pub seal: Arc<dyn DeviceKey>,
    /// Opens sessions.
    pub session: Arc<dyn DeviceKey>,
    log_was_full: Arc<AtomicBool>,
}

impl Keys {
    pub(super) fn pin(port: Arc<dyn SiteDevice>, pinned: &PinnedKeys) -> Result<Self, DeviceFault> {
        let away = |error: HsmError| DeviceFault::Away(error.to_string());
        let wanted = [
            (EcdhKey::Oprf, pinned.oprf, "oprf key"),
            (EcdhKey::Seal, pinned.seal, "seal key"),
            (EcdhKey::Session, pinned.session, "session key"),
            (EcdhKey::Fleet, pinned.fleet, "fleet key"),
        ];
        for (key, point, name) in wanted {
            if port.public_key(key).map_err(away)? != point {
                return Err(wrong_key(name));
            }
        }
        if port.receipt_public_key().map_err(away)? != pinned.receipt {
            return Err(wrong_key("receipt key"));
        }
        let log_was_full = Arc::new(AtomicBool::new(false));
        let key = |which, public| -> Arc<dyn DeviceKey> {
            let log_was_full = log_was_full.clone();
            Arc::new(PinnedKey { port: port.clone(), which, public, log_was_full })
        };
        Ok(Self {
            oprf: key(EcdhKey::Oprf, pinned.oprf),
            seal: key(EcdhKey::Seal, pinned.seal),
            session: key(EcdhKey::Session, pinned.session),
            port,
            log_was_full,
        })
    }

    /// ECDSA of the receipt key over `message`.
    pub fn sign(&self, message: &[u8]) -> Result<Signature64, HsmError> {
        self.port.sign_receipt(message)
    }

    /// Keeps the session with the device open.
    ///
    /// # Errors
    /// Any of [`HsmError`].
    pub fn keep_alive(&self) -> Result<(), HsmError> {
        self.port.keep_alive()
    }

    /// Uses of the oprf key since the last call that were repeated although the first may be in the
    /// log.
    pub(super) fn take_repeats(&self) -> u64 {
        self.port.take_uncertain_repeats()
    }

    /// Whether an ECDH failed since the last call because the log was full: its error says only
    /// that.
    pub(super) fn take_log_was_full(&self) -> bool {
        self.log_was_full.swap(false, Ordering::Relaxed)
    }
}

fn wrong_key(name: &str) -> DeviceFault {
    DeviceFault::Refused(format!("its {name} is not the one in the validation bundle"))
}

/// One key of the device, as the mathematics sees it.
struct PinnedKey {
    port: Arc<dyn SiteDevice>,
    which: EcdhKey,
    public: Point,
    log_was_full: Arc<AtomicBool>,
}

impl DeviceKey for PinnedKey {
    fn public(&self) -> Point {
        self.public
    }

    fn ecdh(&self, point: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError> {
        self.port.ecdh(self.which, point).map_err(|error| {
            if matches!(error, HsmError::LogFull) {
                self.log_was_full.store(true, Ordering::Relaxed);
            }
            DeviceKeyError::Unavailable(error.to_string())
        })
    }
}
