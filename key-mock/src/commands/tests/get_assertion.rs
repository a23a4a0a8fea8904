//! Assertions.

use super::platform::*;
use crate::cbor::{map, named};
use crate::status::Status;
use ciborium::Value;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;

fn counter(answer: &Value) -> u32 {
    u32::from_be_bytes(bytes_at(answer, 2)[33..37].try_into().unwrap())
}

#[test]
fn an_assertion_is_made_by_one_of_the_allowed_credentials() {
    for mut platform in Platform::all() {
        let id = platform.made();
        let used = platform.get([(3, list(&[b"elsewhere", &id]))]).unwrap();
        assert_eq!(*at(&used, 1), named([("id", Value::Bytes(id)), ("type", "public-key".into())]));
        assert_eq!(flags(&used), PRESENT | VERIFIED);
        assert_eq!(platform.get([(3, list(&[b"elsewhere"]))]), Err(Status::NoCredentials));
    }
}

#[test]
fn a_credential_answers_only_its_relying_party() {
    let mut platform = Platform::new();
    let id = platform.made();
    let elsewhere =
        map([(1, "example.com".into()), (2, Value::Bytes(HASH.to_vec())), (3, list(&[&id]))]);
    assert_eq!(platform.ask(0x02, elsewhere), Err(Status::NoCredentials));
    assert_eq!(
        platform.get([(1, "example.com".into())]),
        Err(Status::PinAuthInvalid),
        "nor does the token"
    );
}

#[test]
fn the_counter_goes_up_whichever_credential_signs() {
    let mut platform = Platform::new();
    let first = platform.made();
    let other = platform.make([]).unwrap();
    let other = credential_id(&other);
    let counters: Vec<_> = [&first, &other, &first]
        .map(|id| counter(&platform.get([(3, list(&[id]))]).unwrap()))
        .to_vec();
    assert_eq!(counters, [1, 2, 3]);
}

#[test]
fn only_discoverable_credentials_are_found_without_their_id() {
    let mut platform = Platform::new();
    platform.make([]).unwrap();
    assert_eq!(platform.get([]), Err(Status::NoCredentials));
    let id = platform.made();
    let used = platform.get([]).unwrap();
    assert_eq!(*at(&used, 1), named([("id", Value::Bytes(id)), ("type", "public-key".into())]));
    assert_eq!(
        *at(&used, 4),
        named([("id", Value::Bytes(vec![7]))]),
        "one account: its name is nobody's business"
    );
}

#[test]
fn several_accounts_come_one_after_the_other_the_newest_first() {
    let mut platform = Platform::new();
    for name in ["ada", "bob", "eve"] {
        let user = named([("id", Value::Bytes(name.into())), ("name", name.into())]);
        platform.make([(3, user), (7, named([("rk", true.into())]))]).unwrap();
    }
    let name = |answer: &Value| at(answer, 4).as_map().unwrap()[1].1.clone();
    let first = platform.get([]).unwrap();
    assert_eq!((name(&first), at(&first, 5)), ("eve".into(), &3.into()));
    assert_eq!(name(&platform.send(&[0x08]).unwrap()), "bob".into());
    assert_eq!(name(&platform.send(&[0x08]).unwrap()), "ada".into());
    assert_eq!(platform.send(&[0x08]), Err(Status::NotAllowed), "there are no more");
    platform.get([]).unwrap();
    platform.send(&[0x04]).unwrap();
    assert_eq!(platform.send(&[0x08]), Err(Status::NotAllowed), "another command came between");
}

#[test]
fn requests_are_checked_before_anybody_has_to_touch_the_key() {
    let mut platform = Platform::new();
    platform.made();
    platform.hand.touches = 0;
    let many: Vec<&[u8]> = vec![b"id"; 9];
    let refused = [
        (1, Value::Null, Status::MissingParameter),
        (2, Value::Null, Status::MissingParameter),
        (2, Value::Bytes(vec![1; 33]), Status::InvalidParameter),
        (3, list(&[]), Status::InvalidParameter),
        (3, list(&many), Status::LimitExceeded),
        (3, Value::Array(vec![named([("type", "public-key".into())])]), Status::MissingParameter),
        (5, named([("rk", false.into())]), Status::UnsupportedOption),
        (6, Value::Bytes(vec![0; 32]), Status::PinAuthInvalid),
        (7, Value::Null, Status::MissingParameter),
        (7, 0.into(), Status::InvalidParameter),
    ];
    for (parameter, value, status) in refused {
        assert_eq!(
            platform.get([(parameter, value.clone())]),
            Err(status),
            "{parameter}: {value:?}"
        );
    }
    assert_eq!(platform.hand.touches, 0);
    platform.hand.does = Err(Status::UserActionTimeout);
    assert_eq!(platform.get([]), Err(Status::UserActionTimeout));
}

#[test]
fn without_touch_or_pin_the_answer_says_so() {
    let mut platform = Platform::new();
    platform.made();
    let touches = platform.hand.touches;
    let silent = platform
        .get([(5, named([("up", false.into())])), (6, Value::Null), (7, Value::Null)])
        .unwrap();
    assert_eq!((flags(&silent), platform.hand.touches), (0, touches));
    assert_eq!(flags(&platform.get([(6, Value::Null), (7, Value::Null)]).unwrap()), PRESENT);
    assert_eq!(flags(&platform.get([(5, named([("up", false.into())]))]).unwrap()), VERIFIED);
}
