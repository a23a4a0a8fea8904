//! [`SiteDevice`] over one session with a YubiHSM2.
//!
//! Every command here may be repeated, so one whose answer is lost is sent once more over a new
//! session; the device may then have done it twice, and that is counted.

use super::answers::{self, DeviceInfo};
use super::commands::{self, Command};
use super::device_login::DeviceLogin;
use super::objects::ecdh_key_id;
use super::raw_session::{Fault, once_a_session_is_free};
use super::{AuthKey, ConnectorAddress, DeviceLog, EcdhKey, HsmError, Identity, SiteDevice};
use fleet_evidence::device_profile::{OPERATIONAL_AUTH_KEY, RECEIPT_KEY};
use p256::ecdsa::Signature;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use vault_protocol::{Point, Signature64};
use yubihsm::asymmetric;
use zeroize::Zeroizing;

/// How to reach a site's device.
#[derive(Clone, Debug)]
pub struct SiteSessionOptions {
    /// Where the device's connector is.
    pub connector: ConnectorAddress,
    /// 0x0201 unless a fleet says otherwise.
    pub auth_key_id: u16,
    /// Of the login that uses the site's keys.
    pub auth_key: AuthKey,
    /// The device's certificates end at the mock root (found in the ceremony).
    pub mock: bool,
}

impl SiteSessionOptions {
    /// With the operational key's usual id.
    pub fn new(connector: ConnectorAddress, auth_key: AuthKey, mock: bool) -> Self {
        Self { connector, auth_key_id: OPERATIONAL_AUTH_KEY, auth_key, mock }
    }
}

/// One YubiHSM2, shared by all threads of a site; the device itself works one command at a time.
pub struct SiteSession {
    login: Mutex<DeviceLogin>,
    mock: bool,
    uncertain_repeats: AtomicU64,
    uncertain_evaluations: AtomicU64,
}

impl SiteSession {
    /// Connects and authenticates; waits while all of the device's sessions are taken.
    ///
    /// # Errors
    /// The device cannot be reached, or refuses the key.
    pub fn open(options: SiteSessionOptions) -> Result<Self, HsmError> {
        let SiteSessionOptions { connector, auth_key_id, auth_key, mock } = options;
        let device = Self {
            login: Mutex::new(DeviceLogin::new(connector, auth_key_id, auth_key)),
            mock,
            uncertain_repeats: AtomicU64::new(0),
            uncertain_evaluations: AtomicU64::new(0),
        };
        once_a_session_is_free(|| device.login().open())?;
        Ok(device)
    }

    /// Commands, other than with the oprf key, that were repeated although the first may have been
    /// done and logged: the answer was lost on the way. The log may show up to this many more than
    /// a site asked for.
    pub fn uncertain_repeats(&self) -> u64 {
        self.uncertain_repeats.load(Ordering::Relaxed)
    }

    /// The login holds nothing that a panic elsewhere could leave half-done: at worst a lost
    /// session.
    fn login(&self) -> MutexGuard<'_, DeviceLogin> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, command: &Command) -> Result<Zeroizing<Vec<u8>>, HsmError> {
        self.run_noting(command, &self.uncertain_repeats)
    }

    /// Runs a command, once more if its answer was lost; counts in `uncertain` if the device may
    /// have done it twice.
    fn run_noting(
        &self,
        command: &Command,
        uncertain: &AtomicU64,
    ) -> Result<Zeroizing<Vec<u8>>, HsmError> {
        let mut login = self.login();
        let error = match login.run(command) {
            Err(Fault::Lost { maybe_done: true, error }) => error,
            other => return other.map_err(Fault::into_error),
        };
        tracing::warn!(%error, "sending a command to the device once more: its answer was lost");
        let again = login.run(command);
        if reached_device(&again) {
            uncertain.fetch_add(1, Ordering::Relaxed);
        }
        again.map_err(Fault::into_error)
    }

    fn p256_key(&self, id: u16) -> Result<Point, HsmError> {
        point_of(&self.run(&commands::get_public_key(id))?)
    }
}

/// Whether the device may have carried the command out.
fn reached_device<T>(answer: &Result<T, Fault>) -> bool {
    match answer {
        Ok(_) | Err(Fault::Lost { maybe_done: true, .. }) => true,
        // A refused command can leave a line in the log, but for want of room there.
        Err(Fault::Refused(error)) => !matches!(error, HsmError::LogFull),
        Err(Fault::NotSent(_) | Fault::Lost { maybe_done: false, .. }) => false,
    }
}

impl SiteDevice for SiteSession {
    fn identity(&self) -> Result<Identity, HsmError> {
        let info = DeviceInfo::parse(&self.run(&commands::device_info())?)?;
        Ok(Identity { serial: info.serial, firmware: info.firmware_text(), mock: self.mock })
    }

    fn public_key(&self, key: EcdhKey) -> Result<Point, HsmError> {
        self.p256_key(ecdh_key_id(key))
    }

    fn receipt_public_key(&self) -> Result<Point, HsmError> {
        self.p256_key(RECEIPT_KEY)
    }

    fn ecdh(&self, key: EcdhKey, point: &Point) -> Result<Zeroizing<[u8; 32]>, HsmError> {
        let command = commands::derive_ecdh(ecdh_key_id(key), point);
        let x = match key {
            EcdhKey::Oprf => self.run_noting(&command, &self.uncertain_evaluations),
            EcdhKey::Seal | EcdhKey::Fleet | EcdhKey::Session => self.run(&command),
        }?;
        let mut out = Zeroizing::new([0; 32]);
        if x.len() != out.len() {
            return Err(HsmError::bad_answer(command.name, "not 32 bytes"));
        }
        out.copy_from_slice(&x);
        Ok(out)
    }

    fn take_uncertain_repeats(&self) -> u64 {
        self.uncertain_evaluations.swap(0, Ordering::Relaxed)
    }

    fn sign_receipt(&self, message: &[u8]) -> Result<Signature64, HsmError> {
        let command = commands::sign_ecdsa(RECEIPT_KEY, &Sha256::digest(message).into());
        let signature = Signature::from_der(&self.run(&command)?)
            .map_err(|_| HsmError::bad_answer(command.name, "not a signature"))?;
        Ok(Signature64(signature.normalize_s().unwrap_or(signature).to_bytes().into()))
    }

    fn read_log(&self) -> Result<DeviceLog, HsmError> {
        answers::parse_log(&self.run(&commands::get_log_entries())?)
    }

    fn acknowledge_log(&self, number: u16) -> Result<(), HsmError> {
        self.run(&commands::set_log_index(number)).map(|_| ())
    }

    fn keep_alive(&self) -> Result<(), HsmError> {
        self.run(&commands::echo()).map(|_| ())
    }
}

/// Reads Get Public Key: algorithm, then `x || y`. The result is `04 || x || y`, checked to be on
/// the curve.
pub(super) fn point_of(answer: &[u8]) -> Result<Point, HsmError> {
    let bad = |reason: &str| HsmError::bad_answer("get public key", reason);
    let [algorithm, coordinates @ ..] = answer else { return Err(bad("empty")) };
    if *algorithm != asymmetric::Algorithm::EcP256.to_u8() {
        return Err(bad("not a P-256 key"));
    }
    let uncompressed = [&[0x04], coordinates].concat();
    let key =
        p256::PublicKey::from_sec1_bytes(&uncompressed).map_err(|_| bad("not on the curve"))?;
    Point::from_slice(key.to_encoded_point(false).as_bytes()).ok_or_else(|| bad("not 65 bytes"))
}
