//! authenticatorClientPIN (CTAP 2.1, 6.5.5): setting the PIN, changing it, and exchanging it for a
//! token.

mod change_pin;
mod get_key_agreement;
mod get_pin_token;
mod get_pin_token_with_permissions;
mod get_retries;
mod set_pin;

use super::Answer;
use crate::cbor::map;
use crate::key::Key;
use crate::parameters::{Parameters, number, parameters};
use crate::pin;
use crate::pin_protocol::{Protocol, SharedSecret};
use crate::status::Status;
use crate::token::Token;
use ciborium::Value;

const PROTOCOL: i64 = 1;
const SUBCOMMAND: i64 = 2;
const KEY_AGREEMENT: i64 = 3;
const PARAM: i64 = 4;
const NEW_PIN: i64 = 5;
const PIN_HASH: i64 = 6;
const PERMISSIONS: i64 = 9;
const RP_ID: i64 = 10;

pub(super) fn run(key: &mut Key, request: &Value) -> Answer {
    let request = parameters(request)?;
    match request.required(SUBCOMMAND, number)? {
        1 => get_retries::run(key, request),
        2 => get_key_agreement::run(key, request),
        3 => set_pin::run(key, request),
        4 => change_pin::run(key, request),
        5 => get_pin_token::run(key, request),
        9 if !key.model.old => get_pin_token_with_permissions::run(key, request),
        _ => Err(Status::InvalidSubcommand),
    }
}

/// Errors: `MissingParameter`, `InvalidParameter`.
fn protocol(key: &Key, request: Parameters<'_>) -> Result<Protocol, Status> {
    key.model.protocol(request.required(PROTOCOL, number)?)
}

fn decapsulate(key: &Key, protocol: Protocol, platform: &Value) -> Result<SharedSecret, Status> {
    key.power.key_agreement(protocol).decapsulate(protocol, platform)
}

/// Errors: `PinNotSet`, `PinBlocked`, `PinAuthBlocked`.
fn may_try(key: &Key) -> Result<(), Status> {
    key.kept.pin.may_be_tried()?;
    if key.power.is_pin_blocked() { Err(Status::PinAuthBlocked) } else { Ok(()) }
}

/// A try. Errors: `PinInvalid`, `PinAuthBlocked` (the third wrong one in a row), `PinBlocked` (the
/// last one).
fn enter_pin(
    key: &mut Key,
    protocol: Protocol,
    shared: &SharedSecret,
    sealed_hash: &[u8],
) -> Result<(), Status> {
    let hash = shared.decrypt(sealed_hash).unwrap_or_default();
    if key.kept.pin.is(&hash) {
        key.power.right_pin();
        return Ok(());
    }
    key.power.wrong_pin(protocol);
    may_try(key)?;
    Err(Status::PinInvalid)
}

/// Errors: `PinAuthInvalid`, `InvalidParameter`, `PinPolicyViolation`.
fn set_new_pin(key: &mut Key, shared: &SharedSecret, sealed: &[u8]) -> Result<(), Status> {
    let padded = shared.decrypt(sealed).ok_or(Status::PinAuthInvalid)?;
    if padded.len() != pin::PADDED {
        return Err(Status::InvalidParameter);
    }
    let end = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    key.kept.pin.set(&padded[..end])
}

/// Every older token ends.
fn give_token(key: &mut Key, token: Token, shared: &SharedSecret) -> Value {
    let sealed = shared.encrypt(token.bytes.expose());
    key.power.token = Some(token);
    map([(2, Value::Bytes(sealed))])
}
