//! PINs and tokens.

use super::platform::*;
use crate::cbor::{map, named};
use crate::key::{Key, Model};
use crate::pin_protocol::Protocol;
use crate::power::Power;
use crate::status::Status;
use ciborium::Value;
use std::time::Instant;

fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}

/// Parameters of setPIN.
fn new_pin(agreed: &Agreed, padded: &[u8]) -> [(i64, Value); 3] {
    let sealed = agreed.shared.encrypt(padded);
    let param = agreed.shared.sign(&sealed);
    [(3, agreed.public.clone()), (4, Value::Bytes(param)), (5, Value::Bytes(sealed))]
}

/// Parameters of changePIN.
fn other_pin(agreed: &Agreed, old: &str, padded: &[u8]) -> Vec<(i64, Value)> {
    let (sealed, hash) = (agreed.shared.encrypt(padded), pin_hash(&agreed.shared, old));
    let param = agreed.shared.sign(&[&sealed[..], hash.as_bytes().unwrap()].concat());
    vec![(3, agreed.public.clone()), (4, Value::Bytes(param)), (5, Value::Bytes(sealed)), (6, hash)]
}

#[test]
fn a_pin_is_set_once_and_then_changed_with_the_old_one() {
    for protocol in [Protocol::One, Protocol::Two] {
        let mut platform = Platform::of(Key::in_memory(Model::CURRENT, None).unwrap(), protocol);
        assert_eq!(platform.legacy_token("first"), Err(Status::PinNotSet));
        let agreed = platform.agree();
        assert_eq!(platform.client_pin(3, new_pin(&agreed, &padded("first"))), Ok(Value::Null));
        assert_eq!(
            platform.client_pin(3, new_pin(&agreed, &padded("again"))),
            Err(Status::PinAuthInvalid)
        );
        let wrong = platform.client_pin(4, other_pin(&agreed, "wrong", &padded("second")));
        assert_eq!(wrong, Err(Status::PinInvalid));
        let agreed = platform.agree();
        assert_eq!(
            platform.client_pin(4, other_pin(&agreed, "first", &padded("second"))),
            Ok(Value::Null)
        );
        assert_eq!(platform.legacy_token("first"), Err(Status::PinInvalid));
        assert!(platform.legacy_token("second").is_ok());
    }
}

#[test]
fn pins_that_are_too_short_too_long_or_badly_padded_are_refused() {
    let mut platform = Platform::of(Key::in_memory(Model::CURRENT, None).unwrap(), Protocol::Two);
    let agreed = platform.agree();
    let refused = [
        (padded("123"), Status::PinPolicyViolation),
        (vec![b'1'; 64], Status::PinPolicyViolation),
        (vec![0xff; 64], Status::PinPolicyViolation),
        (padded("2718")[..48].to_vec(), Status::InvalidParameter),
        ([padded("2718"), vec![0; 16]].concat(), Status::InvalidParameter),
    ];
    for (pin, status) in refused {
        assert_eq!(platform.client_pin(3, new_pin(&agreed, &pin)), Err(status), "{pin:?}");
    }
    let mut forged = new_pin(&agreed, &padded("2718"));
    forged[1].1 = Value::Bytes(vec![0; 32]);
    assert_eq!(platform.client_pin(3, forged), Err(Status::PinAuthInvalid));
}

#[test]
fn three_wrong_pins_in_a_row_want_a_power_cycle_and_eight_block() {
    for mut platform in Platform::all() {
        for tries in (0..8).rev() {
            let expected = match tries {
                0 => Status::PinBlocked,
                5 | 2 => Status::PinAuthBlocked,
                _ => Status::PinInvalid,
            };
            assert_eq!(platform.legacy_token("wrong"), Err(expected), "{tries} left");
            assert_eq!(platform.tries(), tries.into());
            if expected == Status::PinAuthBlocked {
                assert_eq!(
                    platform.legacy_token(PIN),
                    Err(Status::PinAuthBlocked),
                    "not even the right one"
                );
                assert_eq!(platform.tries(), tries.into(), "and no try is spent");
                platform.key.power = Power::up(Instant::now());
            }
        }
        platform.key.power = Power::up(Instant::now());
        assert_eq!(platform.legacy_token(PIN), Err(Status::PinBlocked));
    }
}

#[test]
fn the_right_pin_gives_all_tries_back() {
    let mut platform = Platform::new();
    for _ in 0..4 {
        assert_eq!(platform.legacy_token("wrong"), Err(Status::PinInvalid));
        assert_eq!(platform.legacy_token("wrong"), Err(Status::PinInvalid));
        assert!(platform.legacy_token(PIN).is_ok());
    }
    assert_eq!(platform.tries(), 8.into());
}

#[test]
fn a_guess_cannot_be_sent_again() {
    let mut platform = Platform::new();
    let Agreed { public, shared } = platform.agree();
    let guess = |pin: &str| [(3, public.clone()), (6, pin_hash(&shared, pin))];
    assert_eq!(platform.client_pin(5, guess("wrong")), Err(Status::PinInvalid));
    assert_eq!(
        platform.client_pin(5, guess(PIN)),
        Err(Status::PinInvalid),
        "under the old key agreement"
    );
}

/// What a platform might leave out, add or get wrong in a request for a token.
#[test]
fn requests_for_a_token_are_checked_before_the_pin() {
    let mut platform = Platform::new();
    let Agreed { public, shared } = platform.agree();
    let hash = pin_hash(&shared, PIN);
    let usual =
        [(1, 2.into()), (2, 9.into()), (3, public), (6, hash), (9, 3.into()), (10, RP_ID.into())];
    let refused = [
        (1, Value::Null, Status::MissingParameter),
        (1, 3.into(), Status::InvalidParameter),
        (1, "two".into(), Status::CborUnexpectedType),
        (2, Value::Null, Status::MissingParameter),
        (2, 8.into(), Status::InvalidSubcommand),
        (3, Value::Null, Status::MissingParameter),
        (3, map([]), Status::InvalidParameter),
        (6, Value::Null, Status::MissingParameter),
        (9, Value::Null, Status::MissingParameter),
        (9, 0.into(), Status::InvalidParameter),
        (9, 0x04.into(), Status::UnauthorizedPermission),
        (10, Value::Null, Status::MissingParameter),
        // getPinToken knows neither permissions nor a relying party.
        (2, 5.into(), Status::InvalidParameter),
    ];
    for (parameter, value, status) in refused {
        let request = with(usual.clone(), [(parameter, value.clone())]);
        assert_eq!(platform.ask(0x06, request), Err(status), "{parameter}: {value:?}");
    }
    assert_eq!(platform.tries(), 8.into());
    let unknown = with(usual, [(0x42, named([("anything", true.into())]))]);
    assert!(platform.ask(0x06, unknown).is_ok(), "unknown parameters are ignored");
}

#[test]
fn a_token_for_the_other_protocol_or_from_before_the_last_one_is_worth_nothing() {
    let mut platform = Platform::new();
    let older = platform.proof(MAKE);
    platform.token(MAKE).unwrap();
    assert_eq!(platform.make([]).map(drop), Ok(()));
    assert_eq!(platform.make([(8, older)]), Err(Status::PinAuthInvalid));
    assert_eq!(platform.make([(9, 1.into())]), Err(Status::PinAuthInvalid));
    let Agreed { public, shared } = platform.agree();
    platform.protocol = Protocol::One;
    let mixed = platform.client_pin(5, [(3, public), (6, pin_hash(&shared, PIN))]);
    assert_eq!(mixed, Err(Status::PinInvalid), "each protocol has its own key agreement");
}

#[test]
fn an_old_key_knows_only_protocol_one_and_no_permissions() {
    let mut platform = Platform::with(Model::OLD, Protocol::One);
    let Agreed { public, shared } = platform.agree();
    let hash = pin_hash(&shared, PIN);
    let more = [(3, public), (6, hash), (9, 3.into()), (10, RP_ID.into())];
    assert_eq!(platform.client_pin(9, more), Err(Status::InvalidSubcommand));
    platform.protocol = Protocol::Two;
    assert_eq!(platform.client_pin(2, []), Err(Status::InvalidParameter));
    assert_eq!(platform.ask(0x06, map([(2, 1.into())])), Err(Status::MissingParameter));
    assert!(
        Platform::new().ask(0x06, map([(2, 1.into())])).is_ok(),
        "a newer key tells its tries to anyone"
    );
}
