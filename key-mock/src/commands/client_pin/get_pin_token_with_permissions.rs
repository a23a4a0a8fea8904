//! getPinUvAuthTokenUsingPinWithPermissions (0x09): a token for what is named, at one relying
//! party.

use super::{
    Answer, KEY_AGREEMENT, PERMISSIONS, PIN_HASH, RP_ID, decapsulate, enter_pin, give_token,
    may_try, protocol,
};
use crate::key::Key;
use crate::parameters::{Parameters, bytes, number, text};
use crate::status::Status;
use crate::token::{GET_ASSERTION, MAKE_CREDENTIAL, OF_OTHER_COMMANDS, Token};

pub(super) fn run(key: &mut Key, request: Parameters<'_>) -> Answer {
    let platform = request.required(KEY_AGREEMENT, Ok)?;
    let hash = request.required(PIN_HASH, bytes)?;
    let permissions = request.required(PERMISSIONS, number)?;
    let protocol = protocol(key, request)?;
    let permissions = allowed(permissions)?;
    let rp_id = request.required(RP_ID, text)?;
    may_try(key)?;
    let shared = decapsulate(key, protocol, platform)?;
    enter_pin(key, protocol, &shared, hash)?;
    Ok(give_token(key, Token::new(protocol, permissions, Some(rp_id)), &shared))
}

/// Permissions that nobody has defined are ignored. Errors: `InvalidParameter`,
/// `UnauthorizedPermission`.
fn allowed(permissions: i64) -> Result<u8, Status> {
    match permissions.to_le_bytes()[0] {
        _ if permissions <= 0 => Err(Status::InvalidParameter),
        defined if defined & OF_OTHER_COMMANDS != 0 => Err(Status::UnauthorizedPermission),
        defined => Ok(defined & (MAKE_CREDENTIAL | GET_ASSERTION)),
    }
}
