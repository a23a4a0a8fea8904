//! A security key over HID reports, played by key-mock, against webauthn-rs.

#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod support;

use key_mock::{Model, Touch};
use passkey_unlock::*;
use serde_json::json;
use std::fs;
use support::desk::{Desk, PIN};
use support::*;

/// Keys before CTAP 2.1 speak PIN protocol one and know no permissions.
#[tokio::test]
async fn a_site_accepts_old_and_new_keys() {
    for model in [Model::OLD, Model::CURRENT] {
        let desk = Desk::with(model);
        let (key, created) = desk.registered().await;
        assert!(created.prf.is_none(), "a key gives its PRF output with the first assertion");
        let mut passkey = Site::new().register(&[1; 32], &created.registration).unwrap();
        let mut outputs = vec![];
        for turn in 1..=3 {
            let asked = request([10 + turn; 32], &created.credential_id);
            let asserted = key.assert(&asked, &Person::typing(&[PIN])).await.unwrap();
            let result =
                Site::new().check(&mut passkey, &[10 + turn; 32], &asserted.assertion).unwrap();
            assert!(result.user_verified());
            assert_eq!(result.counter(), u32::from(turn));
            assert_eq!(asserted.assertion["clientExtensionResults"], json!({}));
            assert!(!carries(&asserted.assertion, asserted.prf.expose()));
            outputs.push(asserted.prf);
        }
        assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]));
        let other =
            AssertionRequest { prf_input: [9; 32], ..request([2; 32], &created.credential_id) };
        assert_ne!(key.assert(&other, &Person::typing(&[PIN])).await.unwrap().prf, outputs[0]);
    }
}

#[tokio::test]
async fn a_key_works_on_another_computer() {
    let (mut here, mut there) = (Desk::with(Model::CURRENT), Desk::with(Model::CURRENT));
    let (key, created) = here.registered().await;
    let asked = request([2; 32], &created.credential_id);
    let used = key.assert(&asked, &Person::typing(&[PIN])).await.unwrap();
    here.pull_out();
    assert_eq!(
        key.assert(&asked, &Person::typing(&[PIN])).await.err(),
        Some(PasskeyError::NoDevice)
    );
    there.pull_out();
    fs::copy(here.kept(), there.kept()).unwrap();
    there.plug_in(Touch::AtOnce);
    assert_eq!(there.key().assert(&asked, &Person::typing(&[PIN])).await.unwrap().prf, used.prf);
}

#[tokio::test]
async fn a_passkey_is_discoverable_and_one_key_holds_one_for_each_account() {
    let desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    assert!(fs::read_to_string(desk.kept()).unwrap().contains("\"discoverable\":true"));
    let excluding = |id: &[u8]| NewPasskey { exclude: vec![id.to_vec()], ..new_passkey([2; 32]) };
    let second = key.create(&excluding(&created.credential_id), &Person::typing(&[PIN])).await;
    assert_eq!(second.err(), Some(PasskeyError::AlreadyThere));
    assert!(key.create(&excluding(b"of another key"), &Person::typing(&[PIN])).await.is_ok());
}

#[test]
fn a_mock_key_says_so_and_a_real_one_does_not() {
    let mock = SecurityKey::new(SocketBus::new("/nowhere")).description();
    assert!(mock.mock && mock.name.contains("MOCK") && mock.limit.contains("MOCK"));
    // No key is plugged into the machines that run this; where one is, nothing is asked of it.
    let real = SecurityKey::new(UsbBus).description();
    assert!(!real.mock && !real.name.contains("MOCK") && !real.limit.contains("MOCK"));
    assert_eq!(real.protection, Protection::Hardware);
}
