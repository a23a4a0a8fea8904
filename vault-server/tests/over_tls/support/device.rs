//! A device in memory: five keys and a forced, hash-chained log of 62 entries; it can be away, or
//! hang.

use fleet_evidence::device_log::{Entry, Head};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use rand_core::OsRng;
use recovery_crypto::{DeviceKey, SoftwareKey};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use vault_protocol::{Device, Point, Signature64};
use yubihsm_device::{DeviceLog, EcdhKey, HsmError, Identity, Refusal, SiteDevice};
use zeroize::Zeroizing;

const LOG_CAPACITY: usize = 62;
const LOGIN: u16 = 0x0201;

pub(crate) struct SoftwareDevice {
    serial: u32,
    oprf: SoftwareKey,
    seal: SoftwareKey,
    fleet: SoftwareKey,
    session: SoftwareKey,
    receipt: SigningKey,
    log: Mutex<Log>,
    /// As if the connector were gone.
    pub away: AtomicBool,
    /// Every command waits while this is set.
    hangs: Mutex<bool>,
    goes_on: Condvar,
    /// How long each ECDH or signature takes, in milliseconds.
    pub latency: AtomicU64,
    pub oprf_calls: AtomicU64,
    /// All that are logged.
    pub operations: AtomicU64,
    /// Commands refused because the log was full.
    pub refused_full: AtomicU64,
    anchor: Head,
}

struct Log {
    entries: Vec<Entry>,
    number: u16,
    digest: [u8; 16],
}

impl SoftwareDevice {
    pub(crate) fn new(serial: u32, fleet_scalar: &[u8; 32]) -> Self {
        let mut device = Self {
            serial,
            oprf: SoftwareKey::generate(&mut OsRng),
            seal: SoftwareKey::generate(&mut OsRng),
            fleet: SoftwareKey::from_bytes(fleet_scalar).unwrap(),
            session: SoftwareKey::generate(&mut OsRng),
            receipt: SigningKey::random(&mut OsRng),
            log: Mutex::new(Log { entries: vec![], number: 0, digest: [0x5a; 16] }),
            away: AtomicBool::new(false),
            hangs: Mutex::new(false),
            goes_on: Condvar::new(),
            latency: AtomicU64::new(0),
            oprf_calls: AtomicU64::new(0),
            operations: AtomicU64::new(0),
            refused_full: AtomicU64::new(0),
            anchor: Head { number: 0, digest: [0; 16] },
        };
        // What a ceremony leaves, in one line: the site reads on from it.
        let log = device.log.get_mut().unwrap();
        log.append(0xff, 0xffff, 0xffff, 0xff);
        log.entries.clear();
        device.anchor = Head { number: log.number, digest: log.digest };
        // The site makes its logins its own.
        log.append(0x6c, LOGIN, LOGIN, 0xec);
        log.append(0x6c, 0x0202, 0x0202, 0xec);
        device
    }

    pub(crate) fn in_bundle(&self) -> Device {
        Device {
            serial: self.serial,
            oprf_key: self.oprf.public(),
            seal_key: self.seal.public(),
            session_key: self.session.public(),
            receipt_key: self.receipt_point(),
        }
    }

    pub(crate) fn fleet_key(&self) -> Point {
        self.fleet.public()
    }

    /// Uses the oprf key as a thief with the operational login would.
    pub(crate) fn misuse(&self, login: u16) {
        self.log.lock().unwrap().append(0x57, login, 0x0101, 0xd7);
    }

    /// Signs behind the site's back until the log has room for `left` more entries.
    pub(crate) fn fill_log(&self, left: usize) {
        let mut log = self.log.lock().unwrap();
        while log.entries.len() + left < LOG_CAPACITY {
            log.append(0x56, LOGIN, 0x0104, 0xd6);
        }
    }

    fn receipt_point(&self) -> Point {
        Point::from_slice(self.receipt.verifying_key().to_encoded_point(false).as_bytes()).unwrap()
    }

    fn key(&self, key: EcdhKey) -> (&SoftwareKey, u16) {
        match key {
            EcdhKey::Oprf => (&self.oprf, 0x0101),
            EcdhKey::Seal => (&self.seal, 0x0102),
            EcdhKey::Fleet => (&self.fleet, 0x0103),
            EcdhKey::Session => (&self.session, 0x0105),
        }
    }

    pub(crate) fn hang(&self, hangs: bool) {
        *self.hangs.lock().unwrap() = hangs;
        self.goes_on.notify_all();
    }

    /// The last entry of the ceremony.
    pub(crate) fn anchor(&self) -> Head {
        self.anchor
    }

    fn reach(&self) -> Result<(), HsmError> {
        let hangs = self.hangs.lock().unwrap();
        drop(self.goes_on.wait_while(hangs, |hangs| *hangs).unwrap());
        match self.away.load(Ordering::Relaxed) {
            true => Err(HsmError::Unreachable("unplugged".into())),
            false => Ok(()),
        }
    }

    fn audited(&self, command: u8, target: u16) -> Result<(), HsmError> {
        self.reach()?;
        std::thread::sleep(Duration::from_millis(self.latency.load(Ordering::Relaxed)));
        let mut log = self.log.lock().unwrap();
        if log.entries.len() >= LOG_CAPACITY {
            self.refused_full.fetch_add(1, Ordering::Relaxed);
            return Err(HsmError::LogFull);
        }
        self.operations.fetch_add(1, Ordering::Relaxed);
        log.append(command, LOGIN, target, command | 0x80);
        Ok(())
    }
}

impl Log {
    fn append(&mut self, command: u8, login: u16, target: u16, result: u8) {
        self.number = self.number.checked_add(1).unwrap_or(1);
        let mut entry = [0; 32];
        entry[..2].copy_from_slice(&self.number.to_be_bytes());
        entry[2] = command;
        entry[5..7].copy_from_slice(&login.to_be_bytes());
        entry[7..9].copy_from_slice(&target.to_be_bytes());
        entry[9..11].copy_from_slice(&[0xff, 0xff]);
        entry[11] = result;
        let digest = Sha256::new().chain_update(&entry[..16]).chain_update(self.digest).finalize();
        self.digest.copy_from_slice(&digest[..16]);
        entry[16..].copy_from_slice(&self.digest);
        self.entries.push(Entry::read(&entry));
    }
}

impl SiteDevice for SoftwareDevice {
    fn identity(&self) -> Result<Identity, HsmError> {
        self.reach()?;
        Ok(Identity { serial: self.serial, firmware: "2.4.0".into(), mock: true })
    }

    fn public_key(&self, key: EcdhKey) -> Result<Point, HsmError> {
        self.reach()?;
        Ok(self.key(key).0.public())
    }

    fn receipt_public_key(&self) -> Result<Point, HsmError> {
        self.reach()?;
        Ok(self.receipt_point())
    }

    fn ecdh(&self, key: EcdhKey, point: &Point) -> Result<Zeroizing<[u8; 32]>, HsmError> {
        let (secret, id) = self.key(key);
        self.audited(0x57, id)?;
        if key == EcdhKey::Oprf {
            self.oprf_calls.fetch_add(1, Ordering::Relaxed);
        }
        let refused =
            |_| HsmError::Refused { command: "derive ecdh", refusal: Refusal::InvalidData };
        secret.ecdh(point).map_err(refused)
    }

    fn sign_receipt(&self, message: &[u8]) -> Result<Signature64, HsmError> {
        self.audited(0x56, 0x0104)?;
        let signature: Signature = self.receipt.sign(message);
        Ok(Signature64(signature.to_bytes().into()))
    }

    fn read_log(&self) -> Result<DeviceLog, HsmError> {
        self.reach()?;
        let entries = self.log.lock().unwrap().entries.clone();
        Ok(DeviceLog { unlogged_boots: 0, unlogged_authentications: 0, entries })
    }

    fn acknowledge_log(&self, number: u16) -> Result<(), HsmError> {
        self.reach()?;
        let mut log = self.log.lock().unwrap();
        let at = log.entries.iter().position(|e| e.number == number);
        log.entries.drain(..at.map_or(0, |at| at + 1));
        Ok(())
    }

    fn keep_alive(&self) -> Result<(), HsmError> {
        self.reach()
    }
}
