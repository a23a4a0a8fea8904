//! Asks a security key for an assertion (CTAP 2.1, 6.2).

use super::authenticator_data::hmac_secret;
use super::cbor::{at, bytes_at, descriptors, map, text_map};
use super::client_pin::{MAY_GET, Token};
use super::{GET_ASSERTION, Info, Session, damaged};
use crate::authenticator::AssertionRequest;
use crate::error::PasskeyError;
use crate::security_key::pin_protocol::Protocol;
use ciborium::Value;
use sealed_keys::Secret;

pub(in crate::security_key) struct Used {
    pub credential_id: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
    pub prf: Secret<32>,
}

impl Session {
    /// With hmac-secret for one salt (CTAP 2.1, 6.2 and 12.5). Errors: `NoPasskey` too, and those
    /// of the PIN.
    pub(crate) fn get_assertion(
        &mut self,
        info: &Info,
        pin: &str,
        request: &AssertionRequest,
        hash: &[u8; 32],
        salt: &[u8; 32],
    ) -> Result<Used, PasskeyError> {
        info.check()?;
        let token = self.pin_token(info, pin, MAY_GET, &request.rp_id)?;
        let ask = map([
            (1, request.rp_id.as_str().into()),
            (2, Value::Bytes(hash.to_vec())),
            (3, descriptors(&request.allowed)),
            (4, text_map([("hmac-secret", sealed_salt(&token, info.protocol, salt))])),
            (6, Value::Bytes(info.protocol.authenticate(&token.token, hash))),
            (7, info.protocol.number().into()),
        ]);
        let answer = self.ask(GET_ASSERTION, Some(ask))?;
        let data = bytes_at(&answer, 2)?;
        let sealed = hmac_secret(data)?.and_then(|value| value.into_bytes().ok());
        let sealed = sealed.ok_or_else(|| {
            PasskeyError::Unsupported("no hmac-secret in the key's answer".into())
        })?;
        Ok(Used {
            credential_id: used_credential(&answer, &request.allowed)?,
            authenticator_data: data.to_vec(),
            signature: bytes_at(&answer, 3)?.to_vec(),
            prf: Secret::from_slice(&token.shared.decrypt(&sealed)?).ok_or_else(damaged)?,
        })
    }
}

fn sealed_salt(token: &Token, protocol: Protocol, salt: &[u8; 32]) -> Value {
    let salt = token.shared.encrypt(salt);
    let salt_auth = token.shared.authenticate(&salt);
    let mut input =
        vec![(1, token.public.clone()), (2, Value::Bytes(salt)), (3, Value::Bytes(salt_auth))];
    if protocol == Protocol::Two {
        input.push((4, protocol.number().into()));
    }
    map(input)
}

/// The allow list may have a single entry, and then the answer may leave it out.
fn used_credential(answer: &Value, allowed: &[Vec<u8>]) -> Result<Vec<u8>, PasskeyError> {
    let named = at(answer, 1).and_then(Value::as_map).and_then(|map| {
        map.iter()
            .find(|(key, _)| key.as_text() == Some("id"))
            .and_then(|(_, value)| value.as_bytes())
    });
    match (named, allowed) {
        (Some(id), _) if allowed.contains(id) => Ok(id.clone()),
        (None, [only]) => Ok(only.clone()),
        _ => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_leave_out_only_the_name_of_the_only_passkey() {
        let named = |id: &[u8]| {
            map([(1, text_map([("id", Value::Bytes(id.to_vec())), ("type", "public-key".into())]))])
        };
        let (one, both) = ([vec![1]], [vec![1], vec![2]]);
        assert_eq!(used_credential(&named(&[2]), &both), Ok(vec![2]));
        assert_eq!(used_credential(&map([]), &one), Ok(vec![1]));
        assert_eq!(used_credential(&map([]), &both), Err(damaged()));
        assert_eq!(used_credential(&named(&[3]), &both), Err(damaged()), "none of those asked for");
    }
}
