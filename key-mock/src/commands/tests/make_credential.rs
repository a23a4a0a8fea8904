//! Registrations.

use super::platform::*;
use crate::cbor::named;
use crate::commands::make_credential::MAX_CREDENTIALS;
use crate::key::Key;
use crate::key::Model;
use crate::pin_protocol::Protocol;
use crate::status::Status;
use ciborium::Value;

const PRESENT_VERIFIED_ATTESTED: u8 = 0x45;
const WITH_EXTENSIONS: u8 = 0x80;

#[test]
fn a_credential_is_made_after_pin_and_touch() {
    for mut platform in Platform::all() {
        let made = platform.make([]).unwrap();
        assert_eq!(*at(&made, 1), "packed".into());
        assert_eq!(flags(&made), PRESENT_VERIFIED_ATTESTED);
        assert_eq!(platform.hand.touches, 1);
    }
}

#[test]
fn hmac_secret_is_given_where_it_is_asked_for_and_there() {
    let asked = || [(6, named([("hmac-secret", true.into())]))];
    let made = Platform::new().make(asked()).unwrap();
    assert_eq!(flags(&made), PRESENT_VERIFIED_ATTESTED | WITH_EXTENSIONS);
    assert!(bytes_at(&made, 2).ends_with(b"\xa1\x6bhmac-secret\xf5"));
    let without = Model { hmac_secret: false, ..Model::CURRENT };
    let made = Platform::with(without, Protocol::Two).make(asked()).unwrap();
    assert_eq!(flags(&made), PRESENT_VERIFIED_ATTESTED);
}

#[test]
fn an_excluded_credential_is_told_only_after_a_touch() {
    let mut platform = Platform::new();
    let there = platform.made();
    assert!(platform.make([(5, list(&[b"elsewhere"]))]).is_ok());
    let touches = platform.hand.touches;
    let excluded = [(5, list(&[b"elsewhere", &there]))];
    assert_eq!(platform.make(excluded.clone()), Err(Status::CredentialExcluded));
    assert_eq!(platform.hand.touches, touches + 1);
    platform.hand.does = Err(Status::UserActionTimeout);
    assert_eq!(platform.make(excluded.clone()), Err(Status::CredentialExcluded));
    platform.hand.does = Err(Status::KeepaliveCancel);
    assert_eq!(platform.make(excluded), Err(Status::KeepaliveCancel));
}

#[test]
fn requests_are_checked_before_anybody_has_to_touch_the_key() {
    let mut platform = Platform::new();
    let many: Vec<&[u8]> = vec![b"id"; 9];
    let entry =
        |algorithm: i64, kind: &str| named([("alg", algorithm.into()), ("type", kind.into())]);
    let refused = [
        (1, Value::Null, Status::MissingParameter),
        (1, Value::Bytes(vec![1; 31]), Status::InvalidParameter),
        (2, Value::Null, Status::MissingParameter),
        (2, named([("name", "Keepsake".into())]), Status::MissingParameter),
        (3, named([("name", "ada".into())]), Status::MissingParameter),
        (3, named([("id", Value::Bytes(vec![]))]), Status::InvalidParameter),
        (3, named([("id", Value::Bytes(vec![1; 65]))]), Status::InvalidParameter),
        (3, named([("id", "text".into())]), Status::CborUnexpectedType),
        (4, Value::Null, Status::MissingParameter),
        (4, Value::Array(vec![]), Status::UnsupportedAlgorithm),
        (4, Value::Array(vec![entry(-8, "public-key")]), Status::UnsupportedAlgorithm),
        (4, Value::Array(vec![entry(-7, "private-key")]), Status::UnsupportedAlgorithm),
        (4, Value::Array(vec![named([("alg", (-7).into())])]), Status::MissingParameter),
        (5, list(&[]), Status::InvalidParameter),
        (5, list(&many), Status::LimitExceeded),
        (6, named([("hmac-secret", 1.into())]), Status::CborUnexpectedType),
        (7, named([("up", false.into())]), Status::InvalidOption),
        (7, named([("rk", 1.into())]), Status::CborUnexpectedType),
        (8, Value::Null, Status::PuatRequired),
        (8, Value::Bytes(vec![0; 32]), Status::PinAuthInvalid),
        (9, Value::Null, Status::MissingParameter),
        (9, 3.into(), Status::InvalidParameter),
        (10, 1.into(), Status::InvalidParameter),
    ];
    for (parameter, value, status) in refused {
        assert_eq!(
            platform.make([(parameter, value.clone())]),
            Err(status),
            "{parameter}: {value:?}"
        );
    }
    let built_in = [(7, named([("uv", true.into())])), (8, Value::Null), (9, Value::Null)];
    assert_eq!(platform.make(built_in), Err(Status::InvalidOption));
    assert_eq!(platform.hand.touches, 0);
    let unknown =
        platform.make([(6, named([("credProtect", 3.into())])), (7, named([("new", 1.into())]))]);
    assert!(unknown.is_ok(), "unknown extensions and options are ignored");
}

#[test]
fn a_token_serves_one_touch_for_what_it_was_given_for() {
    let mut platform = Platform::new();
    let proof = platform.proof(GET);
    assert_eq!(
        platform.make([(8, proof)]),
        Err(Status::PinAuthInvalid),
        "that was a token for assertions"
    );
    let elsewhere = [(2, named([("id", "example.com".into())]))];
    assert_eq!(
        platform.make(elsewhere),
        Err(Status::PinAuthInvalid),
        "that was one for another relying party"
    );
    let proof = platform.proof(MAKE);
    let once = |proof: &Value| {
        with(
            [(1, Value::Bytes(HASH.to_vec())), (8, proof.clone()), (9, 2.into())],
            [
                (2, named([("id", RP_ID.into())])),
                (3, named([("id", Value::Bytes(vec![7]))])),
                (
                    4,
                    Value::Array(vec![named([
                        ("alg", (-7).into()),
                        ("type", "public-key".into()),
                    ])]),
                ),
            ],
        )
    };
    assert!(platform.ask(0x01, once(&proof)).is_ok());
    assert_eq!(platform.ask(0x01, once(&proof)), Err(Status::PinAuthInvalid));
}

/// Platforms send this to find out which of several keys the person touches.
#[test]
fn an_empty_proof_asks_for_a_touch() {
    let empty = [(8, Value::Bytes(vec![]))];
    let mut platform = Platform::new();
    assert_eq!(platform.make(empty.clone()), Err(Status::PinInvalid));
    assert_eq!(platform.hand.touches, 1);
    let fresh = Key::in_memory(Model::CURRENT, None).unwrap();
    let mut platform = Platform::of(fresh, Protocol::Two);
    assert_eq!(platform.ask(0x01, with(empty, [])), Err(Status::PinNotSet));
}

#[test]
fn a_discoverable_credential_takes_the_place_of_the_same_accounts() {
    let mut platform = Platform::new();
    let (first, second) = (platform.made(), platform.made());
    assert_eq!(platform.get([(3, list(&[&first]))]), Err(Status::NoCredentials));
    assert!(platform.get([(3, list(&[&second]))]).is_ok());
}

#[test]
fn a_full_key_takes_no_more_and_loses_nothing() {
    let mut platform = Platform::new();
    let first = platform.made();
    let more =
        platform.key.kept.credentials.iter().cycle().take(MAX_CREDENTIALS).cloned().collect();
    platform.key.kept.credentials = more;
    assert_eq!(platform.make([]), Err(Status::KeyStoreFull));
    assert!(platform.get([(3, list(&[&first]))]).is_ok());
}
