//! The PIN of a security key, and tokens for it (CTAP 2.1, 6.5).

use super::cbor::{at, bytes_at, map};
use super::{CLIENT_PIN, Info, Session, damaged};
use crate::error::PasskeyError;
use crate::security_key::pin_protocol::{Protocol, SharedSecret, cose_key, read_cose_key};
use ciborium::Value;
use p256::ecdh::EphemeralSecret;
use sealed_keys::OsRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Permissions of a token: make credential, get assertion (CTAP 2.1, 6.5.5.7).
pub(super) const MAY_MAKE: u8 = 1;
pub(super) const MAY_GET: u8 = 2;

/// Subcommands (CTAP 2.1, 6.5.5).
const GET_RETRIES: u8 = 1;
const GET_KEY_AGREEMENT: u8 = 2;
const GET_PIN_TOKEN: u8 = 5;
const GET_PIN_TOKEN_WITH_PERMISSIONS: u8 = 9;

/// In the answer to `GET_RETRIES`.
const POWER_CYCLE_STATE: i64 = 4;

/// What the PIN was exchanged for.
pub(crate) struct Token {
    pub token: Zeroizing<Vec<u8>>,
    pub shared: SharedSecret,
    /// This side's COSE_Key of the key agreement.
    pub public: Value,
}

impl Session {
    /// Errors: `Replug`, where the key tells so beforehand.
    pub(crate) fn pin_retries(&mut self, protocol: Protocol) -> Result<u32, PasskeyError> {
        let answer = self.client_pin(protocol, GET_RETRIES, [])?;
        if at(&answer, POWER_CYCLE_STATE) == Some(&Value::Bool(true)) {
            return Err(PasskeyError::Replug);
        }
        let retries = at(&answer, 3).and_then(Value::as_integer).ok_or_else(damaged)?;
        u32::try_from(retries).map_err(|_| damaged())
    }

    /// For one purpose. Errors: `WrongPin`, `Replug`, `KeyBlocked`.
    pub(crate) fn pin_token(
        &mut self,
        info: &Info,
        pin: &str,
        permission: u8,
        rp_id: &str,
    ) -> Result<Token, PasskeyError> {
        let (shared, public) = self.agree(info.protocol)?;
        let pin_hash = Zeroizing::new(Sha256::digest(pin.as_bytes()).to_vec());
        let mut more =
            vec![(3, public.clone()), (6, Value::Bytes(shared.encrypt(&pin_hash[..16])))];
        if info.permissions {
            more.extend([(9, permission.into()), (10, rp_id.into())]);
        }
        let subcommand =
            if info.permissions { GET_PIN_TOKEN_WITH_PERMISSIONS } else { GET_PIN_TOKEN };
        let answer = match self.client_pin(info.protocol, subcommand, more) {
            Err(PasskeyError::WrongPin { .. }) => {
                let tries_left = self.pin_retries(info.protocol)?;
                return Err(PasskeyError::WrongPin { tries_left, wait_seconds: 0 });
            }
            other => other?,
        };
        let token = shared.decrypt(bytes_at(&answer, 2)?)?;
        Ok(Token { token, shared, public })
    }

    fn agree(&mut self, protocol: Protocol) -> Result<(SharedSecret, Value), PasskeyError> {
        let answer = self.client_pin(protocol, GET_KEY_AGREEMENT, [])?;
        let theirs = read_cose_key(at(&answer, 1).ok_or_else(damaged)?)?;
        let mine = EphemeralSecret::random(&mut OsRng);
        Ok((SharedSecret::agree(protocol, &mine, &theirs), cose_key(&mine.public_key())))
    }

    fn client_pin(
        &mut self,
        protocol: Protocol,
        subcommand: u8,
        more: impl IntoIterator<Item = (i64, Value)>,
    ) -> Result<Value, PasskeyError> {
        let usual = [(1, protocol.number().into()), (2, subcommand.into())];
        self.ask(CLIENT_PIN, Some(map(usual.into_iter().chain(more))))
    }
}
