//! pinUvAuthParam of a request: whether the person proved who they are (CTAP 2.1, 6.1.2 and 6.2.2,
//! steps 1, 2 and 11).

use super::Call;
use crate::key::Key;
use crate::parameters::{Parameters, bytes, number};
use crate::status::Status;
use crate::token::PinUvAuth;

/// Where a command has the two parameters.
pub(super) struct At {
    pub param: i64,
    pub protocol: i64,
}

/// Errors: `MissingParameter`, `InvalidParameter`; and, for an empty proof, which platforms send to
/// have a key touched: `PinNotSet`, `PinInvalid`.
pub(super) async fn read<'a>(
    call: &mut Call<'_>,
    request: Parameters<'a>,
    at: At,
) -> Result<Option<PinUvAuth<'a>>, Status> {
    let Some(signature) = request.optional(at.param, bytes)? else { return Ok(None) };
    if signature.is_empty() {
        call.person.touch().await?;
        return Err(if call.key.kept.pin.is_set() {
            Status::PinInvalid
        } else {
            Status::PinNotSet
        });
    }
    let protocol = call.key.model.protocol(request.required(at.protocol, number)?)?;
    Ok(Some(PinUvAuth { protocol, signature }))
}

/// Whether the user is verified. Errors: `PinNotSet`, `PinAuthInvalid`.
pub(super) fn check(
    key: &mut Key,
    proof: Option<&PinUvAuth<'_>>,
    permission: u8,
    rp_id: &str,
    hash: &[u8; 32],
) -> Result<bool, Status> {
    let Some(proof) = proof else { return Ok(false) };
    if !key.kept.pin.is_set() {
        return Err(Status::PinNotSet);
    }
    let token = key.power.token.as_mut().ok_or(Status::PinAuthInvalid)?;
    token.verify(proof, permission, rp_id, hash).map(|()| true)
}

/// Since CTAP 2.1 a touch ends a token's permissions to make credentials and to get assertions.
pub(super) fn touched(key: &mut Key) {
    if !key.model.old {
        key.power.token = None;
    }
}
