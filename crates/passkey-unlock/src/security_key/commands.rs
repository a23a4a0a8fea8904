//! The four commands that are needed (CTAP 2.1, 6): get info, client PIN, make credential, get assertion.

use super::framing::{BROADCAST, CBOR, HidPort, INIT, receive, send};
use super::pin_protocol::{Protocol, SharedSecret, cose_key, read_cose_key};
use crate::authenticator::{AssertionRequest, NewPasskey};
use crate::error::PasskeyError;
use crate::origin::RP_NAME;
use ciborium::Value;
use p256::ecdh::EphemeralSecret;
use sealed_keys::{OsRng, RngCore, Secret};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const CLIENT_PIN: u8 = 0x06;

/// A key's answers are small; deeper ones are an attack on the reader.
const MAX_DEPTH: usize = 16;

/// Permissions of a PIN token: make credential, get assertion (CTAP 2.1, 6.5.5.7).
const MAY_MAKE: u8 = 1;
const MAY_GET: u8 = 2;

/// An open channel to a key.
pub(super) struct Session {
    port: Box<dyn HidPort>,
    channel: u32,
}

pub(super) struct Info {
    pub protocol: Protocol,
    hmac_secret: bool,
    pin_is_set: bool,
    permissions: bool,
}

pub(super) struct Made {
    pub credential_id: Vec<u8>,
    pub attestation_object: Vec<u8>,
}

pub(super) struct Used {
    pub credential_id: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
    pub prf: Secret<32>,
}

impl Info {
    /// Errors: `Unsupported`.
    pub fn check(&self) -> Result<(), PasskeyError> {
        if !self.hmac_secret {
            return Err(PasskeyError::Unsupported("this security key cannot derive keys (hmac-secret)".into()));
        }
        if !self.pin_is_set {
            return Err(PasskeyError::Unsupported(
                "this security key has no PIN yet: set one with its own tool".into(),
            ));
        }
        Ok(())
    }
}

impl Session {
    pub fn begin(mut port: Box<dyn HidPort>) -> Result<Self, PasskeyError> {
        let mut nonce = [0; 8];
        OsRng.fill_bytes(&mut nonce);
        send(&mut *port, BROADCAST, INIT, &nonce)?;
        loop {
            let answer = receive(&mut *port, BROADCAST, INIT)?;
            // Another program's answer is not for us.
            if answer.get(..8) == Some(&nonce) {
                let channel = answer.get(8..12).and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)?;
                return Ok(Self { port, channel: u32::from_be_bytes(channel) });
            }
        }
    }

    pub fn info(&mut self) -> Result<Info, PasskeyError> {
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

    pub fn pin_retries(&mut self, protocol: Protocol) -> Result<u32, PasskeyError> {
        let answer = self.ask(CLIENT_PIN, Some(map([(1, protocol.number().into()), (2, 1.into())])))?;
        let retries = at(&answer, 3).and_then(Value::as_integer).ok_or_else(damaged)?;
        u32::try_from(retries).map_err(|_| damaged())
    }

    pub fn make_credential(
        &mut self,
        info: &Info,
        pin: &str,
        new: &NewPasskey,
        hash: &[u8; 32],
    ) -> Result<Made, PasskeyError> {
        info.check()?;
        let (_, _, token) = self.pin_token(info, pin, MAY_MAKE, &new.rp_id)?;
        let user = text_map([
            ("id", Value::Bytes(new.account.clone())),
            ("name", new.user_name.as_str().into()),
            ("displayName", new.user_name.as_str().into()),
        ]);
        let answer = self.ask(
            MAKE_CREDENTIAL,
            Some(map([
                (1, Value::Bytes(hash.to_vec())),
                (2, text_map([("id", new.rp_id.as_str().into()), ("name", RP_NAME.into())])),
                (3, user),
                (4, Value::Array(vec![text_map([("alg", (-7).into()), ("type", "public-key".into())])])),
                (6, text_map([("hmac-secret", true.into())])),
                (8, Value::Bytes(info.protocol.authenticate(&token, hash))),
                (9, info.protocol.number().into()),
            ])),
        )?;
        let data = at(&answer, 2).and_then(Value::as_bytes).ok_or_else(damaged)?;
        if extension(data)? != Some(Value::Bool(true)) {
            return Err(PasskeyError::Unsupported("this security key made a passkey without hmac-secret".into()));
        }
        Ok(Made { credential_id: credential_id(data)?.to_vec(), attestation_object: without_attestation(data)? })
    }

    pub fn get_assertion(
        &mut self,
        info: &Info,
        pin: &str,
        request: &AssertionRequest,
        hash: &[u8; 32],
        salt: &[u8; 32],
    ) -> Result<Used, PasskeyError> {
        info.check()?;
        let (shared, public, token) = self.pin_token(info, pin, MAY_GET, &request.rp_id)?;
        let salt = shared.encrypt(salt);
        let salt_auth = shared.authenticate(&salt);
        let mut hmac_secret = vec![(1, public), (2, Value::Bytes(salt)), (3, Value::Bytes(salt_auth))];
        if info.protocol == Protocol::Two {
            hmac_secret.push((4, 2.into()));
        }
        let allowed = request.allowed.iter().map(|id| descriptor(id)).collect();
        let answer = self.ask(
            GET_ASSERTION,
            Some(map([
                (1, request.rp_id.as_str().into()),
                (2, Value::Bytes(hash.to_vec())),
                (3, Value::Array(allowed)),
                (4, text_map([("hmac-secret", map(hmac_secret))])),
                (6, Value::Bytes(info.protocol.authenticate(&token, hash))),
                (7, info.protocol.number().into()),
            ])),
        )?;
        let bytes = |key| at(&answer, key).and_then(Value::as_bytes).cloned().ok_or_else(damaged);
        let (data, signature) = (bytes(2)?, bytes(3)?);
        let sealed = extension(&data)?.and_then(|value| value.into_bytes().ok());
        let sealed = sealed.ok_or_else(|| PasskeyError::Unsupported("no hmac-secret in the key's answer".into()))?;
        let prf = Secret::from_slice(&shared.decrypt(&sealed)?).ok_or_else(damaged)?;
        let credential_id = used_credential(&answer, &request.allowed)?;
        Ok(Used { credential_id, authenticator_data: data, signature, prf })
    }

    /// Key agreement, then a token for one purpose, in exchange for the PIN.
    fn pin_token(
        &mut self,
        info: &Info,
        pin: &str,
        permission: u8,
        rp_id: &str,
    ) -> Result<(SharedSecret, Value, Zeroizing<Vec<u8>>), PasskeyError> {
        let protocol = Value::from(info.protocol.number());
        let answer = self.ask(CLIENT_PIN, Some(map([(1, protocol.clone()), (2, 2.into())])))?;
        let theirs = read_cose_key(at(&answer, 1).ok_or_else(damaged)?)?;
        let mine = EphemeralSecret::random(&mut OsRng);
        let shared = SharedSecret::agree(info.protocol, &mine, &theirs);
        let public = cose_key(&mine.public_key());
        let pin_hash = Zeroizing::new(Sha256::digest(pin.as_bytes()).to_vec());
        let mut ask = vec![
            (1, protocol),
            (2, if info.permissions { 9 } else { 5 }.into()),
            (3, public.clone()),
            (6, Value::Bytes(shared.encrypt(&pin_hash[..16]))),
        ];
        if info.permissions {
            ask.extend([(9, permission.into()), (10, rp_id.into())]);
        }
        let answer = match self.ask(CLIENT_PIN, Some(map(ask))) {
            Err(PasskeyError::WrongPin { .. }) => {
                let tries_left = self.pin_retries(info.protocol)?;
                return Err(PasskeyError::WrongPin { tries_left, wait_seconds: 0 });
            }
            other => other?,
        };
        let token = at(&answer, 2).and_then(Value::as_bytes).ok_or_else(damaged)?;
        let token = shared.decrypt(token)?;
        Ok((shared, public, token))
    }

    fn ask(&mut self, command: u8, parameters: Option<Value>) -> Result<Value, PasskeyError> {
        let mut message = vec![command];
        if let Some(parameters) = parameters {
            ciborium::into_writer(&parameters, &mut message).map_err(|_| damaged())?;
        }
        send(&mut *self.port, self.channel, CBOR, &message)?;
        let answer = receive(&mut *self.port, self.channel, CBOR)?;
        match answer.split_first() {
            Some((0, [])) => Ok(Value::Map(vec![])),
            Some((0, body)) => read_cbor(body),
            Some((status, _)) => Err(refusal(*status)),
            None => Err(damaged()),
        }
    }
}

/// Status codes (CTAP 2.1, 6.3). The number of tries is asked for by who knows the protocol.
fn refusal(status: u8) -> PasskeyError {
    match status {
        0x19 => PasskeyError::AlreadyThere,
        0x27 | 0x2d | 0x2f | 0x3a => PasskeyError::Cancelled,
        0x2e => PasskeyError::NoPasskey,
        0x31 => PasskeyError::WrongPin { tries_left: 0, wait_seconds: 0 },
        0x32 => PasskeyError::KeyBlocked,
        0x34 => PasskeyError::Replug,
        other => PasskeyError::Unsupported(format!("the key refused with status {other:#04x}")),
    }
}

fn read_cbor(bytes: &[u8]) -> Result<Value, PasskeyError> {
    ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH).map_err(|_| damaged())
}

/// The allow list may have a single entry, and then the answer may leave it out.
fn used_credential(answer: &Value, allowed: &[Vec<u8>]) -> Result<Vec<u8>, PasskeyError> {
    let named = at(answer, 1).and_then(Value::as_map).and_then(|map| {
        map.iter().find(|(key, _)| key.as_text() == Some("id")).and_then(|(_, value)| value.as_bytes())
    });
    match (named, allowed) {
        (Some(id), _) if allowed.contains(id) => Ok(id.clone()),
        (None, [only]) => Ok(only.clone()),
        _ => Err(damaged()),
    }
}

/// Flags of authenticator data (WebAuthn 6.1).
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// rp id hash (32) || flags (1) || counter (4) || AAGUID (16) || length (2) || credential id || public key || …
fn credential_id(data: &[u8]) -> Result<&[u8], PasskeyError> {
    let length = data.get(53..55).filter(|_| data[32] & ATTESTED != 0).ok_or_else(damaged)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    data.get(55..55 + length).ok_or_else(damaged)
}

/// The value of hmac-secret among the extension outputs.
fn extension(data: &[u8]) -> Result<Option<Value>, PasskeyError> {
    let flags = *data.get(32).ok_or_else(damaged)?;
    if flags & EXTENSIONS == 0 {
        return Ok(None);
    }
    let mut rest = if flags & ATTESTED == 0 {
        data.get(37..).ok_or_else(damaged)?
    } else {
        let mut rest = &data[55 + credential_id(data)?.len()..];
        let _public_key: Value =
            ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|_| damaged())?;
        rest
    };
    let outputs: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|_| damaged())?;
    let outputs = outputs.into_map().map_err(|_| damaged())?;
    Ok(outputs.into_iter().find(|(key, _)| key.as_text() == Some("hmac-secret")).map(|(_, value)| value))
}

/// Attestation `none` (WebAuthn 8.7): the make of a person's key is nobody's business.
fn without_attestation(data: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    let object =
        text_map([("fmt", "none".into()), ("attStmt", Value::Map(vec![])), ("authData", Value::Bytes(data.to_vec()))]);
    let mut out = vec![];
    ciborium::into_writer(&object, &mut out).map_err(|_| damaged())?;
    Ok(out)
}

fn descriptor(id: &[u8]) -> Value {
    text_map([("id", Value::Bytes(id.to_vec())), ("type", "public-key".into())])
}

pub(super) fn at(map: &Value, key: i64) -> Option<&Value> {
    map.as_map()?.iter().find(|(k, _)| *k == Value::from(key)).map(|(_, value)| value)
}

/// Keys must be given in ascending order (CTAP 2.1, 8: canonical CBOR).
pub(super) fn map(entries: impl IntoIterator<Item = (i64, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// Keys must be given shortest first, then in byte order.
pub(super) fn text_map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the key's answer".into())
}
