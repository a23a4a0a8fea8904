//! Commands without a file of their own, and messages that no platform should send.

use super::platform::*;
use crate::cbor::{map, named};
use crate::key::{Key, Model};
use crate::pin_protocol::Protocol;
use crate::status::Status;
use ciborium::Value;
use proptest::prelude::*;
use std::time::{Duration, Instant};

#[test]
fn a_key_tells_what_it_can_do() {
    let info = Platform::new().send(&[0x04]).unwrap();
    assert_eq!(*at(&info, 1), Value::Array(vec!["FIDO_2_0".into(), "FIDO_2_1".into()]));
    assert_eq!(*at(&info, 2), Value::Array(vec!["hmac-secret".into()]));
    let options = named([
        ("rk", true.into()),
        ("up", true.into()),
        ("clientPin", true.into()),
        ("pinUvAuthToken", true.into()),
    ]);
    assert_eq!(*at(&info, 4), options);
    assert_eq!(*at(&info, 6), Value::Array(vec![2.into(), 1.into()]));

    let bare = Model { hmac_secret: false, ..Model::OLD };
    let info =
        Platform::of(Key::in_memory(bare, None).unwrap(), Protocol::One).send(&[0x04]).unwrap();
    assert_eq!(*at(&info, 2), Value::Array(vec![]));
    assert_eq!(
        *at(&info, 4),
        named([("rk", true.into()), ("up", true.into()), ("clientPin", false.into())])
    );
    assert_eq!(*at(&info, 6), Value::Array(vec![1.into()]));
}

#[test]
fn messages_that_are_no_commands_are_refused() {
    let mut platform = Platform::new();
    let refused = [
        (&[][..], Status::InvalidLength),
        (&[0x03], Status::InvalidCommand),
        (&[0x41], Status::InvalidCommand),
        (&[0x04, 0xa0], Status::InvalidLength),
        (&[0x06], Status::MissingParameter),
        (&[0x06, 0xa1, 0x02], Status::InvalidCbor),
        (&[0x06, 0x80], Status::CborUnexpectedType),
        (&[0x01; 1201], Status::RequestTooLarge),
    ];
    for (message, status) in refused {
        assert_eq!(platform.send(message), Err(status), "{message:02x?}");
    }
    assert_eq!(
        Platform::with(Model::OLD, Protocol::One).send(&[0x0b]),
        Err(Status::InvalidCommand)
    );
    assert_eq!(platform.send(&[0x0b]), Ok(Value::Null), "selection");
}

#[test]
fn a_reset_soon_after_plugging_in_forgets_everything_and_a_later_one_is_refused() {
    let mut platform = Platform::new();
    platform.made();
    platform.hand.does = Err(Status::UserActionTimeout);
    assert_eq!(platform.send(&[0x07]), Err(Status::UserActionTimeout));
    platform.hand.does = Ok(());
    platform.key.power.since = Instant::now().checked_sub(Duration::from_secs(11)).unwrap();
    assert_eq!(platform.send(&[0x07]), Err(Status::NotAllowed));
    platform.key.power.since = Instant::now();
    assert_eq!(platform.send(&[0x07]), Ok(Value::Null));
    let asked = map([(1, RP_ID.into()), (2, Value::Bytes(HASH.to_vec()))]);
    assert_eq!(platform.ask(0x02, asked), Err(Status::NoCredentials));
    assert_eq!(platform.legacy_token(PIN), Err(Status::PinNotSet));
}

proptest! {
    #[test]
    fn any_message_is_answered(command in 0u8..16, body in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = Platform::new().send(&[vec![command], body].concat());
    }

    /// Of the right shape, with anything inside.
    #[test]
    fn any_parameters_are_answered(command in 0u8..16, values in proptest::collection::vec((0i64..12, value()), 0..8)) {
        let _ = Platform::new().ask(command, with(values, []));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        (0i64..12).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..70).prop_map(Value::Bytes),
        "[a-z-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![
            Just("id"),
            Just("alg"),
            Just("type"),
            Just("hmac-secret"),
            Just("rk"),
            Just("up")
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            (name, inner.clone()).prop_map(|entry| named([entry])),
            (1i64..5, inner).prop_map(|entry| map([entry])),
        ]
    })
}
