//! A platform, and the person before it.

use super::super::{Answer, run};
use crate::cbor::{self, map, named};
use crate::key::{Key, Model};
use crate::person::Person;
use crate::pin_protocol::{Protocol, SharedSecret};
use crate::status::Status;
use async_trait::async_trait;
use ciborium::Value;
use sha2::{Digest, Sha256};

pub(super) const PIN: &str = "2718";
pub(super) const RP_ID: &str = "keepsake.invalid";
pub(super) const HASH: [u8; 32] = [1; 32];

/// Permissions.
pub(super) const MAKE: i64 = 1;
pub(super) const GET: i64 = 2;

pub(super) struct Platform {
    pub key: Key,
    pub protocol: Protocol,
    pub hand: Hand,
}

/// Touches the key, or does not.
pub(super) struct Hand {
    pub does: Result<(), Status>,
    pub touches: usize,
}

#[async_trait]
impl Person for Hand {
    async fn touch(&mut self) -> Result<(), Status> {
        self.touches += 1;
        self.does
    }
}

/// What goes with a key agreement.
pub(super) struct Agreed {
    pub public: Value,
    pub shared: SharedSecret,
}

impl Platform {
    pub(super) fn new() -> Self {
        Self::with(Model::CURRENT, Protocol::Two)
    }

    pub(super) fn with(model: Model, protocol: Protocol) -> Self {
        Self::of(Key::in_memory(model, Some(PIN)).unwrap(), protocol)
    }

    pub(super) fn of(key: Key, protocol: Protocol) -> Self {
        Self { key, protocol, hand: Hand { does: Ok(()), touches: 0 } }
    }

    /// Old and new keys, and both protocols.
    pub(super) fn all() -> [Self; 3] {
        [
            Self::new(),
            Self::with(Model::CURRENT, Protocol::One),
            Self::with(Model::OLD, Protocol::One),
        ]
    }

    pub(super) fn send(&mut self, message: &[u8]) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(&mut self.key, message, &mut self.hand))
    }

    pub(super) fn ask(&mut self, command: u8, parameters: Value) -> Answer {
        self.send(&[vec![command], cbor::write(&parameters)].concat())
    }

    pub(super) fn client_pin(
        &mut self,
        subcommand: i64,
        more: impl IntoIterator<Item = (i64, Value)>,
    ) -> Answer {
        let number = self.protocol.number().into();
        self.ask(0x06, map([(1, number), (2, subcommand.into())].into_iter().chain(more)))
    }

    pub(super) fn agree(&mut self) -> Agreed {
        let key = self.client_pin(2, []).unwrap();
        let (public, shared) = SharedSecret::encapsulate(self.protocol, at(&key, 1));
        Agreed { public, shared }
    }

    pub(super) fn tries(&mut self) -> Value {
        at(&self.client_pin(1, []).unwrap(), 3).clone()
    }

    /// getPinToken.
    pub(super) fn legacy_token(&mut self, pin: &str) -> Result<Vec<u8>, Status> {
        let Agreed { public, shared } = self.agree();
        let answer = self.client_pin(5, [(3, public), (6, pin_hash(&shared, pin))])?;
        Ok(open_token(&shared, &answer))
    }

    /// getPinUvAuthTokenUsingPinWithPermissions.
    pub(super) fn token(&mut self, permissions: i64) -> Result<Vec<u8>, Status> {
        if self.key.model.old {
            return self.legacy_token(PIN);
        }
        let Agreed { public, shared } = self.agree();
        let more =
            [(3, public), (6, pin_hash(&shared, PIN)), (9, permissions.into()), (10, RP_ID.into())];
        let answer = self.client_pin(9, more)?;
        Ok(open_token(&shared, &answer))
    }

    /// pinUvAuthParam.
    pub(super) fn proof(&mut self, permissions: i64) -> Value {
        let token = self.token(permissions).unwrap();
        Value::Bytes(self.protocol.sign(&token, &HASH))
    }

    /// With a fresh proof, and `changed` instead of the usual parameters.
    pub(super) fn make(&mut self, changed: impl IntoIterator<Item = (i64, Value)>) -> Answer {
        let number = self.protocol.number().into();
        let usual = [
            (1, Value::Bytes(HASH.to_vec())),
            (2, named([("id", RP_ID.into())])),
            (3, named([("id", Value::Bytes(vec![7])), ("name", "ada".into())])),
            (4, Value::Array(vec![named([("alg", (-7).into()), ("type", "public-key".into())])])),
            (8, self.proof(MAKE)),
            (9, number),
        ];
        self.ask(0x01, with(usual, changed))
    }

    /// As [`Platform::make`].
    pub(super) fn get(&mut self, changed: impl IntoIterator<Item = (i64, Value)>) -> Answer {
        let number = self.protocol.number().into();
        let usual = [
            (1, RP_ID.into()),
            (2, Value::Bytes(HASH.to_vec())),
            (6, self.proof(GET)),
            (7, number),
        ];
        self.ask(0x02, with(usual, changed))
    }

    /// The id of a new discoverable credential with hmac-secret.
    pub(super) fn made(&mut self) -> Vec<u8> {
        let made = self
            .make([(6, named([("hmac-secret", true.into())])), (7, named([("rk", true.into())]))])
            .unwrap();
        credential_id(&made)
    }
}

/// `Null` takes a parameter away.
pub(super) fn with(
    usual: impl IntoIterator<Item = (i64, Value)>,
    changed: impl IntoIterator<Item = (i64, Value)>,
) -> Value {
    let parameters: std::collections::BTreeMap<_, _> = usual.into_iter().chain(changed).collect();
    map(parameters.into_iter().filter(|(_, value)| *value != Value::Null))
}

pub(super) fn at(answer: &Value, key: i64) -> &Value {
    let entries = answer.as_map().unwrap();
    entries.iter().find(|(found, _)| *found == key.into()).map(|(_, value)| value).unwrap()
}

pub(super) fn bytes_at(answer: &Value, key: i64) -> &[u8] {
    at(answer, key).as_bytes().unwrap()
}

/// Of what `make` answered.
pub(super) fn credential_id(made: &Value) -> Vec<u8> {
    bytes_at(made, 2)[55..55 + 32].to_vec()
}

/// Flags of the authenticator data: user present, user verified, …
pub(super) fn flags(answer: &Value) -> u8 {
    bytes_at(answer, 2)[32]
}

pub(super) fn list(ids: &[&[u8]]) -> Value {
    let entry =
        |id: &&[u8]| named([("id", Value::Bytes(id.to_vec())), ("type", "public-key".into())]);
    Value::Array(ids.iter().map(entry).collect())
}

pub(super) fn pin_hash(shared: &SharedSecret, pin: &str) -> Value {
    Value::Bytes(shared.encrypt(&Sha256::digest(pin)[..16]))
}

fn open_token(shared: &SharedSecret, answer: &Value) -> Vec<u8> {
    shared.decrypt(bytes_at(answer, 2)).unwrap().to_vec()
}
