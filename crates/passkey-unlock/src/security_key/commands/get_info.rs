//! Asks a security key what it can do (CTAP 2.1, 6.4).

use super::cbor::at;
use super::{GET_INFO, Session};
use crate::error::PasskeyError;
use crate::security_key::pin_protocol::Protocol;
use ciborium::Value;

/// What a key can do (CTAP 2.1, 6.4).
pub(in crate::security_key) struct Info {
    pub protocol: Protocol,
    hmac_secret: bool,
    pin_is_set: bool,
    /// Tokens are for a purpose and a relying party.
    pub permissions: bool,
}

impl Session {
    pub(crate) fn info(&mut self) -> Result<Info, PasskeyError> {
        let answer = self.ask(GET_INFO, None)?;
        let lists = |key: i64, wanted: &Value| {
            at(&answer, key).and_then(Value::as_array).is_some_and(|list| list.contains(wanted))
        };
        let option = |name: &str| {
            let options = at(&answer, 4).and_then(Value::as_map);
            options.is_some_and(|map| map.contains(&(Value::from(name), Value::Bool(true))))
        };
        Ok(Info {
            protocol: if lists(6, &2.into()) { Protocol::Two } else { Protocol::One },
            hmac_secret: lists(2, &"hmac-secret".into()),
            pin_is_set: option("clientPin"),
            permissions: option("pinUvAuthToken"),
        })
    }
}

impl Info {
    /// Errors: `Unsupported`.
    pub(crate) fn check(&self) -> Result<(), PasskeyError> {
        if !self.hmac_secret {
            return Err(PasskeyError::Unsupported(
                "this security key cannot derive keys (hmac-secret)".into(),
            ));
        }
        if !self.pin_is_set {
            return Err(PasskeyError::Unsupported(
                "this security key has no PIN yet: set one with its own tool".into(),
            ));
        }
        Ok(())
    }
}
