//! Noise_NK with the site's key behind the device port.
#![allow(clippy::unwrap_used)]

mod support;

use rand_core::OsRng;
use recovery_crypto::session::{Prologue, Session, SessionError, initiate, respond};
use recovery_crypto::{DeviceKey, DeviceKeyError, SoftwareKey};
use std::sync::Arc;
use support::{Fixed, array, bytes, list, vectors};
use vault_protocol::{BundleId, Point, SiteIndex};
use zeroize::Zeroizing;

const HERE: Prologue = Prologue { bundle: BundleId([5; 32]), site: SiteIndex(2) };

fn device() -> Arc<dyn DeviceKey> {
    Arc::new(SoftwareKey::generate(&mut OsRng))
}

fn session() -> (Session, Session) {
    let device = device();
    let (initiated, first) = initiate(&HERE, &device.public(), &mut OsRng).unwrap();
    let (site, second) = respond(&HERE, &device, &first, &mut OsRng).unwrap();
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
fn both_sides_name_the_session_alike_and_every_session_otherwise() {
    let device = device();
    let mut seen = Vec::new();
    for _ in 0..3 {
        // Even of one device, for one bundle and site.
        let (initiated, first) = initiate(&HERE, &device.public(), &mut OsRng).unwrap();
        let (site, second) = respond(&HERE, &device, &first, &mut OsRng).unwrap();
        let client = initiated.finish(&second).unwrap();
        assert_eq!(client.handshake_hash(), site.handshake_hash());
        assert!(!seen.contains(&client.handshake_hash()));
        seen.push(client.handshake_hash());
    }
}

#[test]
fn a_first_message_that_was_captured_begins_another_session() {
    let device = device();
    let (initiated, first) = initiate(&HERE, &device.public(), &mut OsRng).unwrap();
    let (mut site, second) = respond(&HERE, &device, &first, &mut OsRng).unwrap();
    let (mut replayed, _) = respond(&HERE, &device, &first, &mut OsRng).unwrap();
    assert_ne!(site.handshake_hash(), replayed.handshake_hash());
    let mut client = initiated.finish(&second).unwrap();
    let message = client.seal(b"for the first").unwrap();
    assert_eq!(replayed.open(&message).err(), Some(SessionError::NotAuthentic));
    assert!(site.open(&message).is_ok());
}

#[test]
fn somebody_between_who_holds_another_key_has_a_session_of_another_name() {
    // He answers the person with his own key, and asks the site himself: what is signed over one
    // session's name is worth nothing in the other.
    let (person, relay) = session();
    let (relays_own, site) = session();
    assert_eq!(person.handshake_hash(), relay.handshake_hash());
    assert_eq!(relays_own.handshake_hash(), site.handshake_hash());
    assert_ne!(person.handshake_hash(), site.handshake_hash());
}

#[test]
fn whoever_has_not_the_sites_key_cannot_answer() {
    let (_, first) = initiate(&HERE, &device().public(), &mut OsRng).unwrap();
    let refused = respond(&HERE, &device(), &first, &mut OsRng).err();
    assert_eq!(refused, Some(SessionError::NotAuthentic));
}

#[test]
fn another_bundle_or_site_on_one_side_is_refused() {
    let device = device();
    let (_, first) = initiate(&HERE, &device.public(), &mut OsRng).unwrap();
    for other in
        [Prologue { bundle: BundleId([6; 32]), ..HERE }, Prologue { site: SiteIndex(3), ..HERE }]
    {
        let refused = respond(&other, &device, &first, &mut OsRng).err();
        assert_eq!(refused, Some(SessionError::NotAuthentic), "{other:?}");
    }
}

#[test]
fn replay_reorder_and_truncation_are_refused() {
    let (mut client, mut site) = session();
    let (first, second) = (client.seal(b"first").unwrap(), client.seal(b"second").unwrap());
    assert_eq!(site.open(&second).err(), Some(SessionError::NotAuthentic), "out of order");
    let (mut client, mut site) = session();
    assert_eq!(site.open(&first).err(), Some(SessionError::NotAuthentic), "of another session");
    let message = client.seal(b"first").unwrap();
    assert_eq!(
        site.open(&message[..message.len() - 1]).err(),
        Some(SessionError::NotAuthentic),
        "cut"
    );
    site.open(&message).unwrap();
    assert_eq!(site.open(&message).err(), Some(SessionError::NotAuthentic), "replayed");
}

#[test]
fn altered_handshakes_are_refused_at_every_byte() {
    let device = device();
    let (_, first) = initiate(&HERE, &device.public(), &mut OsRng).unwrap();
    for position in 0..first.len() {
        let mut altered = first.clone();
        altered[position] ^= 1;
        assert!(respond(&HERE, &device, &altered, &mut OsRng).is_err(), "byte {position}");
    }
    assert!(respond(&HERE, &device, &[], &mut OsRng).is_err());
    assert!(respond(&HERE, &device, &[&first[..], &[0]].concat(), &mut OsRng).is_err());
}

#[test]
fn altered_answers_are_refused_at_every_byte() {
    let device = device();
    for position in 0..81 {
        let (initiated, first) = initiate(&HERE, &device.public(), &mut OsRng).unwrap();
        let (_, mut second) = respond(&HERE, &device, &first, &mut OsRng).unwrap();
        second[position] ^= 1;
        assert!(initiated.finish(&second).is_err(), "byte {position}");
    }
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
    let (_, first) = initiate(&HERE, &public, &mut OsRng).unwrap();
    let expected = SessionError::Device(DeviceKeyError::Unavailable("unplugged".into()));
    assert_eq!(respond(&HERE, &away, &first, &mut OsRng).err(), Some(expected));
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
fn the_bytes_are_those_of_an_independent_program() {
    let vectors = vectors();
    let expected = &vectors["session"];
    let prologue = bytes(&expected["prologue"]);
    let (bundle, site) = prologue.split_at(32);
    let prologue =
        Prologue { bundle: BundleId::from_slice(bundle).unwrap(), site: SiteIndex(site[0]) };
    let key = SoftwareKey::from_bytes(&array(&expected["site_static"])).unwrap();
    let device: Arc<dyn DeviceKey> = Arc::new(key);
    let mut client_random = Fixed(bytes(&expected["client_ephemeral"]));
    let (initiated, first) = initiate(&prologue, &device.public(), &mut client_random).unwrap();
    assert_eq!(first, bytes(&expected["first"]));
    let mut site_random = Fixed(bytes(&expected["site_ephemeral"]));
    let (mut site, second) = respond(&prologue, &device, &first, &mut site_random).unwrap();
    assert_eq!(second, bytes(&expected["second"]));
    let mut client = initiated.finish(&second).unwrap();
    assert_eq!(client.handshake_hash(), array(&expected["handshake_hash"]));
    assert_eq!(site.handshake_hash(), array(&expected["handshake_hash"]));
    for message in list(&expected["messages"]) {
        let sender = if message["from"] == "client" { &mut client } else { &mut site };
        let sealed = sender.seal(message["plaintext"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(sealed, bytes(&message["message"]));
    }
}
