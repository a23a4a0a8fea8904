//! Lets a device vouch for 40 characters: a powerless key carries them as its label, the factory key attests it, and
//! the key is deleted again. Three lines of the audit log (generate, attest, delete).

use super::admin::AdminSession;
use super::objects::{KeySpec, ObjectType, STATEMENT_AUTH_KEY, STATEMENT_DOMAIN, STATEMENT_KEY};
use super::raw_session::OBJECT_MISSING;
use super::{AuthKey, ConnectorAddress, HsmError};
use std::sync::{Mutex, PoisonError};

/// Generate, attest, delete.
pub const LOG_LINES: usize = 3;

const POWERLESS: KeySpec = KeySpec { id: STATEMENT_KEY, label: "", capabilities: 0 };

/// Makes device statements, one at a time.
pub struct StatementMaker {
    connector: ConnectorAddress,
    key: AuthKey,
    turn: Mutex<()>,
}

impl StatementMaker {
    /// With the key of login 0x0202; nothing is opened yet.
    pub fn new(connector: ConnectorAddress, key: AuthKey) -> Self {
        Self { connector, key, turn: Mutex::new(()) }
    }

    /// DER certificate whose subject key's label is `label` (at most 40 bytes).
    ///
    /// # Errors
    /// Any of [`HsmError`]; a key left behind by a failure is deleted the next time.
    pub fn state(&self, label: &str) -> Result<Vec<u8>, HsmError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let session = AdminSession::open(&self.connector, STATEMENT_AUTH_KEY, &self.key)?;
        remove_left_over(&session)?;
        session.generate_key(&POWERLESS, STATEMENT_DOMAIN, label)?;
        let certificate = session.attest(STATEMENT_KEY);
        session.delete(STATEMENT_KEY, ObjectType::AsymmetricKey)?;
        certificate
    }
}

fn remove_left_over(session: &AdminSession) -> Result<(), HsmError> {
    match session.public_key(STATEMENT_KEY) {
        Ok(_) => session.delete(STATEMENT_KEY, ObjectType::AsymmetricKey),
        Err(HsmError::Refused { reason, .. }) if reason.contains(OBJECT_MISSING) => Ok(()),
        Err(e) => Err(e),
    }
}
