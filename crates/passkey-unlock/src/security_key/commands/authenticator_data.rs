//! Authenticator data (WebAuthn 6.1):
//! rp id hash (32) || flags (1) || counter (4) || AAGUID (16) || length (2) || credential id ||
//! public key || extensions.

use super::cbor::read_first;
use super::damaged;
use crate::error::PasskeyError;
use ciborium::Value;

const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// Errors: `Damaged`.
pub(super) fn credential_id(data: &[u8]) -> Result<&[u8], PasskeyError> {
    let length = data.get(53..55).filter(|_| data[32] & ATTESTED != 0).ok_or_else(damaged)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    data.get(55..55 + length).ok_or_else(damaged)
}

/// The value of hmac-secret among the extension outputs. Errors: `Damaged`.
pub(super) fn hmac_secret(data: &[u8]) -> Result<Option<Value>, PasskeyError> {
    let flags = *data.get(32).ok_or_else(damaged)?;
    if flags & EXTENSIONS == 0 {
        return Ok(None);
    }
    let mut rest = if flags & ATTESTED == 0 {
        data.get(37..).ok_or_else(damaged)?
    } else {
        let mut rest = &data[55 + credential_id(data)?.len()..];
        let _public_key = read_first(&mut rest)?;
        rest
    };
    let outputs = read_first(&mut rest)?.into_map().map_err(|_| damaged())?;
    Ok(outputs
        .into_iter()
        .find(|(key, _)| key.as_text() == Some("hmac-secret"))
        .map(|(_, value)| value))
}
