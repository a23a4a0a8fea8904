//! Lets a device vouch for 40 characters: a powerless key carries them as its label, the factory
//! key attests it, and the key is deleted again (spec/evidence.md section 2.4). Three lines of the
//! audit log (generate, attest, delete).

use super::commands::{self, Command};
use super::device_login::DeviceLogin;
use super::objects::{KeySpec, ObjectType};
use super::raw_session::{Fault, once_a_session_is_free};
use super::{AuthKey, ConnectorAddress, HsmError, Refusal};
use fleet_evidence::attestation::pem;
use fleet_evidence::device_profile::{STATEMENT_AUTH_KEY, STATEMENT_DOMAINS, STATEMENT_KEY};
use fleet_evidence::folder::{DeviceStatement, Head, Purpose, statement_label};
use std::sync::{Mutex, PoisonError};
use vault_protocol::BundleId;
use zeroize::Zeroizing;

const POWERLESS: KeySpec = KeySpec { id: STATEMENT_KEY, label: "", capabilities: 0 };

/// The login for statements, 0x0202: it makes one statement at a time, each in a session of its
/// own, and names no other object than the statement's key.
pub struct StatementSession {
    connector: ConnectorAddress,
    key: AuthKey,
    turn: Mutex<()>,
}

impl StatementSession {
    /// With the login's key; nothing is opened yet.
    pub fn new(connector: ConnectorAddress, key: AuthKey) -> Self {
        Self { connector, key, turn: Mutex::new(()) }
    }

    /// DER certificate whose subject key's label is `label` (at most 40 bytes).
    ///
    /// # Errors
    /// Any of [`HsmError`]; a key left behind by a failure is deleted the next time.
    pub fn state(&self, label: &str) -> Result<Vec<u8>, HsmError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut login = self.open()?;
        remove_left_over(&mut login)?;
        run(&mut login, &commands::generate_key(&POWERLESS, STATEMENT_DOMAINS, label)?)?;
        let certificate = run(&mut login, &commands::attest(STATEMENT_KEY));
        delete(&mut login)?;
        Ok(certificate?.to_vec())
    }

    fn open(&self) -> Result<DeviceLogin, HsmError> {
        once_a_session_is_free(|| {
            let mut login =
                DeviceLogin::new(self.connector.clone(), STATEMENT_AUTH_KEY, self.key.clone());
            login.open().map(|()| login)
        })
    }
}

fn remove_left_over(login: &mut DeviceLogin) -> Result<(), HsmError> {
    match run(login, &commands::get_public_key(STATEMENT_KEY)) {
        Ok(_) => delete(login),
        Err(HsmError::Refused { refusal: Refusal::ObjectNotFound, .. }) => Ok(()),
        Err(e) => Err(e),
    }
}

fn delete(login: &mut DeviceLogin) -> Result<(), HsmError> {
    run(login, &commands::delete_object(STATEMENT_KEY, ObjectType::AsymmetricKey)).map(|_| ())
}

/// A command whose answer is lost is not repeated: each leaves a line.
fn run(login: &mut DeviceLogin, command: &Command) -> Result<Zeroizing<Vec<u8>>, HsmError> {
    login.run(command).map_err(Fault::into_error)
}

/// What a device is asked to vouch for.
#[derive(Clone, Debug)]
pub struct StatementRequest {
    /// The device that has to vouch.
    pub serial: u32,
    /// What the statement is for.
    pub purpose: Purpose,
    /// The auditor's challenge, or the asker's nonce.
    pub challenge: [u8; 32],
    /// Last entry of the log before the statement's own three.
    pub head: Head,
    /// The fleet's keys that it confirms.
    pub bundle: BundleId,
    /// PEM: the device's own certificate, then intermediates.
    pub device_chain: String,
}

/// Lets the device vouch; three log entries and about a quarter of a second on hardware.
///
/// # Errors
/// Any of [`HsmError`].
pub fn make_statement(
    session: &StatementSession,
    request: StatementRequest,
) -> Result<DeviceStatement, HsmError> {
    let StatementRequest { serial, purpose, challenge, head, bundle, device_chain } = request;
    let certificate = session.state(&statement_label(purpose, &challenge, &head, &bundle))?;
    Ok(DeviceStatement {
        serial,
        purpose,
        challenge,
        head,
        bundle,
        certificate: pem(&certificate),
        device_chain,
    })
}
