//! What only a ceremony does with a device: reset, options, logins, keys, cloning, attestation.

use super::auth_key::DEFAULT_AUTH_KEY_ID;
use super::lists::{self, DeviceInfo, ObjectInfo};
use super::objects::{AuthSpec, FLEET_KEY, KEY_DOMAIN, KeySpec, ObjectType, WRAP_KEY, capability};
use super::raw_session::{POLL, RawSession, once_a_session_is_free};
use super::yubihsm2::{Fault, connector, guarded, point_of};
use super::{AuthKey, ConnectorAddress, DeviceLog, HsmError, LogEntry};
use std::time::{Duration, Instant};
use vault_protocol::Point;
use yubihsm::client::Error as ClientError;
use yubihsm::{Capability, Client, Domain, asymmetric, authentication, object, wrap};
use zeroize::Zeroizing;

/// A device that restarts answers again within about 5 s.
const RESTART: Duration = Duration::from_secs(40);
/// Opaque object and key that the factory put into every device (id 0).
const FACTORY_ID: u16 = 0;

/// Sessions of one login with one device.
pub struct AdminSession {
    address: ConnectorAddress,
    key_id: u16,
    client: Client,
    raw: RawSession,
}

/// Audit settings as the device reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditOptions {
    pub force: u8,
    /// Command and setting, in the device's order.
    pub commands: Vec<(u8, u8)>,
}

impl AdminSession {
    /// Opens sessions; waits while all of the device's 16 are taken.
    ///
    /// # Errors
    /// [`HsmError::WrongAuthKey`], [`HsmError::Unreachable`], or what the device refused.
    pub fn open(address: &ConnectorAddress, key_id: u16, key: &AuthKey) -> Result<Self, HsmError> {
        once_a_session_is_free(|| Self::try_open(address, key_id, key))
    }

    fn try_open(address: &ConnectorAddress, key_id: u16, key: &AuthKey) -> Result<Self, HsmError> {
        let raw = RawSession::open(address, key_id, key)?;
        let open = || Client::open(connector(address), key.credentials(key_id), true);
        let client = guarded("open session", key_id, open).map_err(Fault::into_error)?;
        Ok(Self { address: address.clone(), key_id, client, raw })
    }

    /// Opens with the factory's login.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_default(address: &ConnectorAddress) -> Result<Self, HsmError> {
        Self::open(address, DEFAULT_AUTH_KEY_ID, &AuthKey::factory_default())
    }

    fn run<T>(&self, name: &'static str, f: impl Fn(&Client) -> Result<T, ClientError>) -> Result<T, HsmError> {
        guarded(name, self.key_id, || f(&self.client)).map_err(Fault::into_error)
    }

    /// # Errors
    /// Any of [`HsmError`]; so for all that follow.
    pub fn info(&mut self) -> Result<DeviceInfo, HsmError> {
        DeviceInfo::parse(&self.raw.command("device info", lists::DEVICE_INFO, &[])?)
    }

    /// Every object that this login can see, of known and unknown types.
    pub fn objects(&mut self) -> Result<Vec<ObjectInfo>, HsmError> {
        let handles = lists::parse_objects(&self.raw.command("list objects", lists::LIST_OBJECTS, &[])?)?;
        handles.iter().map(|h| self.object(h.id, h.kind)).collect()
    }

    /// One object by id and raw type.
    pub fn object(&mut self, id: u16, kind: u8) -> Result<ObjectInfo, HsmError> {
        let [high, low] = id.to_be_bytes();
        ObjectInfo::parse(&self.raw.command("get object info", lists::GET_OBJECT_INFO, &[high, low, kind])?)
    }

    pub fn read_log(&mut self) -> Result<DeviceLog, HsmError> {
        lists::parse_log(&self.raw.command("get log entries", lists::GET_LOG_ENTRIES, &[])?)
    }

    /// Frees the log up to `number`: persist it first.
    pub fn acknowledge_log(&self, number: u16) -> Result<(), HsmError> {
        self.run("set log index", |c| c.set_log_index(number))
    }

    pub fn audit_options(&mut self) -> Result<AuditOptions, HsmError> {
        let force = self.raw.command("get option", lists::GET_OPTION, &[lists::FORCE_AUDIT])?;
        let commands = self.raw.command("get option", lists::GET_OPTION, &[lists::COMMAND_AUDIT])?;
        let [force] = force[..] else {
            return Err(HsmError::BadAnswer { command: "get option", reason: "not one byte".into() });
        };
        Ok(AuditOptions { force, commands: lists::parse_command_audit(&commands)? })
    }

    /// Sets audit of `commands` to FIX, in one command: the crate has no names for those above 0x6c.
    pub fn fix_command_audit(&mut self, commands: &[u8]) -> Result<(), HsmError> {
        let pairs: Vec<u8> = commands.iter().flat_map(|c| [*c, lists::FIX]).collect();
        self.set_option(lists::COMMAND_AUDIT, &pairs)
    }

    pub fn fix_force_audit(&mut self) -> Result<(), HsmError> {
        self.set_option(lists::FORCE_AUDIT, &[lists::FIX])
    }

    fn set_option(&mut self, tag: u8, value: &[u8]) -> Result<(), HsmError> {
        let length = u16::try_from(value.len()).expect("at most two bytes for each of 256 commands");
        let data = [&[tag][..], &length.to_be_bytes(), value].concat();
        self.raw.command("set option", lists::SET_OPTION, &data).map(|_| ())
    }

    pub fn put_login(&self, spec: &AuthSpec, key: &AuthKey) -> Result<(), HsmError> {
        let (label, domains) = (label(spec.label)?, domains(spec.domains)?);
        let capabilities = Capability::from_bits_retain(spec.capabilities);
        let put = |c: &Client| {
            c.put_authentication_key(
                spec.id,
                label.clone(),
                domains,
                capabilities,
                Capability::empty(),
                authentication::Algorithm::YubicoAes,
                key.for_client(),
            )
        };
        self.run("put authentication key", put).map(|_| ())
    }

    pub fn generate_key(&self, spec: &KeySpec, domain_bits: u16, text: &str) -> Result<(), HsmError> {
        let (label, domains) = (label(text)?, domains(domain_bits)?);
        let capabilities = Capability::from_bits_retain(spec.capabilities);
        let algorithm = asymmetric::Algorithm::EcP256;
        let generate = |c: &Client| c.generate_asymmetric_key(spec.id, label.clone(), domains, capabilities, algorithm);
        self.run("generate asymmetric key", generate).map(|_| ())
    }

    /// Puts the cloning key with one of its two powers, over the fleet key's capabilities only.
    pub fn put_wrap_key(&self, key: &Zeroizing<[u8; 32]>, power: u64) -> Result<(), HsmError> {
        let (label, domains) = (label("keepsake cloning")?, domains(KEY_DOMAIN)?);
        let delegated = Capability::from_bits_retain(capability::DERIVE_ECDH | capability::EXPORTABLE_UNDER_WRAP);
        let power = Capability::from_bits_retain(power);
        let algorithm = wrap::Algorithm::Aes256Ccm;
        let put =
            |c: &Client| c.put_wrap_key(WRAP_KEY, label.clone(), domains, power, delegated, algorithm, key.as_slice());
        self.run("put wrap key", put).map(|_| ())
    }

    pub fn export_fleet_key(&self) -> Result<wrap::Message, HsmError> {
        self.run("export wrapped", |c| c.export_wrapped(WRAP_KEY, object::Type::AsymmetricKey, FLEET_KEY))
    }

    pub fn import_fleet_key(&self, message: &wrap::Message) -> Result<(), HsmError> {
        self.run("import wrapped", |c| c.import_wrapped(WRAP_KEY, message.clone())).map(|_| ())
    }

    pub fn delete(&self, id: u16, kind: ObjectType) -> Result<(), HsmError> {
        let kind = match kind {
            ObjectType::AuthenticationKey => object::Type::AuthenticationKey,
            ObjectType::AsymmetricKey => object::Type::AsymmetricKey,
            ObjectType::WrapKey => object::Type::WrapKey,
        };
        self.run("delete object", |c| c.delete_object(id, kind))
    }

    /// DER certificate of key `id`, signed by the factory's key.
    pub fn attest(&self, id: u16) -> Result<Vec<u8>, HsmError> {
        Ok(self
            .run("sign attestation certificate", |c| c.sign_attestation_certificate(id, Some(FACTORY_ID)))?
            .into_vec())
    }

    /// DER certificate of the factory's attestation key.
    pub fn factory_certificate(&self) -> Result<Vec<u8>, HsmError> {
        self.run("get opaque", |c| c.get_opaque(FACTORY_ID))
    }

    pub fn public_key(&self, id: u16) -> Result<Point, HsmError> {
        point_of(&self.run("get public key", |c| c.get_public_key(id))?)
    }

    /// Factory reset; returns a session of the factory's login and the first line of the new log.
    ///
    /// # Errors
    /// [`HsmError::BadAnswer`] if the log did not begin anew: the crate does not report a refused reset.
    pub fn reset(mut self) -> Result<(Self, LogEntry), HsmError> {
        let before = self.read_log()?.entries.first().copied();
        self.run("reset device", Client::reset_device)?;
        let address = self.address.clone();
        drop(self);
        let mut fresh = reopen(&address)?;
        let first = fresh.read_log()?.entries.first().copied();
        match first.filter(|line| line.is_reset() && Some(*line) != before) {
            Some(line) => Ok((fresh, line)),
            None => Err(HsmError::BadAnswer { command: "reset device", reason: "the log did not begin anew".into() }),
        }
    }
}

fn reopen(address: &ConnectorAddress) -> Result<AdminSession, HsmError> {
    let deadline = Instant::now() + RESTART;
    loop {
        match AdminSession::open_default(address) {
            Ok(session) => return Ok(session),
            Err(e) if Instant::now() > deadline => return Err(e),
            Err(_) => std::thread::sleep(POLL),
        }
    }
}

fn label(text: &str) -> Result<object::Label, HsmError> {
    object::Label::from_bytes(text.as_bytes())
        .map_err(|e| HsmError::Refused { command: "label", reason: e.to_string() })
}

fn domains(bits: u16) -> Result<Domain, HsmError> {
    Domain::from_bits(bits).ok_or_else(|| HsmError::Refused { command: "domains", reason: "unknown bits".into() })
}
