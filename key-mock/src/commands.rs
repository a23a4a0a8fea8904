//! The commands (CTAP 2.1, 6).

mod client_pin;
mod get_assertion;
mod get_info;
mod get_next_assertion;
mod make_credential;
mod reset;
mod selection;

mod assertion;
mod authenticator_data;
mod give_assertion;
mod hmac_secret;
mod options;
mod user_verification;

#[cfg(test)]
mod tests;

pub(crate) use assertion::Assertion;

use crate::cbor;
use crate::key::Key;
use crate::parameters::{bytes, list, parameters, text};
use crate::person::Person;
use crate::status::Status;
use ciborium::Value;

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const CLIENT_PIN: u8 = 0x06;
const RESET: u8 = 0x07;
const GET_NEXT_ASSERTION: u8 = 0x08;
const SELECTION: u8 = 0x0b;

/// Longest message, as `get info` tells.
const MAX_MESSAGE: u16 = 1200;

/// Longest allow list and exclude list.
const MAX_LIST: u8 = 8;

/// `Null`: nothing but success.
pub(crate) type Answer = Result<Value, Status>;

/// One command being carried out.
pub(crate) struct Call<'a> {
    pub key: &'a mut Key,
    pub person: &'a mut dyn Person,
}

pub(crate) async fn run(key: &mut Key, message: &[u8], person: &mut dyn Person) -> Answer {
    if message.len() > usize::from(MAX_MESSAGE) {
        return Err(Status::RequestTooLarge);
    }
    let (&command, body) = message.split_first().ok_or(Status::InvalidLength)?;
    // Whatever comes between ends a list of assertions.
    let next = key.power.next.take();
    let old = key.model.old;
    let mut call = Call { key, person };
    match command {
        MAKE_CREDENTIAL => make_credential::run(&mut call, &read(body)?).await,
        GET_ASSERTION => get_assertion::run(&mut call, &read(body)?).await,
        CLIENT_PIN => client_pin::run(call.key, &read(body)?),
        GET_INFO | RESET | GET_NEXT_ASSERTION | SELECTION if !body.is_empty() => {
            Err(Status::InvalidLength)
        }
        GET_INFO => Ok(get_info::run(call.key)),
        RESET => reset::run(&mut call).await,
        GET_NEXT_ASSERTION => get_next_assertion::run(call.key, next),
        SELECTION if !old => selection::run(&mut call).await,
        _ => Err(Status::InvalidCommand),
    }
}

fn read(body: &[u8]) -> Answer {
    if body.is_empty() { Ok(cbor::map([])) } else { cbor::read(body) }
}

/// The ids of an allow list or exclude list, which a platform leaves out where it would be empty.
///
/// Errors: `LimitExceeded`, `InvalidParameter`.
fn credential_ids(value: &Value) -> Result<Vec<&[u8]>, Status> {
    let entries = list(value)?;
    if entries.len() > usize::from(MAX_LIST) {
        return Err(Status::LimitExceeded);
    }
    if entries.is_empty() {
        return Err(Status::InvalidParameter);
    }
    let descriptor = |entry| {
        let entry = parameters(entry)?;
        entry.required("type", text)?;
        entry.required("id", bytes)
    };
    entries.iter().map(descriptor).collect()
}
