//! A device on a free port, and clients for it.

use hsm_mock::{BackgroundEmulator, Config, ConnectorOptions, Emulator, spawn_in_background_with};
use yubihsm::authentication::Credentials;

use crate::raw_client::RawClient;

use yubihsm::connector::HttpConfig;
use yubihsm::{Capability, Client, Connector, Domain, asymmetric, authentication, device, object};

pub(crate) const DOMAIN: Domain = Domain::DOM1;

pub(crate) struct Rig {
    pub emulator: Emulator,
    pub served: BackgroundEmulator,
}

impl Rig {
    pub(crate) fn new(serial: u32) -> Self {
        Self::of(Config::new(serial))
    }

    pub(crate) fn of(config: Config) -> Self {
        Self::with(config, ConnectorOptions::default())
    }

    pub(crate) fn served_with(serial: u32, options: ConnectorOptions) -> Self {
        Self::with(Config::new(serial), options)
    }

    fn with(config: Config, options: ConnectorOptions) -> Self {
        let emulator = Emulator::new(config).unwrap();
        let served = spawn_in_background_with(emulator.clone(), options).unwrap();
        Self { emulator, served }
    }

    pub(crate) fn connector(&self) -> Connector {
        let address = self.served.address();
        Connector::http(&HttpConfig {
            addr: address.ip().to_string(),
            port: address.port(),
            timeout_ms: 5000,
        })
    }

    /// A session that carries any bytes.
    pub(crate) fn raw(&self) -> RawClient {
        RawClient::open(self.served.address(), 1, b"password").unwrap()
    }

    /// A session with the factory key.
    pub(crate) fn admin(&self) -> Client {
        self.open(1, "password").unwrap()
    }

    pub(crate) fn open(&self, key: u16, password: &str) -> Result<Client, yubihsm::client::Error> {
        Client::open(self.connector(), Credentials::from_password(key, password.as_bytes()), false)
    }

    /// A session with a new authentication key, which can give the same capabilities to what it
    /// makes.
    pub(crate) fn limited(&self, id: u16, domains: Domain, capabilities: Capability) -> Client {
        self.limited_delegating(id, domains, capabilities, capabilities)
    }

    pub(crate) fn limited_delegating(
        &self,
        id: u16,
        domains: Domain,
        own: Capability,
        delegated: Capability,
    ) -> Client {
        let key = authentication::Key::derive_from_password(b"limited");
        let algorithm = authentication::Algorithm::YubicoAes;
        self.admin()
            .put_authentication_key(id, "limited".into(), domains, own, delegated, algorithm, key)
            .unwrap();
        self.open(id, "limited").unwrap()
    }
}

/// Makes a P-256 key.
pub(crate) fn generate(client: &Client, id: u16, capabilities: Capability) -> u16 {
    let algorithm = asymmetric::Algorithm::EcP256;
    client.generate_asymmetric_key(id, "key".into(), DOMAIN, capabilities, algorithm).unwrap()
}

/// The device's reason for a failure.
pub(crate) fn refusal<T: std::fmt::Debug>(
    result: Result<T, yubihsm::client::Error>,
) -> device::ErrorKind {
    let error = result.unwrap_err();
    error.device_error().unwrap_or_else(|| panic!("not the device's own error: {error}"))
}

/// 04 || x || y of a key.
pub(crate) fn public_point(client: &Client, id: u16) -> Vec<u8> {
    [&[4], client.get_public_key(id).unwrap().as_slice()].concat()
}

pub(crate) const ASYMMETRIC: object::Type = object::Type::AsymmetricKey;
