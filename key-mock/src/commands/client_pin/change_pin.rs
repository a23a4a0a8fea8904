//! changePIN (0x04).

use super::{
    Answer, KEY_AGREEMENT, NEW_PIN, PARAM, PIN_HASH, decapsulate, enter_pin, may_try, protocol,
    set_new_pin,
};
use crate::key::Key;
use crate::parameters::{Parameters, bytes};
use ciborium::Value;

pub(super) fn run(key: &mut Key, request: Parameters<'_>) -> Answer {
    let platform = request.required(KEY_AGREEMENT, Ok)?;
    let param = request.required(PARAM, bytes)?;
    let (new, hash) = (request.required(NEW_PIN, bytes)?, request.required(PIN_HASH, bytes)?);
    let protocol = protocol(key, request)?;
    may_try(key)?;
    let shared = decapsulate(key, protocol, platform)?;
    shared.verify(&[new, hash].concat(), param)?;
    enter_pin(key, protocol, &shared, hash)?;
    set_new_pin(key, &shared, new)?;
    key.power.token = None;
    Ok(Value::Null)
}
