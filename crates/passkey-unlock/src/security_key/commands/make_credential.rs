//! Asks a security key for a new credential (CTAP 2.1, 6.1).

use super::authenticator_data::{credential_id, hmac_secret};
use super::cbor::{bytes_at, descriptors, map, text_map, write};
use super::client_pin::MAY_MAKE;
use super::{Info, MAKE_CREDENTIAL, Session};
use crate::authenticator::NewPasskey;
use crate::error::PasskeyError;
use crate::origin::RP_NAME;
use ciborium::Value;

pub(in crate::security_key) struct Made {
    pub credential_id: Vec<u8>,
    pub attestation_object: Vec<u8>,
}

impl Session {
    /// A discoverable credential with hmac-secret (CTAP 2.1, 6.1). Errors: `AlreadyThere` too, and
    /// those of the PIN.
    pub(crate) fn make_credential(
        &mut self,
        info: &Info,
        pin: &str,
        new: &NewPasskey,
        hash: &[u8; 32],
    ) -> Result<Made, PasskeyError> {
        info.check()?;
        let token = self.pin_token(info, pin, MAY_MAKE, &new.rp_id)?.token;
        let user = text_map([
            ("id", Value::Bytes(new.account.clone())),
            ("name", new.user_name.as_str().into()),
            ("displayName", new.user_name.as_str().into()),
        ]);
        let mut ask = vec![
            (1, Value::Bytes(hash.to_vec())),
            (2, text_map([("id", new.rp_id.as_str().into()), ("name", RP_NAME.into())])),
            (3, user),
            (
                4,
                Value::Array(vec![text_map([("alg", (-7).into()), ("type", "public-key".into())])]),
            ),
        ];
        // A list that is there must not be empty.
        if !new.exclude.is_empty() {
            ask.push((5, descriptors(&new.exclude)));
        }
        ask.extend([
            (6, text_map([("hmac-secret", true.into())])),
            (7, text_map([("rk", true.into())])),
            (8, Value::Bytes(info.protocol.authenticate(&token, hash))),
            (9, info.protocol.number().into()),
        ]);
        let answer = self.ask(MAKE_CREDENTIAL, Some(map(ask)))?;
        let data = bytes_at(&answer, 2)?;
        if hmac_secret(data)? != Some(Value::Bool(true)) {
            return Err(PasskeyError::Unsupported(
                "this security key made a passkey without hmac-secret".into(),
            ));
        }
        Ok(Made {
            credential_id: credential_id(data)?.to_vec(),
            attestation_object: without_attestation(data)?,
        })
    }
}

/// Attestation `none` (WebAuthn 8.7): the make of a person's key is nobody's business.
fn without_attestation(data: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    write(&text_map([
        ("fmt", "none".into()),
        ("attStmt", Value::Map(vec![])),
        ("authData", Value::Bytes(data.to_vec())),
    ]))
}
