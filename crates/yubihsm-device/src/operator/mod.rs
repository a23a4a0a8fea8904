//! What only a ceremony does with a device: reset, options, logins, keys, cloning, attestation.

mod commands;

use crate::answers::{self, DeviceInfo, ObjectInfo};
use crate::commands::{self as shared, Command};
use crate::device_login::DeviceLogin;
use crate::objects::{AuthSpec, KeySpec, ObjectType};
use crate::raw_session::{Fault, POLL, once_a_session_is_free};
use crate::site_session::point_of;
use crate::{AuthKey, ConnectorAddress, DeviceLog, HsmError};
use fleet_evidence::device_log::Entry;
use fleet_evidence::device_profile::{DEFAULT_AUTH_KEY, FLEET_KEY, LEVEL_FIX, WRAP_KEY};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use vault_protocol::Point;
use yubihsm::wrap;
use zeroize::Zeroizing;

/// A device that restarts answers again within about 5 s.
const RESTART: Duration = Duration::from_secs(40);

/// A login with one device. A command whose answer is lost is not repeated: the log tells whether
/// it was done.
pub struct OperatorSession(Mutex<DeviceLogin>);

/// Audit settings as the device reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditOptions {
    /// 0 off, 1 on, 2 fixed until the next factory reset: whether a full log stops the device.
    pub force: u8,
    /// Command and setting, in the device's order.
    pub commands: Vec<(u8, u8)>,
}

impl OperatorSession {
    /// Opens a session; waits while all of the device's 16 are taken.
    ///
    /// # Errors
    /// [`HsmError::WrongAuthKey`], [`HsmError::Unreachable`], or what the device refused.
    pub fn open(address: &ConnectorAddress, key_id: u16, key: &AuthKey) -> Result<Self, HsmError> {
        let session = Self(Mutex::new(DeviceLogin::new(address.clone(), key_id, key.clone())));
        once_a_session_is_free(|| session.login().open())?;
        Ok(session)
    }

    /// Opens with the factory's login.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_default(address: &ConnectorAddress) -> Result<Self, HsmError> {
        Self::open(address, DEFAULT_AUTH_KEY, &AuthKey::factory_default())
    }

    fn login(&self) -> MutexGuard<'_, DeviceLogin> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_run(&self, command: &Command) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.login().run(command)
    }

    fn run(&self, command: &Command) -> Result<Zeroizing<Vec<u8>>, HsmError> {
        self.try_run(command).map_err(Fault::into_error)
    }

    /// What the device says of itself.
    ///
    /// # Errors
    /// Any of [`HsmError`]; so for all that follow.
    pub fn info(&mut self) -> Result<DeviceInfo, HsmError> {
        DeviceInfo::parse(&self.run(&shared::device_info())?)
    }

    /// Every object that this login can see, of known and unknown types.
    pub fn objects(&mut self) -> Result<Vec<ObjectInfo>, HsmError> {
        let handles = answers::parse_objects(&self.run(&commands::list_objects())?)?;
        handles.iter().map(|h| self.object(h.id, h.kind)).collect()
    }

    /// One object by id and raw type.
    pub fn object(&mut self, id: u16, kind: u8) -> Result<ObjectInfo, HsmError> {
        ObjectInfo::parse(&self.run(&commands::get_object_info(id, kind))?)
    }

    /// All entries that the device still holds.
    pub fn read_log(&mut self) -> Result<DeviceLog, HsmError> {
        answers::parse_log(&self.run(&shared::get_log_entries())?)
    }

    /// Frees the log up to `number`: persist it first.
    pub fn acknowledge_log(&self, number: u16) -> Result<(), HsmError> {
        self.run(&shared::set_log_index(number)).map(|_| ())
    }

    /// For which commands uses are logged, and what happens when the log is full.
    pub fn audit_options(&mut self) -> Result<AuditOptions, HsmError> {
        let force = self.run(&commands::get_option(answers::FORCE_AUDIT))?;
        let commands = self.run(&commands::get_option(answers::COMMAND_AUDIT))?;
        let [force] = force[..] else {
            return Err(HsmError::bad_answer("get option", "not one byte"));
        };
        Ok(AuditOptions { force, commands: answers::parse_command_audit(&commands)? })
    }

    /// Sets audit of `commands` to FIX, in one command.
    pub fn fix_command_audit(&mut self, commands: &[u8]) -> Result<(), HsmError> {
        let pairs: Vec<u8> = commands.iter().flat_map(|c| [*c, LEVEL_FIX]).collect();
        self.run(&commands::set_option(answers::COMMAND_AUDIT, &pairs)).map(|_| ())
    }

    /// Lets a full log stop the device, until a factory reset.
    pub fn fix_force_audit(&mut self) -> Result<(), HsmError> {
        self.run(&commands::set_option(answers::FORCE_AUDIT, &[LEVEL_FIX])).map(|_| ())
    }

    /// Makes a login with this key.
    pub fn put_login(&self, spec: &AuthSpec, key: &AuthKey) -> Result<(), HsmError> {
        self.run(&commands::put_authentication_key(spec, key)?).map(|_| ())
    }

    /// Makes a key inside the device, in these domains (one bit each) and with the label `text`.
    pub fn generate_key(
        &self,
        spec: &KeySpec,
        domain_bits: u16,
        text: &str,
    ) -> Result<(), HsmError> {
        self.run(&shared::generate_key(spec, domain_bits, text)?).map(|_| ())
    }

    /// Puts the cloning key with one of its two powers, over the fleet key's capabilities only.
    pub fn put_wrap_key(&self, key: &Zeroizing<[u8; 32]>, power: u64) -> Result<(), HsmError> {
        self.run(&commands::put_wrap_key(key, power)?).map(|_| ())
    }

    /// The fleet key, wrapped with the cloning key.
    pub fn export_fleet_key(&self) -> Result<wrap::Message, HsmError> {
        let command = commands::export_wrapped(WRAP_KEY, ObjectType::AsymmetricKey, FLEET_KEY);
        let sealed = self.run(&command)?;
        wrap::Message::from_vec(sealed.to_vec())
            .map_err(|e| HsmError::BadAnswer { command: command.name, reason: e.to_string() })
    }

    /// Takes in what another device of the fleet gave out.
    pub fn import_fleet_key(&self, message: &wrap::Message) -> Result<(), HsmError> {
        self.run(&commands::import_wrapped(WRAP_KEY, message)).map(|_| ())
    }

    /// Deletes an object.
    pub fn delete(&self, id: u16, kind: ObjectType) -> Result<(), HsmError> {
        self.run(&shared::delete_object(id, kind)).map(|_| ())
    }

    /// DER certificate of key `id`, signed by the factory's key.
    pub fn attest(&self, id: u16) -> Result<Vec<u8>, HsmError> {
        Ok(self.run(&shared::attest(id))?.to_vec())
    }

    /// DER certificate of the factory's attestation key.
    pub fn factory_certificate(&self) -> Result<Vec<u8>, HsmError> {
        Ok(self.run(&commands::get_factory_certificate())?.to_vec())
    }

    /// The public half of key `id`.
    pub fn public_key(&self, id: u16) -> Result<Point, HsmError> {
        point_of(&self.run(&shared::get_public_key(id))?)
    }

    /// Factory reset; returns a session of the factory's login and the first line of the new log.
    ///
    /// # Errors
    /// [`HsmError::BadAnswer`] if the log did not begin anew.
    pub fn reset(mut self) -> Result<(Self, Entry), HsmError> {
        let before = self.read_log()?.entries.first().copied();
        let command = commands::reset_device();
        match self.try_run(&command) {
            // A device that restarts at once may not get its answer out; the log tells.
            Ok(_) | Err(Fault::Lost { maybe_done: true, .. }) => {}
            Err(fault) => return Err(fault.into_error()),
        }
        let address = self.login().address().clone();
        drop(self);
        let mut fresh = reopen(&address)?;
        let first = fresh.read_log()?.entries.first().copied();
        match first.filter(|line| line.is_reset() && Some(*line) != before) {
            Some(line) => Ok((fresh, line)),
            None => Err(HsmError::BadAnswer {
                command: command.name,
                reason: "the log did not begin anew".into(),
            }),
        }
    }
}

fn reopen(address: &ConnectorAddress) -> Result<OperatorSession, HsmError> {
    let deadline = Instant::now() + RESTART;
    loop {
        match OperatorSession::open_default(address) {
            Ok(session) => return Ok(session),
            Err(e) if Instant::now() > deadline => return Err(e),
            Err(_) => std::thread::sleep(POLL),
        }
    }
}
