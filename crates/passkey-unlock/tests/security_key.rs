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
            let result = Site::new().check(&mut passkey, &[10 + turn; 32], &asserted.assertion).unwrap();
            assert!(result.user_verified());
            assert_eq!(result.counter(), u32::from(turn));
            assert_eq!(asserted.assertion["clientExtensionResults"], json!({}));
            assert!(!carries(&asserted.assertion, asserted.prf.expose()));
            outputs.push(asserted.prf);
        }
        assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]));
        let other = AssertionRequest { prf_input: [9; 32], ..request([2; 32], &created.credential_id) };
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
    assert_eq!(key.assert(&asked, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::NoDevice));
    there.pull_out();
    fs::copy(here.kept(), there.kept()).unwrap();
    there.plug_in(Touch::AtOnce);
    assert_eq!(there.key().assert(&asked, &Person::typing(&[PIN])).await.unwrap().prf, used.prf);
}

/// The third wrong one in a row is answered with "pull it out" instead of "wrong".
#[tokio::test]
async fn wrong_pins_are_counted_by_the_key_until_it_is_blocked() {
    let mut desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    let asked = request([2; 32], &created.credential_id);
    for tries_left in (1..8).rev() {
        let person = Person::typing(&["0000"]);
        let refused = key.assert(&asked, &person).await.err();
        assert_eq!(person.asked.lock().unwrap()[0].tries_left, Some(tries_left + 1));
        if tries_left % 3 == 2 {
            assert_eq!(refused, Some(PasskeyError::Replug));
            let fourth = key.assert(&asked, &Person::typing(&[PIN])).await;
            assert_eq!(fourth.err(), Some(PasskeyError::Replug), "not even the right one after three wrong ones");
            desk.pull_out();
            desk.plug_in(Touch::AtOnce);
        } else {
            assert_eq!(refused, Some(PasskeyError::WrongPin { tries_left, wait_seconds: 0 }));
        }
    }
    assert_eq!(key.assert(&asked, &Person::typing(&["0000"])).await.err(), Some(PasskeyError::KeyBlocked));
    let person = Person::typing(&[PIN]);
    assert_eq!(key.assert(&asked, &person).await.err(), Some(PasskeyError::KeyBlocked));
    assert!(person.asked.lock().unwrap().is_empty(), "nobody is asked for a PIN in vain");
}

#[tokio::test]
async fn what_a_key_refuses_is_told_apart() {
    let mut desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    let good = request([2; 32], &created.credential_id);
    let foreign = AssertionRequest { allowed: vec![vec![5; 32]], ..good.clone() };
    assert_eq!(key.assert(&foreign, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::NoPasskey));
    let elsewhere =
        AssertionRequest { rp_id: "example.com".into(), origin: "https://example.com".into(), ..good.clone() };
    assert_eq!(key.assert(&elsewhere, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::NoPasskey));
    assert_eq!(key.assert(&good, &Person::typing(&[])).await.err(), Some(PasskeyError::Cancelled));
    desk.pull_out();
    desk.plug_in(Touch::Never);
    assert_eq!(key.assert(&good, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::Cancelled));
    desk.pull_out();
    let nothing = key.create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await;
    assert_eq!(nothing.err(), Some(PasskeyError::NoDevice));
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
