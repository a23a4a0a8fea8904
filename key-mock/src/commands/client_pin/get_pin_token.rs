//! getPinToken (0x05): a token to make credentials and to get assertions. The only way before CTAP
//! 2.1.

use super::{
    Answer, KEY_AGREEMENT, PERMISSIONS, PIN_HASH, RP_ID, decapsulate, enter_pin, give_token,
    may_try, protocol,
};
use crate::key::Key;
use crate::parameters::{Parameters, bytes};
use crate::status::Status;
use crate::token::{GET_ASSERTION, MAKE_CREDENTIAL, Token};

pub(super) fn run(key: &mut Key, request: Parameters<'_>) -> Answer {
    let platform = request.required(KEY_AGREEMENT, Ok)?;
    let hash = request.required(PIN_HASH, bytes)?;
    let protocol = protocol(key, request)?;
    if !key.model.old && (request.has(PERMISSIONS) || request.has(RP_ID)) {
        return Err(Status::InvalidParameter);
    }
    may_try(key)?;
    let shared = decapsulate(key, protocol, platform)?;
    enter_pin(key, protocol, &shared, hash)?;
    Ok(give_token(key, Token::new(protocol, MAKE_CREDENTIAL | GET_ASSERTION, None), &shared))
}
