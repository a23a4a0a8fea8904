//! The certificates of a real YubiHSM 2, and what is refused about them.
#![allow(clippy::unwrap_used)]

use fleet_evidence::attestation::{
    Certificate, Firmware, MOCK_ROOT, YUBICO_INTERMEDIATES, YUBICO_ROOT, YUBICO_ROOT_SHA256,
    verify_attestation,
};

const KEY: &str = include_str!("vectors/real-31650425-key-0x7e57.pem");
const DEVICE: &str = include_str!("vectors/real-31650425-device.pem");
const IN_2027: u64 = 1_800_000_000;
const IN_2072: u64 = 3_220_000_000;

fn one(pem: &str) -> Certificate {
    Certificate::from_pem(pem).unwrap().remove(0)
}

fn real_chain() -> Vec<Certificate> {
    vec![one(DEVICE), one(YUBICO_INTERMEDIATES)]
}

#[test]
fn the_pinned_root_is_yubicos() {
    assert_eq!(one(YUBICO_ROOT).fingerprint(), YUBICO_ROOT_SHA256);
}

#[test]
fn the_pinned_mock_root_is_the_emulators() {
    assert_eq!(MOCK_ROOT, include_str!("../../../hsm-mock/mock-attestation/root.pem"));
}

#[test]
fn a_real_devices_attestation_is_accepted_and_read() {
    let attested =
        verify_attestation(&one(KEY), &real_chain(), &[one(YUBICO_ROOT)], IN_2027).unwrap();
    assert!(attested.yubico);
    assert_eq!(attested.fields.serial, 31_650_425);
    assert_eq!(attested.fields.firmware, Firmware([2, 4, 0]));
    assert_eq!(attested.fields.object_id, 0x7e57);
    assert_eq!(attested.fields.label, "hsmaudit-test");
    assert_eq!(
        (attested.fields.origin, attested.fields.domains, attested.fields.capabilities),
        (1, 1, 0x80)
    );
    assert_eq!(hex::encode(&attested.public_key[..5]), "04f61e6a69");
}

#[test]
fn another_root_is_refused() {
    let refusal =
        verify_attestation(&one(KEY), &real_chain(), &[one(MOCK_ROOT)], IN_2027).unwrap_err();
    assert!(refusal.contains("does not lead to a pinned root"), "{refusal}");
}

#[test]
fn a_missing_link_is_refused() {
    assert!(
        verify_attestation(&one(KEY), &real_chain()[..1], &[one(YUBICO_ROOT)], IN_2027).is_err()
    );
    assert!(
        verify_attestation(&one(KEY), &real_chain()[1..], &[one(YUBICO_ROOT)], IN_2027).is_err()
    );
}

#[test]
fn an_expired_chain_is_refused() {
    assert!(verify_attestation(&one(KEY), &real_chain(), &[one(YUBICO_ROOT)], IN_2072).is_err());
}

#[test]
fn a_device_certificate_is_not_an_attestation() {
    assert!(verify_attestation(&one(DEVICE), &real_chain(), &[one(YUBICO_ROOT)], IN_2027).is_err());
}

#[test]
fn every_changed_byte_is_refused() {
    let (_, der) = x509_cert::der::pem::decode_vec(KEY.as_bytes()).unwrap();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        let Ok(certificate) = Certificate::from_der(&changed) else { continue };
        assert!(
            verify_attestation(&certificate, &real_chain(), &[one(YUBICO_ROOT)], IN_2027).is_err(),
            "accepted with byte {at} changed"
        );
    }
}
