//! authenticatorGetInfo (CTAP 2.1, 6.4).

use super::authenticator_data::AAGUID;
use super::{MAX_LIST, MAX_MESSAGE};
use crate::cbor::{map, named};
use crate::credential::{ES256, ID};
use crate::key::Key;
use crate::pin::MIN_CHARACTERS;
use ciborium::Value;

pub(super) fn run(key: &Key) -> Value {
    let extensions = key.model.hmac_secret.then_some("hmac-secret");
    let pin = Value::from(key.kept.pin.is_set());
    let first = |versions: &[&str]| {
        [
            (1, texts(versions)),
            (2, texts(extensions.as_slice())),
            (3, Value::Bytes(AAGUID.to_vec())),
        ]
    };
    if key.model.old {
        let options = named([("rk", true.into()), ("up", true.into()), ("clientPin", pin)]);
        let rest = [(4, options), (5, MAX_MESSAGE.into()), (6, Value::Array(vec![1.into()]))];
        return map(first(&["FIDO_2_0"]).into_iter().chain(rest));
    }
    let options = named([
        ("rk", true.into()),
        ("up", true.into()),
        ("clientPin", pin),
        ("pinUvAuthToken", true.into()),
    ]);
    let es256 = named([("alg", ES256.into()), ("type", "public-key".into())]);
    let rest = [
        (4, options),
        (5, MAX_MESSAGE.into()),
        (6, Value::Array(vec![2.into(), 1.into()])),
        (7, MAX_LIST.into()),
        (8, (ID as u8).into()),
        (9, texts(&["usb"])),
        (10, Value::Array(vec![es256])),
        (13, (MIN_CHARACTERS as u8).into()),
    ];
    map(first(&["FIDO_2_0", "FIDO_2_1"]).into_iter().chain(rest))
}

fn texts(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|text| (*text).into()).collect())
}
