//! Noise_NK with the site's key behind the device port.
#![allow(clippy::unwrap_used)]

mod support;

use rand_core::OsRng;
use recovery_crypto::session::{Session, SessionError, initiate, respond};
use recovery_crypto::{DeviceKey, DeviceKeyError, SoftwareKey};
use std::sync::Arc;
use support::Fixed;
use vault_protocol::{BundleId, Point};
use zeroize::Zeroizing;

const BUNDLE: BundleId = BundleId([5; 32]);

fn device() -> Arc<dyn DeviceKey> {
    Arc::new(SoftwareKey::generate(&mut OsRng))
}

fn session() -> (Session, Session) {
    let device = device();
    let (initiated, first) = initiate(&BUNDLE, &device.public(), &mut OsRng).unwrap();
    let (site, second) = respond(&BUNDLE, &device, &first, &mut OsRng).unwrap();
    (initiated.finish(&second).unwrap(), site)
}

#[test]
fn both_sides_understand_each_other() {
    let (mut client, mut site) = session();
    for text in ["one", "two", ""] {
        let message = client.seal(text.as_bytes()).unwrap();
        assert_eq!(**site.open(&message).unwrap(), *text.as_bytes());
        let reply = site.seal(b"reply").unwrap();
        assert_eq!(**client.open(&reply).unwrap(), *b"reply");
    }
}

#[test]
fn a_site_without_the_fleet_key_cannot_answer() {
    let (_, first) = initiate(&BUNDLE, &device().public(), &mut OsRng).unwrap();
    assert_eq!(respond(&BUNDLE, &device(), &first, &mut OsRng).err(), Some(SessionError::NotAuthentic));
}

#[test]
fn another_bundle_on_one_side_is_refused() {
    let device = device();
    let (_, first) = initiate(&BUNDLE, &device.public(), &mut OsRng).unwrap();
    let refused = respond(&BundleId([6; 32]), &device, &first, &mut OsRng).err();
    assert_eq!(refused, Some(SessionError::NotAuthentic));
}

#[test]
fn replay_reorder_and_truncation_are_refused() {
    let (mut client, mut site) = session();
    let (first, second) = (client.seal(b"first").unwrap(), client.seal(b"second").unwrap());
    assert_eq!(site.open(&second).err(), Some(SessionError::NotAuthentic), "out of order");
    let (mut client, mut site) = session();
    assert_eq!(site.open(&first).err(), Some(SessionError::NotAuthentic), "of another session");
    let message = client.seal(b"first").unwrap();
    assert_eq!(site.open(&message[..message.len() - 1]).err(), Some(SessionError::NotAuthentic), "cut");
    site.open(&message).unwrap();
    assert_eq!(site.open(&message).err(), Some(SessionError::NotAuthentic), "replayed");
}

#[test]
fn altered_handshakes_are_refused_at_every_byte() {
    let device = device();
    let (_, first) = initiate(&BUNDLE, &device.public(), &mut OsRng).unwrap();
    for position in 0..first.len() {
        let mut altered = first.clone();
        altered[position] ^= 1;
        assert!(respond(&BUNDLE, &device, &altered, &mut OsRng).is_err(), "byte {position}");
    }
    assert!(respond(&BUNDLE, &device, &[], &mut OsRng).is_err());
}

#[test]
fn a_device_that_is_away_is_named_as_the_reason() {
    struct Away(Point);
    impl DeviceKey for Away {
        fn public(&self) -> Point {
            self.0
        }
        fn ecdh(&self, _: &Point) -> Result<Zeroizing<[u8; 32]>, DeviceKeyError> {
            Err(DeviceKeyError::Unavailable("unplugged".into()))
        }
    }
    let public = device().public();
    let away: Arc<dyn DeviceKey> = Arc::new(Away(public));
    let (_, first) = initiate(&BUNDLE, &public, &mut OsRng).unwrap();
    let expected = SessionError::Device(DeviceKeyError::Unavailable("unplugged".into()));
    assert_eq!(respond(&BUNDLE, &away, &first, &mut OsRng).err(), Some(expected));
}

#[test]
fn too_long_messages_are_refused_before_they_are_worked_on() {
    let (mut client, mut site) = session();
    assert_eq!(client.seal(&[0; 65_520]).err(), Some(SessionError::TooLong));
    assert_eq!(site.open(&[0; 65_536]).err(), Some(SessionError::TooLong));
    let largest = client.seal(&[7; 65_519]).unwrap();
    assert_eq!(site.open(&largest).unwrap().len(), 65_519);
}

#[test]
fn the_bytes_are_those_of_the_noise_specification() {
    let vector: serde_json::Value = serde_json::from_str(include_str!("vectors/noise-nk-p256.json")).unwrap();
    let bytes = |field: &serde_json::Value| hex::decode(field.as_str().unwrap()).unwrap();
    let bundle = BundleId::from_slice(&bytes(&vector["prologue"])).unwrap();
    let device: Arc<dyn DeviceKey> =
        Arc::new(SoftwareKey::from_bytes(&bytes(&vector["site_static"]).try_into().unwrap()).unwrap());
    let mut client_random = Fixed(bytes(&vector["client_ephemeral"]));
    let (initiated, first) = initiate(&bundle, &device.public(), &mut client_random).unwrap();
    assert_eq!(first, bytes(&vector["first"]));
    let mut site_random = Fixed(bytes(&vector["site_ephemeral"]));
    let (mut site, second) = respond(&bundle, &device, &first, &mut site_random).unwrap();
    assert_eq!(second, bytes(&vector["second"]));
    let mut client = initiated.finish(&second).unwrap();
    for message in vector["messages"].as_array().unwrap() {
        let sender = if message["from"] == "client" { &mut client } else { &mut site };
        let sealed = sender.seal(message["plaintext"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(sealed, bytes(&message["message"]));
    }
}
