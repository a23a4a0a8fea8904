//! The hmac-secret extension.

use super::platform::*;
use crate::cbor::named;
use crate::key::Model;
use crate::pin_protocol::Protocol;
use crate::status::Status;
use ciborium::Value;

/// The extension's input, with `changed` parameters.
fn input(
    platform: &Platform,
    agreed: &Agreed,
    salts: &[u8],
    changed: impl IntoIterator<Item = (i64, Value)>,
) -> Value {
    let sealed = agreed.shared.encrypt(salts);
    let usual = [
        (1, agreed.public.clone()),
        (3, Value::Bytes(agreed.shared.sign(&sealed))),
        (2, Value::Bytes(sealed)),
        (4, platform.protocol.number().into()),
    ];
    named([("hmac-secret", with(usual, changed))])
}

fn outputs(
    platform: &mut Platform,
    salts: &[u8],
    changed: impl IntoIterator<Item = (i64, Value)>,
) -> Vec<u8> {
    let agreed = platform.agree();
    let asked = (4, input(platform, &agreed, salts, []));
    let used = platform.get([asked].into_iter().chain(changed)).unwrap();
    let data = bytes_at(&used, 2);
    let extensions = crate::cbor::read(&data[37..]).unwrap();
    let sealed = extensions.as_map().unwrap()[0].1.as_bytes().unwrap();
    agreed.shared.decrypt(sealed).unwrap().to_vec()
}

#[test]
fn each_salt_gives_its_own_output_and_always_the_same() {
    for mut platform in Platform::all() {
        platform.made();
        let (one, two) =
            (outputs(&mut platform, &[1; 32], []), outputs(&mut platform, &[2; 32], []));
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
        assert_eq!(outputs(&mut platform, &[[1; 32], [2; 32]].concat(), []), [one, two].concat());
    }
}

#[test]
fn without_the_pin_the_output_is_another_one() {
    let mut platform = Platform::new();
    platform.made();
    let verified = outputs(&mut platform, &[1; 32], []);
    assert_ne!(outputs(&mut platform, &[1; 32], [(6, Value::Null), (7, Value::Null)]), verified);
}

#[test]
fn inputs_that_are_not_as_they_should_be_are_refused() {
    let mut platform = Platform::new();
    platform.made();
    let agreed = platform.agree();
    let refused = [
        (1, Value::Null, Status::MissingParameter),
        (1, Value::Bytes(vec![]), Status::InvalidParameter),
        (2, Value::Null, Status::MissingParameter),
        (2, Value::Bytes(vec![0; 48]), Status::PinAuthInvalid),
        (3, Value::Null, Status::MissingParameter),
        (3, Value::Bytes(vec![0; 32]), Status::PinAuthInvalid),
        (4, Value::Null, Status::PinAuthInvalid),
        (4, 1.into(), Status::PinAuthInvalid),
        (4, 3.into(), Status::InvalidParameter),
    ];
    for (parameter, value, status) in refused {
        let asked = input(&platform, &agreed, &[1; 32], [(parameter, value.clone())]);
        assert_eq!(platform.get([(4, asked)]), Err(status), "{parameter}: {value:?}");
    }
    for length in [0, 16, 48, 80] {
        let asked = input(&platform, &agreed, &vec![1; length], []);
        assert_eq!(
            platform.get([(4, asked)]),
            Err(Status::InvalidParameter),
            "{length} bytes of salt"
        );
    }
    let untouched =
        [(4, input(&platform, &agreed, &[1; 32], [])), (5, named([("up", false.into())]))];
    assert_eq!(platform.get(untouched), Err(Status::UnsupportedOption));
}

#[test]
fn a_credential_or_a_key_without_the_extension_gives_no_output() {
    let without = Model { hmac_secret: false, ..Model::CURRENT };
    for mut platform in [Platform::new(), Platform::with(without, Protocol::Two)] {
        platform.make([(7, named([("rk", true.into())]))]).unwrap();
        let agreed = platform.agree();
        let asked = input(&platform, &agreed, &[1; 32], []);
        let used = platform.get([(4, asked)]).unwrap();
        assert_eq!(bytes_at(&used, 2).len(), 37, "no extensions");
    }
}
