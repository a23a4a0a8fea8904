//! A security key over HID reports, played by the virtual one, against webauthn-rs.

#![allow(clippy::unwrap_used)]

mod support;

use passkey_unlock::*;
use serde_json::json;
use support::*;

const PIN: &str = "2718";

async fn registered(bus: &SimulatedBus) -> (SecurityKey, Created) {
    let key = SecurityKey::new(bus.clone());
    let created = key.create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await.unwrap();
    (key, created)
}

/// Keys before CTAP 2.1 speak PIN protocol one and know no permissions.
#[tokio::test]
async fn a_site_accepts_old_and_new_keys() {
    for modern in [false, true] {
        let bus = SimulatedBus::with(SimulatedKey::new(PIN, modern));
        let (key, created) = registered(&bus).await;
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
    let bus = SimulatedBus::with(SimulatedKey::new(PIN, true));
    let (key, created) = registered(&bus).await;
    let asked = request([2; 32], &created.credential_id);
    let here = key.assert(&asked, &Person::typing(&[PIN])).await.unwrap();
    let carried = bus.pull_out().unwrap().to_bytes();
    assert_eq!(key.assert(&asked, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::NoDevice));
    let there = SecurityKey::new(SimulatedBus::with(SimulatedKey::from_bytes(&carried).unwrap()));
    assert_eq!(there.assert(&asked, &Person::typing(&[PIN])).await.unwrap().prf, here.prf);
}

#[tokio::test]
async fn wrong_pins_are_counted_by_the_key_until_it_is_blocked() {
    let bus = SimulatedBus::with(SimulatedKey::new(PIN, true));
    let (key, created) = registered(&bus).await;
    let asked = request([2; 32], &created.credential_id);
    for tries_left in (1..8).rev() {
        let person = Person::typing(&["0000"]);
        let refused = key.assert(&asked, &person).await;
        assert_eq!(refused.err(), Some(PasskeyError::WrongPin { tries_left, wait_seconds: 0 }));
        assert_eq!(person.asked.lock().unwrap()[0].tries_left, Some(tries_left + 1));
        if tries_left % 3 == 2 {
            let fourth = key.assert(&asked, &Person::typing(&[PIN])).await;
            assert_eq!(fourth.err(), Some(PasskeyError::Replug), "not even the right one after three wrong ones");
            bus.plug_in(bus.pull_out().unwrap());
        }
    }
    assert_eq!(key.assert(&asked, &Person::typing(&["0000"])).await.err(), Some(PasskeyError::KeyBlocked));
    let person = Person::typing(&[PIN]);
    assert_eq!(key.assert(&asked, &person).await.err(), Some(PasskeyError::KeyBlocked));
    assert!(person.asked.lock().unwrap().is_empty(), "nobody is asked for a PIN in vain");
}

#[tokio::test]
async fn what_a_key_refuses_is_told_apart() {
    let bus = SimulatedBus::with(SimulatedKey::new(PIN, true));
    let (key, created) = registered(&bus).await;
    let good = request([2; 32], &created.credential_id);
    let foreign = AssertionRequest { allowed: vec![vec![5; 32]], ..good.clone() };
    assert_eq!(key.assert(&foreign, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::NoPasskey));
    let elsewhere =
        AssertionRequest { rp_id: "example.com".into(), origin: "https://example.com".into(), ..good.clone() };
    assert_eq!(key.assert(&elsewhere, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::NoPasskey));
    assert_eq!(key.assert(&good, &Person::typing(&[])).await.err(), Some(PasskeyError::Cancelled));
    let mut untouched = bus.pull_out().unwrap();
    untouched.touched = false;
    bus.plug_in(untouched);
    assert_eq!(key.assert(&good, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::Cancelled));
    let nothing = SecurityKey::new(SimulatedBus::empty());
    assert_eq!(
        nothing.create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await.err(),
        Some(PasskeyError::NoDevice)
    );
}

/// No key is plugged into the machines that run this; where one is, nothing is asked of it.
#[test]
fn a_real_key_is_described_as_hardware() {
    let key = SecurityKey::new(UsbBus);
    assert_eq!(key.description().protection, Protection::Hardware);
}
