//! Each kind of session does its work, through whatever a connector does to it.

use super::support::{Device, Lose, LossyConnector};
use fleet_evidence::device_profile::KEY_DOMAINS;
use hsm_mock::{ConnectorOptions, spawn_in_background_with};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use std::io::{Read, Write};
use std::time::Duration;
use vault_protocol::Point;
use yubihsm_device::objects::{AuthSpec, KEYS, OPERATIONAL, STATEMENT};
use yubihsm_device::{
    AuthKey, ConnectorAddress, EcdhKey, HsmError, LoginPort, LoginSessions, OperatorSession,
    RawSession, Refusal, SiteDevice, SiteSession, SiteSessionOptions, StatementSession,
};

/// An emulated device with the keys and logins of a site, without the rest of a ceremony.
fn site_device() -> (Device, SiteSession, AuthKey) {
    let device = Device::new(1001);
    let address = ConnectorAddress::parse(&device.running.url()).unwrap();
    let (operational, statement) = (AuthKey::random(), AuthKey::random());
    let mut admin = OperatorSession::open_default(&address).unwrap();
    admin.fix_command_audit(&[0x57, 0x56]).unwrap();
    admin.fix_force_audit().unwrap();
    admin.put_login(&OPERATIONAL, &operational).unwrap();
    admin.put_login(&STATEMENT, &statement).unwrap();
    KEYS.iter().for_each(|k| admin.generate_key(k, KEY_DOMAINS, k.label).unwrap());
    let site = SiteSession::open(SiteSessionOptions::new(address, operational, true)).unwrap();
    (device, site, statement)
}

fn factory() -> AuthKey {
    AuthKey::factory_default()
}

fn base_point() -> Point {
    Point::from_slice(p256::AffinePoint::GENERATOR.to_encoded_point(false).as_bytes()).unwrap()
}

/// x(k * G) is the x-coordinate of the public key: a check that needs no secret.
fn ecdh_is_right(site: &SiteSession) -> bool {
    let public = site.public_key(EcdhKey::Oprf).unwrap();
    site.ecdh(EcdhKey::Oprf, &base_point()).unwrap().as_slice() == &public.0[1..33]
}

fn ecdh_entries(site: &SiteSession) -> usize {
    site.read_log().unwrap().entries.iter().filter(|e| e.command == 0x57).count()
}

#[test]
fn a_site_computes_and_signs_with_its_keys() {
    let (_device, site, _) = site_device();
    assert!(ecdh_is_right(&site));
    let signature = site.sign_receipt(b"a receipt").unwrap();
    let public = site.receipt_public_key().unwrap();
    let key = VerifyingKey::from_sec1_bytes(&public.0).unwrap();
    assert!(key.verify(b"a receipt", &Signature::from_slice(&signature.0).unwrap()).is_ok());
    let identity = site.identity().unwrap();
    assert_eq!((identity.serial, identity.firmware.as_str(), identity.mock), (1001, "2.4.0", true));
}

#[test]
fn the_four_keys_are_different_points_of_the_curve() {
    let (_device, site, _) = site_device();
    let keys = [EcdhKey::Oprf, EcdhKey::Seal, EcdhKey::Fleet].map(|k| site.public_key(k).unwrap());
    for key in keys {
        let encoded = p256::EncodedPoint::from_bytes(key.0).unwrap();
        assert!(bool::from(p256::PublicKey::from_encoded_point(&encoded).is_some()));
    }
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
}

#[test]
fn a_session_that_idled_out_is_opened_anew() {
    let (device, site, _) = site_device();
    assert!(ecdh_is_right(&site));
    device.emulator.skip_time(Duration::from_secs(31));
    assert!(ecdh_is_right(&site));
    assert!(site.read_log().is_ok() && site.keep_alive().is_ok());
    assert_eq!(site.uncertain_repeats(), 0);
}

#[test]
fn a_connector_that_closes_idle_connections_costs_no_session() {
    let (device, site, _) = site_device();
    let hasty =
        ConnectorOptions { idle_timeout: Some(Duration::from_millis(1)), ..Default::default() };
    let running = spawn_in_background_with(device.emulator.clone(), hasty).unwrap();
    let address = ConnectorAddress::parse(&running.url()).unwrap();
    let options =
        SiteSessionOptions { auth_key_id: 1, ..SiteSessionOptions::new(address, factory(), true) };
    let hurried = SiteSession::open(options).unwrap();
    let before = device.emulator.open_sessions();
    for _ in 0..10 {
        assert!(ecdh_is_right(&hurried) && hurried.keep_alive().is_ok());
    }
    assert_eq!((device.emulator.open_sessions(), hurried.uncertain_repeats()), (before, 0));
    assert_eq!(hurried.take_uncertain_repeats(), 0);
    drop((hurried, site));
    assert_eq!(device.emulator.open_sessions(), 0, "every session is given back");
}

#[test]
fn a_lost_answer_is_counted_once_and_its_session_given_back() {
    let (device, site, _) = site_device();
    drop(site);
    for lose in [Lose::Message, Lose::Answer] {
        let connector = LossyConnector::before(&device);
        let options = SiteSessionOptions {
            auth_key_id: 1,
            ..SiteSessionOptions::new(connector.address(), factory(), true)
        };
        let site = SiteSession::open(options).unwrap();
        assert!(ecdh_is_right(&site));
        let before = ecdh_entries(&site);
        connector.lose_next(lose);
        site.ecdh(EcdhKey::Oprf, &base_point()).unwrap();
        // The site cannot know which it was; the log has one more only if the answer was lost.
        assert_eq!(site.take_uncertain_repeats(), 1);
        assert_eq!(ecdh_entries(&site) - before, if lose == Lose::Answer { 2 } else { 1 });
        assert_eq!((site.uncertain_repeats(), device.emulator.open_sessions()), (0, 1));
    }
}

#[test]
fn a_connector_that_is_away_for_a_moment_costs_neither_session_nor_count() {
    let (device, site, _) = site_device();
    drop(site);
    let connector = LossyConnector::before(&device);
    let options = SiteSessionOptions {
        auth_key_id: 1,
        ..SiteSessionOptions::new(connector.address(), factory(), true)
    };
    let site = SiteSession::open(options).unwrap();
    let before = ecdh_entries(&site);
    let port = connector.address().port;
    connector.stop();
    assert!(matches!(site.ecdh(EcdhKey::Oprf, &base_point()), Err(HsmError::Unreachable(_))));
    let _again = LossyConnector::at(port, &device);
    assert!(ecdh_is_right(&site));
    assert_eq!((site.take_uncertain_repeats(), site.uncertain_repeats()), (0, 0));
    assert_eq!((ecdh_entries(&site) - before, device.emulator.open_sessions()), (1, 1));
}

#[test]
fn a_login_gets_another_key_from_its_own_session_and_only_with_the_capability_for_it() {
    let (device, _site, _) = site_device();
    let address = ConnectorAddress::parse(&device.running.url()).unwrap();
    let changer = AuthSpec { id: 0x0203, capabilities: 1 << 0x2e, ..OPERATIONAL };
    let (old, new) = (AuthKey::random(), AuthKey::random());
    let unable = AuthSpec {
        id: 0x0204,
        capabilities: OPERATIONAL.capabilities & !changer.capabilities,
        ..OPERATIONAL
    };
    let admin = OperatorSession::open_default(&address).unwrap();
    [&changer, &unable].iter().for_each(|login| admin.put_login(login, &old).unwrap());
    let able = LoginSessions::new(&address, changer.id);
    able.change(&old, &new).unwrap();
    assert!(able.opens(&new).unwrap() && !able.opens(&old).unwrap());
    let unable = LoginSessions::new(&address, unable.id);
    let refused = unable.change(&old, &new).unwrap_err();
    let expected = Refusal::InsufficientPermissions;
    assert!(
        matches!(refused, HsmError::Refused { refusal, .. } if refusal == expected),
        "{refused}"
    );
    assert!(unable.opens(&old).unwrap());
}

#[test]
fn a_device_that_restarted_is_used_again_at_once_and_no_use_is_counted_twice() {
    let (device, site, _) = site_device();
    assert!(ecdh_is_right(&site));
    let before = ecdh_entries(&site);
    device.emulator.power_cycle().unwrap();
    assert!(ecdh_is_right(&site));
    device.emulator.power_cycle().unwrap();
    assert!(site.read_log().is_ok());
    assert_eq!(ecdh_entries(&site), before + 1);
}

#[test]
fn a_site_that_finds_all_sessions_taken_waits_for_one() {
    let device = Device::new(1001);
    let address = ConnectorAddress::parse(&device.running.url()).unwrap();
    let open = || RawSession::open(&address, 1, &AuthKey::factory_default());
    let taken: Vec<RawSession> = std::iter::from_fn(|| open().ok()).take(20).collect();
    assert_eq!(taken.len(), 16);
    let options = SiteSessionOptions {
        auth_key_id: 1,
        ..SiteSessionOptions::new(address.clone(), AuthKey::factory_default(), true)
    };
    let waiting = std::thread::spawn(move || SiteSession::open(options).map(|_| ()));
    std::thread::sleep(Duration::from_millis(300));
    device.emulator.skip_time(Duration::from_secs(31));
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_full_log_is_its_own_error_and_draining_it_ends_it() {
    let (_device, site, _) = site_device();
    let full = (0..100).find_map(|_| site.ecdh(EcdhKey::Oprf, &base_point()).err());
    assert!(matches!(full, Some(HsmError::LogFull)), "{full:?}");
    let log = site.read_log().unwrap();
    assert_eq!(log.entries.len(), 62);
    site.acknowledge_log(log.entries.last().unwrap().number).unwrap();
    assert!(ecdh_is_right(&site));
    assert_eq!(ecdh_entries(&site), 1);
}

#[test]
fn a_point_off_the_curve_is_refused_by_the_device() {
    let (_device, site, _) = site_device();
    let mut off = base_point();
    off.0[64] ^= 1;
    assert!(matches!(
        site.ecdh(EcdhKey::Oprf, &off),
        Err(HsmError::Refused { refusal: Refusal::InvalidData, .. })
    ));
}

#[test]
fn a_wrong_key_and_an_absent_device_are_told_apart() {
    let device = Device::new(1001);
    let address = ConnectorAddress::parse(&device.running.url()).unwrap();
    let open = |address: ConnectorAddress| {
        SiteSession::open(SiteSessionOptions::new(address, AuthKey::random(), true)).err()
    };
    assert!(matches!(open(address.clone()), Some(HsmError::WrongAuthKey(0x0201))));
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(matches!(
        open(ConnectorAddress { port: unused, ..address }),
        Some(HsmError::Unreachable(_))
    ));
}

#[test]
fn a_statement_carries_its_label_and_leaves_no_key() {
    let (device, site, key) = site_device();
    let address = ConnectorAddress::parse(&device.running.url()).unwrap();
    let session = StatementSession::new(address.clone(), key);
    let label = "0123456789abcdefghijABCDEFGHIJ0123456789";
    for _ in 0..2 {
        let certificate = session.state(label).unwrap();
        assert!(certificate.windows(40).any(|w| w == label.as_bytes()));
    }
    let ids: Vec<u16> = OperatorSession::open_default(&address)
        .unwrap()
        .objects()
        .unwrap()
        .iter()
        .map(|o| o.id)
        .collect();
    assert!(!ids.contains(&0x0401), "{ids:x?}");
    drop(site);
}

/// Answers every request with the same bytes, as a broken or hostile connector might.
fn connector_that_says(body: Vec<u8>) -> ConnectorAddress {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let body = body.clone();
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                while stream.read(&mut request).is_ok_and(|n| n > 0) {
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                    let answer = [head.as_bytes(), &body].concat();
                    if stream.write_all(&answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    ConnectorAddress { host: "127.0.0.1".into(), port }
}

#[test]
fn nonsense_from_a_connector_is_an_error_and_never_a_panic() {
    let nonsense: [&[u8]; 8] = [
        b"",
        &[0x83],
        &[0x83, 0, 17],
        &[0x83, 0, 17, 1, 2, 3],
        &[0x84, 0, 1, 7],
        &[0x7f, 0, 1, 0xee],
        &[0xff; 300],
        &[0x83, 0, 17, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2],
    ];
    for body in nonsense {
        let address = connector_that_says(body.to_vec());
        let options = SiteSessionOptions::new(address.clone(), AuthKey::random(), true);
        assert!(SiteSession::open(options).is_err(), "{body:x?}");
        assert!(OperatorSession::open_default(&address).is_err(), "{body:x?}");
    }
}
