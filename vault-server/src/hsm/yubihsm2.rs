//! [`SiteDevice`] over the `yubihsm` crate, with what that crate needs around it:
//!
//! - after an outer error (the device restarted, the session idled out) its session looks open for ever, so the client
//!   is built anew, and the command is sent once more: every command here may be repeated;
//! - its lists end silently at the first id that it does not know, so the log is read over [`RawSession`];
//! - its own timeout setting is ignored and is 20 s; callers must expect that long a wait.

use super::lists::{self, DeviceInfo};
use super::objects::{OPERATIONAL_AUTH_KEY, RECEIPT_KEY, ecdh_key_id};
use super::raw_session::{RawSession, once_a_session_is_free};
use super::{AuthKey, ConnectorAddress, DeviceLog, EcdhKey, HsmError, Identity, SiteDevice};
use p256::ecdsa::Signature;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use vault_protocol::{Point, Signature64};
use yubihsm::client::{Error as ClientError, ErrorKind};
use yubihsm::connector::http::HttpConfig;
use yubihsm::{Client, Connector, asymmetric, device, ecdh};
use zeroize::Zeroizing;

/// A session idles out after 30 s; past this it is not worth trying.
const RAW_IDLE: Duration = Duration::from_secs(25);

/// How to reach a site's device.
#[derive(Clone, Debug)]
pub struct SiteDeviceOptions {
    pub connector: ConnectorAddress,
    /// 0x0201 unless a fleet says otherwise.
    pub auth_key_id: u16,
    pub auth_key: AuthKey,
    /// The device's certificates end at the mock root (found in the ceremony).
    pub mock: bool,
}

impl SiteDeviceOptions {
    /// With the operational key's usual id.
    pub fn new(connector: ConnectorAddress, auth_key: AuthKey, mock: bool) -> Self {
        Self { connector, auth_key_id: OPERATIONAL_AUTH_KEY, auth_key, mock }
    }
}

/// One YubiHSM2, shared by all threads of a site; the device itself works one command at a time.
pub struct YubiHsm2 {
    options: SiteDeviceOptions,
    client: Mutex<Option<Client>>,
    raw: Mutex<Option<(RawSession, Instant)>>,
    uncertain_repeats: AtomicU64,
    uncertain_evaluations: AtomicU64,
}

impl YubiHsm2 {
    /// Connects and authenticates; waits while all of the device's sessions are taken.
    ///
    /// # Errors
    /// The device cannot be reached, or refuses the key.
    pub fn open(options: SiteDeviceOptions) -> Result<Self, HsmError> {
        let device = Self {
            options,
            client: Mutex::new(None),
            raw: Mutex::new(None),
            uncertain_repeats: AtomicU64::new(0),
            uncertain_evaluations: AtomicU64::new(0),
        };
        once_a_session_is_free(|| device.client())?;
        Ok(device)
    }

    /// Commands, other than with the oprf key, that were repeated although the first may have been done and logged: the answer was lost on the way.
    /// The log may show up to this many more than a site asked for.
    pub fn uncertain_repeats(&self) -> u64 {
        self.uncertain_repeats.load(Ordering::Relaxed)
    }

    fn client(&self) -> Result<Client, HsmError> {
        let mut slot = lock(&self.client);
        if let Some(client) = slot.as_ref() {
            return Ok(client.clone());
        }
        let credentials = self.options.auth_key.credentials(self.options.auth_key_id);
        let open = || Client::open(connector(&self.options.connector), credentials, true);
        let client = guarded("open session", self.options.auth_key_id, open).map_err(Fault::into_error)?;
        Ok(slot.insert(client).clone())
    }

    /// Runs an idempotent command; on a lost session or connection once more, with a new client.
    fn run<T>(&self, name: &'static str, f: impl Fn(&Client) -> Result<T, ClientError>) -> Result<T, HsmError> {
        self.run_noting(name, &self.uncertain_repeats, f)
    }

    /// As [`Self::run`]; counts in `uncertain` if the device may have done the command twice.
    fn run_noting<T>(
        &self,
        name: &'static str,
        uncertain: &AtomicU64,
        f: impl Fn(&Client) -> Result<T, ClientError>,
    ) -> Result<T, HsmError> {
        let id = self.options.auth_key_id;
        let client = self.client()?;
        let (maybe_done, error) = match guarded(name, id, || f(&client)) {
            Ok(value) => return Ok(value),
            Err(Fault::Final(error)) => return Err(error),
            Err(Fault::Lost { maybe_done, error }) => (maybe_done, error),
        };
        tracing::warn!(%error, "opening a new session with the device");
        *lock(&self.client) = None;
        if maybe_done {
            uncertain.fetch_add(1, Ordering::Relaxed);
        }
        let client = self.client()?;
        guarded(name, id, || f(&client)).map_err(|again| {
            *lock(&self.client) = None;
            again.into_error()
        })
    }

    /// Runs a reading command over the raw session; on any failure but a refusal once more, with a new session.
    fn read(&self, name: &'static str, code: u8, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, HsmError> {
        let mut slot = lock(&self.raw);
        if let Some((mut session, used)) = slot.take()
            && used.elapsed() < RAW_IDLE
        {
            match session.command(name, code, data) {
                Ok(answer) => {
                    *slot = Some((session, Instant::now()));
                    return Ok(answer);
                }
                Err(e @ (HsmError::Refused { .. } | HsmError::LogFull)) => return Err(e),
                Err(_) => {}
            }
        }
        let mut session = RawSession::open(&self.options.connector, self.options.auth_key_id, &self.options.auth_key)?;
        let answer = session.command(name, code, data)?;
        *slot = Some((session, Instant::now()));
        Ok(answer)
    }

    fn p256_key(&self, id: u16) -> Result<Point, HsmError> {
        point_of(&self.run("get public key", |c| c.get_public_key(id))?)
    }
}

impl SiteDevice for YubiHsm2 {
    fn identity(&self) -> Result<Identity, HsmError> {
        let info = DeviceInfo::parse(&self.read("device info", lists::DEVICE_INFO, &[])?)?;
        Ok(Identity { serial: info.serial, firmware: info.firmware_text(), mock: self.options.mock })
    }

    fn public_key(&self, key: EcdhKey) -> Result<Point, HsmError> {
        self.p256_key(ecdh_key_id(key))
    }

    fn receipt_public_key(&self) -> Result<Point, HsmError> {
        self.p256_key(RECEIPT_KEY)
    }

    fn ecdh(&self, key: EcdhKey, point: &Point) -> Result<Zeroizing<[u8; 32]>, HsmError> {
        let point = ecdh::UncompressedPoint::from_bytes(point.0).expect("65 bytes are one of the crate's lengths");
        let ecdh = |c: &Client| c.derive_ecdh(ecdh_key_id(key), point.clone());
        let x = match key {
            EcdhKey::Oprf => self.run_noting("derive ecdh", &self.uncertain_evaluations, ecdh),
            EcdhKey::Seal | EcdhKey::Fleet | EcdhKey::Session => self.run("derive ecdh", ecdh),
        }?;
        let mut out = Zeroizing::new([0; 32]);
        if x.as_slice().len() != out.len() {
            return Err(HsmError::BadAnswer { command: "derive ecdh", reason: "not 32 bytes".into() });
        }
        out.copy_from_slice(x.as_slice());
        Ok(out)
    }

    fn take_uncertain_repeats(&self) -> u64 {
        self.uncertain_evaluations.swap(0, Ordering::Relaxed)
    }

    fn sign_receipt(&self, message: &[u8]) -> Result<Signature64, HsmError> {
        let digest = Sha256::digest(message).to_vec();
        let der = self.run("sign ecdsa", |c| c.sign_ecdsa_prehash_raw(RECEIPT_KEY, digest.clone()))?;
        let signature = Signature::from_der(&der)
            .map_err(|_| HsmError::BadAnswer { command: "sign ecdsa", reason: "not a signature".into() })?;
        Ok(Signature64(signature.normalize_s().unwrap_or(signature).to_bytes().into()))
    }

    fn read_log(&self) -> Result<DeviceLog, HsmError> {
        lists::parse_log(&self.read("get log entries", lists::GET_LOG_ENTRIES, &[])?)
    }

    fn acknowledge_log(&self, number: u16) -> Result<(), HsmError> {
        self.run("set log index", |c| c.set_log_index(number))
    }

    fn keep_alive(&self) -> Result<(), HsmError> {
        self.run("echo", Client::ping).map(|_| ())
    }
}

/// A connector of the crate for an address.
pub(super) fn connector(address: &ConnectorAddress) -> Connector {
    // The crate ignores timeout_ms and uses 20 s.
    Connector::http(&HttpConfig { addr: address.host.clone(), port: address.port, timeout_ms: 20_000 })
}

/// `04 || x || y`, checked to be on the curve.
pub(super) fn point_of(key: &asymmetric::PublicKey) -> Result<Point, HsmError> {
    let bad = |reason: &str| HsmError::BadAnswer { command: "get public key", reason: reason.into() };
    let encoded = key.ecdsa::<p256::NistP256>().ok_or_else(|| bad("not a P-256 key"))?;
    let point: Option<p256::PublicKey> = p256::PublicKey::from_encoded_point(&encoded).into();
    let bytes = point.ok_or_else(|| bad("not on the curve"))?.to_encoded_point(false);
    Point::from_slice(bytes.as_bytes()).ok_or_else(|| bad("not 65 bytes"))
}

/// What went wrong in the crate's client.
pub(super) enum Fault {
    /// The device answered no.
    Final(HsmError),
    /// The session or the connection is gone.
    Lost { maybe_done: bool, error: HsmError },
}

impl Fault {
    pub(super) fn into_error(self) -> HsmError {
        match self {
            Self::Final(error) | Self::Lost { error, .. } => error,
        }
    }
}

/// Runs a call of the crate. It panics on some malformed answers, and a panic would poison its session for good: here
/// that is a lost session.
pub(super) fn guarded<T>(
    command: &'static str,
    auth_key: u16,
    call: impl FnOnce() -> Result<T, ClientError>,
) -> Result<T, Fault> {
    let malformed = || HsmError::BadAnswer { command, reason: "the client could not read it".into() };
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|e| fault(command, auth_key, &e)),
        Err(_) => Err(Fault::Lost { maybe_done: true, error: malformed() }),
    }
}

fn fault(command: &'static str, auth_key: u16, error: &ClientError) -> Fault {
    let reason = error.to_string();
    match error.kind() {
        ErrorKind::AuthenticationError => Fault::Final(HsmError::WrongAuthKey(auth_key)),
        ErrorKind::DeviceError => match error.device_error() {
            Some(device::ErrorKind::LogFull) => Fault::Final(HsmError::LogFull),
            Some(device::ErrorKind::InvalidSession) => Fault::Lost { maybe_done: false, error: HsmError::SessionLost },
            _ => Fault::Final(HsmError::Refused { command, reason }),
        },
        // An outer error: the device did not know the session, and so did nothing.
        ErrorKind::ResponseError | ErrorKind::ClosedSessionError => {
            Fault::Lost { maybe_done: false, error: HsmError::SessionLost }
        }
        _ => Fault::Lost { maybe_done: true, error: HsmError::Unreachable(format!("{command}: {reason}")) },
    }
}

/// The slots hold nothing that a panic elsewhere could leave half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
