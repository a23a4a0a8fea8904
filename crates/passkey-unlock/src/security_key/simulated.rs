//! A virtual security key at the HID report layer: what a real one answers, without one. For tests and rehearsals.
//!
//! It keeps its secrets in plain memory and touches itself. It can be carried to another computer as bytes.

use super::HidBus;
use super::commands::{at, map, text_map};
use super::framing::{BROADCAST, CBOR, ERROR, HidPort, INIT, KEEPALIVE, Message, REPORT, reports};
use super::pin_protocol::{Protocol, SharedSecret, cose_key, cose_point, read_cose_key};
use crate::error::PasskeyError;
use ciborium::Value;
use hmac::{Hmac, Mac};
use p256::PublicKey;
use p256::ecdh::EphemeralSecret;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sealed_keys::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const CHANNEL: u32 = 0x0102_0304;
const PIN_TRIES: u32 = 8;

/// Wrong PINs in a row before a key wants to be replugged (CTAP 2.1, 6.5.5.7.1).
const TRIES_IN_A_ROW: u32 = 3;

/// Status codes (CTAP 2.1, 6.3).
const INVALID_COMMAND: u8 = 0x01;
const INVALID_CBOR: u8 = 0x12;
const MISSING_PARAMETER: u8 = 0x14;
const OPERATION_DENIED: u8 = 0x27;
const NO_CREDENTIALS: u8 = 0x2e;
const PIN_INVALID: u8 = 0x31;
const PIN_BLOCKED: u8 = 0x32;
const PIN_AUTH_INVALID: u8 = 0x33;
const PIN_AUTH_BLOCKED: u8 = 0x34;

/// What such a key keeps without power.
#[derive(Clone, Serialize, Deserialize)]
pub struct SimulatedKey {
    /// First 16 bytes of SHA-256(PIN).
    pin_hash: [u8; 16],
    tries: u32,
    counter: u32,
    credentials: Vec<Credential>,
    /// Offers PIN/UV protocol two and token permissions, as keys since CTAP 2.1 do.
    modern: bool,
    /// Whether somebody touches it when it blinks.
    pub touched: bool,
    /// Wrong PINs since it was plugged in.
    #[serde(skip)]
    wrong: u32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Credential {
    id: [u8; 32],
    rp_id: String,
    private: [u8; 32],
    prf_secret: [u8; 32],
}

/// A USB port with one virtual key in it, or none. Clones share it.
#[derive(Clone)]
pub struct SimulatedBus(Arc<Mutex<Option<SimulatedKey>>>);

impl SimulatedKey {
    pub fn new(pin: &str, modern: bool) -> Self {
        let pin_hash = Sha256::digest(pin.as_bytes())[..16].try_into().expect("16 of 32 bytes");
        Self { pin_hash, tries: PIN_TRIES, counter: 0, credentials: vec![], modern, touched: true, wrong: 0 }
    }

    /// To be carried elsewhere. Errors: `Damaged`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PasskeyError> {
        postcard::from_bytes(bytes).map_err(|_| PasskeyError::Damaged("the virtual key".into()))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("plain data")
    }
}

impl SimulatedBus {
    pub fn with(key: SimulatedKey) -> Self {
        Self(Arc::new(Mutex::new(Some(key))))
    }

    pub fn empty() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// The key as it is now.
    pub fn pull_out(&self) -> Option<SimulatedKey> {
        self.key().take()
    }

    pub fn plug_in(&self, key: SimulatedKey) {
        *self.key() = Some(SimulatedKey { wrong: 0, ..key });
    }

    fn key(&self) -> MutexGuard<'_, Option<SimulatedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HidBus for SimulatedBus {
    fn open(&self) -> Result<Box<dyn HidPort>, PasskeyError> {
        let two = self.key().as_ref().ok_or(PasskeyError::NoDevice)?.modern;
        let protocol = if two { Protocol::Two } else { Protocol::One };
        let agreement = EphemeralSecret::random(&mut OsRng);
        let (message, out) = (Message::default(), VecDeque::new());
        let (token, granted) = ([0; 32], None);
        Ok(Box::new(Port { bus: self.clone(), protocol, agreement, token, granted, message, out }))
    }
}

/// A key with power.
struct Port {
    bus: SimulatedBus,
    protocol: Protocol,
    agreement: EphemeralSecret,
    token: [u8; 32],
    /// Permissions and relying party of the token that was given out.
    granted: Option<(u8, Option<String>)>,
    message: Message,
    out: VecDeque<[u8; REPORT]>,
}

impl HidPort for Port {
    fn write(&mut self, report: &[u8; REPORT]) -> io::Result<()> {
        let channel = u32::from_be_bytes([report[0], report[1], report[2], report[3]]);
        let whole = self.message.add(channel, report).map_err(io::Error::other)?;
        let (command, answer) = match whole {
            None => return Ok(()),
            Some((INIT, nonce)) => (INIT, [&nonce[..], &CHANNEL.to_be_bytes(), &[2, 1, 0, 0, 4]].concat()),
            Some((CBOR, message)) if channel == CHANNEL => {
                // "Still waiting", and a report of somebody else's conversation.
                self.push(CHANNEL, KEEPALIVE, &[2])?;
                self.push(CHANNEL ^ 1, CBOR, &[0])?;
                (CBOR, self.answer(&message))
            }
            Some(_) => (ERROR, vec![0x01]),
        };
        debug_assert!(channel == BROADCAST || channel == CHANNEL);
        self.push(channel, command, &answer)
    }

    fn read(&mut self, _timeout: Duration) -> io::Result<Option<[u8; REPORT]>> {
        Ok(self.out.pop_front())
    }
}

impl Port {
    fn push(&mut self, channel: u32, command: u8, message: &[u8]) -> io::Result<()> {
        self.out.extend(reports(channel, command, message).map_err(io::Error::other)?);
        Ok(())
    }

    fn answer(&mut self, message: &[u8]) -> Vec<u8> {
        let bus = self.bus.clone();
        let mut slot = bus.key();
        let done = slot.as_mut().ok_or(INVALID_COMMAND).and_then(|key| self.obey(key, message));
        match done {
            Err(status) => vec![status],
            Ok(value) => {
                let mut out = vec![0];
                if value != Value::Map(vec![]) {
                    ciborium::into_writer(&value, &mut out).expect("memory does not fail");
                }
                out
            }
        }
    }

    fn obey(&mut self, key: &mut SimulatedKey, message: &[u8]) -> Result<Value, u8> {
        let (command, body) = message.split_first().ok_or(INVALID_COMMAND)?;
        let parameters = if body.is_empty() { Value::Null } else { read(body)? };
        match command {
            0x01 => self.make_credential(key, &parameters),
            0x02 => self.get_assertion(key, &parameters),
            0x04 => Ok(self.info()),
            0x06 => self.client_pin(key, &parameters),
            _ => Err(INVALID_COMMAND),
        }
    }

    fn info(&self) -> Value {
        let modern = self.protocol == Protocol::Two;
        let mut options = vec![("rk", true.into()), ("up", true.into()), ("clientPin", true.into())];
        if modern {
            options.push(("pinUvAuthToken", true.into()));
        }
        let protocols = if modern { vec![2.into(), 1.into()] } else { vec![1.into()] };
        map([
            (1, Value::Array(vec!["FIDO_2_0".into()])),
            (2, Value::Array(vec!["hmac-secret".into()])),
            (3, Value::Bytes(vec![0; 16])),
            (4, text_map(options)),
            (5, 1200.into()),
            (6, Value::Array(protocols)),
        ])
    }

    fn client_pin(&mut self, key: &mut SimulatedKey, parameters: &Value) -> Result<Value, u8> {
        match (number(parameters, 2)?, self.protocol) {
            (1, _) => Ok(map([(3, key.tries.into())])),
            (2, _) => Ok(map([(1, cose_key(&self.agreement.public_key()))])),
            (5, _) => self.give_token(key, parameters, 3, None),
            (9, Protocol::Two) => {
                let permissions = u8::try_from(number(parameters, 9)?).map_err(|_| INVALID_CBOR)?;
                let rp_id = text(parameters, 10)?.to_string();
                self.give_token(key, parameters, permissions, Some(rp_id))
            }
            _ => Err(INVALID_COMMAND),
        }
    }

    fn give_token(
        &mut self,
        key: &mut SimulatedKey,
        parameters: &Value,
        permissions: u8,
        rp_id: Option<String>,
    ) -> Result<Value, u8> {
        if key.tries == 0 {
            return Err(PIN_BLOCKED);
        }
        if key.wrong >= TRIES_IN_A_ROW {
            return Err(PIN_AUTH_BLOCKED);
        }
        key.tries -= 1;
        let shared = self.shared(at(parameters, 3).ok_or(MISSING_PARAMETER)?)?;
        let typed = shared.decrypt(bytes(parameters, 6)?).map_err(|_| PIN_AUTH_INVALID)?;
        if typed.as_slice() != key.pin_hash {
            key.wrong += 1;
            // A key draws a new agreement key, so that a guess cannot be replayed.
            self.agreement = EphemeralSecret::random(&mut OsRng);
            return Err(if key.tries == 0 { PIN_BLOCKED } else { PIN_INVALID });
        }
        (key.tries, key.wrong) = (PIN_TRIES, 0);
        OsRng.fill_bytes(&mut self.token);
        self.granted = Some((permissions, rp_id));
        Ok(map([(2, Value::Bytes(shared.encrypt(&self.token)))]))
    }

    /// The token serves one command (CTAP 2.1, 6.1.2: permissions are cleared after user presence).
    fn check(&mut self, key: &SimulatedKey, permission: u8, rp_id: &str, hash: &[u8], tag: &[u8]) -> Result<(), u8> {
        let (permissions, bound) = self.granted.take().ok_or(PIN_AUTH_INVALID)?;
        let fits = permissions & permission != 0 && bound.is_none_or(|bound| bound == rp_id);
        if !fits || self.protocol.authenticate(&self.token, hash) != tag {
            return Err(PIN_AUTH_INVALID);
        }
        if key.touched { Ok(()) } else { Err(OPERATION_DENIED) }
    }

    fn make_credential(&mut self, key: &mut SimulatedKey, parameters: &Value) -> Result<Value, u8> {
        let rp_id = name_of(at(parameters, 2).ok_or(MISSING_PARAMETER)?)?.to_string();
        self.check(key, 1, &rp_id, bytes(parameters, 1)?, bytes(parameters, 8)?)?;
        let private = SigningKey::random(&mut OsRng);
        let mut made = Credential { id: [0; 32], rp_id, private: private.to_bytes().into(), prf_secret: [0; 32] };
        OsRng.fill_bytes(&mut made.id);
        OsRng.fill_bytes(&mut made.prf_secret);

        let mut data = key.authenticator_data(&made.rp_id, 0xc5);
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(made.id);
        write(&cose_point(&PublicKey::from(private.verifying_key()), -7), &mut data);
        write(&text_map([("hmac-secret", true.into())]), &mut data);
        key.credentials.push(made);
        Ok(map([(1, "none".into()), (2, Value::Bytes(data)), (3, Value::Map(vec![]))]))
    }

    fn get_assertion(&mut self, key: &mut SimulatedKey, parameters: &Value) -> Result<Value, u8> {
        let (rp_id, hash) = (text(parameters, 1)?, bytes(parameters, 2)?);
        self.check(key, 2, rp_id, hash, bytes(parameters, 6)?)?;
        let allowed = at(parameters, 3).and_then(Value::as_array).ok_or(MISSING_PARAMETER)?;
        let allowed: Vec<_> = allowed.iter().filter_map(|entry| field(entry, "id")?.as_bytes()).collect();
        let here = |kept: &&Credential| kept.rp_id == rp_id && allowed.iter().any(|id| id.as_slice() == kept.id);
        let used = key.credentials.iter().find(here).cloned().ok_or(NO_CREDENTIALS)?;

        let wanted = at(parameters, 4).and_then(|value| field(value, "hmac-secret")).ok_or(MISSING_PARAMETER)?;
        let shared = self.shared(at(wanted, 1).ok_or(MISSING_PARAMETER)?)?;
        let sealed_salt = bytes(wanted, 2)?;
        if shared.authenticate(sealed_salt) != bytes(wanted, 3)? {
            return Err(PIN_AUTH_INVALID);
        }
        let salt = shared.decrypt(sealed_salt).map_err(|_| INVALID_CBOR)?;
        let mut prf = Hmac::<Sha256>::new_from_slice(&used.prf_secret).expect("keys of any length");
        prf.update(&salt);

        key.counter += 1;
        let mut data = key.authenticator_data(rp_id, 0x85);
        let output = Value::Bytes(shared.encrypt(&prf.finalize().into_bytes()));
        write(&text_map([("hmac-secret", output)]), &mut data);
        let private = SigningKey::from_bytes(&used.private.into()).map_err(|_| INVALID_CBOR)?;
        let signature: Signature = private.sign(&[&data, hash].concat());
        Ok(map([
            (1, text_map([("id", Value::Bytes(used.id.to_vec())), ("type", "public-key".into())])),
            (2, Value::Bytes(data)),
            (3, Value::Bytes(signature.to_der().as_bytes().to_vec())),
        ]))
    }

    fn shared(&self, theirs: &Value) -> Result<SharedSecret, u8> {
        let theirs = read_cose_key(theirs).map_err(|_| INVALID_CBOR)?;
        Ok(SharedSecret::agree(self.protocol, &self.agreement, &theirs))
    }
}

impl SimulatedKey {
    fn authenticator_data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

fn read(bytes: &[u8]) -> Result<Value, u8> {
    ciborium::from_reader(bytes).map_err(|_| INVALID_CBOR)
}

fn write(value: &Value, out: &mut Vec<u8>) {
    ciborium::into_writer(value, out).expect("memory does not fail");
}

fn bytes(map: &Value, key: i64) -> Result<&[u8], u8> {
    at(map, key).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(MISSING_PARAMETER)
}

fn text(map: &Value, key: i64) -> Result<&str, u8> {
    at(map, key).and_then(Value::as_text).ok_or(MISSING_PARAMETER)
}

fn number(map: &Value, key: i64) -> Result<i64, u8> {
    at(map, key).and_then(Value::as_integer).and_then(|n| n.try_into().ok()).ok_or(MISSING_PARAMETER)
}

fn field<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn name_of(rp: &Value) -> Result<&str, u8> {
    field(rp, "id").and_then(Value::as_text).ok_or(MISSING_PARAMETER)
}
