//! The four commands that are needed (CTAP 2.1, 6): get info, client PIN, make credential, get
//! assertion.

mod authenticator_data;
mod cbor;
mod client_pin;
mod get_assertion;
mod get_info;
mod make_credential;

pub(super) use get_info::Info;

use super::channel::{Channel, GivenUp};
use super::framing::HidPort;
use crate::error::PasskeyError;
use ciborium::Value;

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const CLIENT_PIN: u8 = 0x06;

/// A conversation with a key. Each command is a method, in a file of its own.
pub(super) struct Session(Channel);

impl Session {
    /// Errors of this and of every command: `NoDevice`, `Cancelled`, `Damaged`, `Io`,
    /// `Unsupported`.
    pub(super) fn begin(port: Box<dyn HidPort>, given_up: GivenUp) -> Result<Self, PasskeyError> {
        Channel::open(port, given_up).map(Self)
    }

    /// Errors: those of [`refusal`] too.
    fn ask(&mut self, command: u8, parameters: Option<Value>) -> Result<Value, PasskeyError> {
        let mut message = vec![command];
        if let Some(parameters) = parameters {
            message.extend(cbor::write(&parameters)?);
        }
        let answer = self.0.ask(&message)?;
        match answer.split_first() {
            Some((0, [])) => Ok(Value::Map(vec![])),
            Some((0, body)) => cbor::read(body),
            Some((status, _)) => Err(refusal(*status)),
            None => Err(damaged()),
        }
    }
}

/// Status codes (CTAP 2.1, 8.2). The number of tries is asked for by who knows the protocol.
fn refusal(status: u8) -> PasskeyError {
    match status {
        0x19 => PasskeyError::AlreadyThere,
        0x27 | 0x2d | 0x2f | 0x3a => PasskeyError::Cancelled,
        0x28 => {
            PasskeyError::Unsupported("this security key has no room for another passkey".into())
        }
        0x2b => PasskeyError::Unsupported("this security key cannot keep passkeys inside".into()),
        0x2e => PasskeyError::NoPasskey,
        0x31 => PasskeyError::WrongPin { tries_left: 0, wait_seconds: 0 },
        0x32 => PasskeyError::KeyBlocked,
        0x34 => PasskeyError::Replug,
        other => PasskeyError::Unsupported(format!("the key refused with status {other:#04x}")),
    }
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the key's answer".into())
}
