//! setPIN (0x03): the first one, or the first one after a reset.

use super::{Answer, KEY_AGREEMENT, NEW_PIN, PARAM, decapsulate, protocol, set_new_pin};
use crate::key::Key;
use crate::parameters::{Parameters, bytes};
use crate::status::Status;
use ciborium::Value;

pub(super) fn run(key: &mut Key, request: Parameters<'_>) -> Answer {
    let platform = request.required(KEY_AGREEMENT, Ok)?;
    let (param, sealed) = (request.required(PARAM, bytes)?, request.required(NEW_PIN, bytes)?);
    let protocol = protocol(key, request)?;
    if key.kept.pin.is_set() {
        return Err(Status::PinAuthInvalid);
    }
    let shared = decapsulate(key, protocol, platform)?;
    shared.verify(sealed, param)?;
    set_new_pin(key, &shared, sealed)?;
    Ok(Value::Null)
}
