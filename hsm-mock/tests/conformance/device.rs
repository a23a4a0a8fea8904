//! A device just reset, and a session with its factory key.

use std::sync::LazyLock;

use hsm_mock::host::{Host, HostError, data, plain};
use hsm_mock::{Config, Emulator, Firmware};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

use crate::behaviour::Outcome;

/// A transport to the emulator in this process.
pub(crate) type Transport = Box<dyn FnMut(&[u8]) -> Vec<u8>>;

static FACTORY_KEYS: LazyLock<[u8; 32]> = LazyLock::new(|| keys(b"password"));

pub(crate) struct Device {
    pub emulator: Emulator,
    pub session: Host<Transport>,
}

/// `K-ENC || K-MAC` of a password.
pub(crate) fn keys(password: &[u8]) -> [u8; 32] {
    let mut keys = [0; 32];
    pbkdf2_hmac::<Sha256>(password, b"Yubico", 10_000, &mut keys);
    keys
}

impl Device {
    pub(crate) fn new(firmware: Firmware) -> Self {
        let config = Config::new(7).with_firmware(firmware).with_seed(1);
        let emulator = Emulator::new(config).unwrap();
        let session = open(&emulator, 1, &FACTORY_KEYS).unwrap();
        Self { emulator, session }
    }

    /// As it left the factory.
    pub(crate) fn reset(&mut self) {
        self.emulator.factory_reset().unwrap();
        self.session = self.open(1, &FACTORY_KEYS).unwrap();
    }

    pub(crate) fn firmware(&self) -> Firmware {
        self.emulator.firmware()
    }

    pub(crate) fn open(&self, key: u16, keys: &[u8; 32]) -> Outcome<Host<Transport>> {
        open(&self.emulator, key, keys)
    }

    /// A session with a new authentication key that has these capabilities.
    pub(crate) fn as_user(&mut self, capabilities: u64, delegated: u64) -> Host<Transport> {
        let key = [9; 32];
        let new = new(50, 1, capabilities, 38);
        let arguments = [&new[..], &delegated.to_be_bytes(), &key].concat();
        self.session.command(0x44, &arguments).unwrap();
        self.open(50, &key).unwrap()
    }

    /// A command in the session with the factory key.
    pub(crate) fn command(&mut self, code: u8, data: &[u8]) -> Outcome<Vec<u8>> {
        self.session.command(code, data)
    }

    /// A message outside any session.
    pub(crate) fn message(&self, message: &[u8]) -> Outcome<Vec<u8>> {
        data(message[0], &self.emulator.transceive_now(message))
    }

    pub(crate) fn plain(&self, code: u8, data: &[u8]) -> Outcome<Vec<u8>> {
        self.message(&plain(code, data))
    }

    /// A new key or other object, in domain 1, with all its delegated capabilities where there are
    /// some.
    pub(crate) fn put(
        &mut self,
        code: u8,
        id: u16,
        can: u64,
        algorithm: u8,
        rest: &[u8],
    ) -> Outcome {
        let arguments = [&new(id, 1, can, algorithm)[..], rest].concat();
        self.command(code, &arguments).map(drop)
    }

    pub(crate) fn public_key(&mut self, id: u16) -> Outcome<Vec<u8>> {
        Ok(self.command(0x54, &id.to_be_bytes())?[1..].to_vec())
    }
}

fn open(emulator: &Emulator, key: u16, keys: &[u8; 32]) -> Result<Host<Transport>, HostError> {
    let emulator = emulator.clone();
    let transport: Transport = Box::new(move |message| emulator.transceive_now(message).to_vec());
    Host::open_with_keys(transport, key, keys)
}

/// What every new object begins with: id, label, domains, capabilities, algorithm.
pub(crate) fn new(id: u16, domains: u16, capabilities: u64, algorithm: u8) -> Vec<u8> {
    let mut label = [0; 40];
    label[..5].copy_from_slice(b"label");
    [
        &id.to_be_bytes()[..],
        &label,
        &domains.to_be_bytes(),
        &capabilities.to_be_bytes(),
        &[algorithm],
    ]
    .concat()
}

/// Ids, one after the other.
pub(crate) fn ids(ids: &[u16]) -> Vec<u8> {
    ids.iter().flat_map(|id| id.to_be_bytes()).collect()
}
