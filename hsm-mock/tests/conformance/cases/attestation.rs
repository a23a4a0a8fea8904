//! Attestation certificates.

use hsm_mock::DeviceError::{InsufficientPermissions, ObjectNotFound};
use ring::signature::{ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::Device;
use crate::source::{ATTESTATION, PYTHON};

const P256: u8 = 12;
const X509: u8 = 31;
/// Yubico's arc, and what each number under it says.
const YUBIHSM: &str = "1.3.6.1.4.1.41482.4.";

pub(super) const ROWS: &[Behaviour] = &[
    does(0x64, "by the factory's key: RSA-2048 with SHA-256", ATTESTATION, |device| {
        device.put(0x46, 5, 0, P256, &[])?;
        let factory = Certificate::from_der(&device.command(0x43, &[0, 0])?).unwrap();
        let key = &factory.tbs_certificate.subject_public_key_info.subject_public_key;
        let certificate = attest(device, 5, 0)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.raw_bytes())
            .verify(
                &certificate.tbs_certificate.to_der().unwrap(),
                certificate.signature.raw_bytes(),
            )
            .unwrap();
        assert_eq!(certificate.tbs_certificate.issuer, factory.tbs_certificate.subject);
        Ok(())
    }),
    does(0x64, "of the key's public key", ATTESTATION, |device| {
        device.put(0x46, 5, 0, P256, &[])?;
        let attested = attest(device, 5, 0)?.tbs_certificate.subject_public_key_info;
        let key = device.public_key(5)?;
        assert_eq!(attested.subject_public_key.raw_bytes()[1..], key);
        Ok(())
    }),
    does(0x64, "with firmware, serial number and all about the key", ATTESTATION, |device| {
        device.put(0x46, 5, 0, P256, &[])?;
        let certificate = attest(device, 5, 0)?;
        let extensions = certificate.tbs_certificate.extensions.unwrap_or_default();
        for number in [1, 2, 3, 4, 5, 6, 9] {
            let oid = format!("{YUBIHSM}{number}");
            assert!(extensions.iter().any(|e| e.extn_id.to_string() == oid), "{oid}");
        }
        Ok(())
    }),
    does(0x64, "by a key of one's own, after a template of any origin", PYTHON, |device| {
        device.put(0x46, 5, 0, P256, &[])?;
        device.put(0x46, 6, can::SIGN_ATTESTATION, P256, &[])?;
        let template = device.command(0x43, &[0, 0])?;
        device.put(0x42, 6, 0, X509, &template)?;
        let certificate = attest(device, 5, 6)?;
        let point = [&[4], &device.public_key(6)?[..]].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &point)
            .verify(
                &certificate.tbs_certificate.to_der().unwrap(),
                certificate.signature.raw_bytes(),
            )
            .unwrap();
        Ok(())
    }),
    refuses(0x64, ObjectNotFound, "by a key of one's own without a template", PYTHON, |device| {
        device.put(0x46, 6, can::SIGN_ATTESTATION, P256, &[])?;
        attest(device, 6, 6).map(drop)
    }),
    refuses(0x64, InsufficientPermissions, "by a key that may not", PYTHON, |device| {
        device.put(0x46, 6, 0, P256, &[])?;
        attest(device, 6, 6).map(drop)
    }),
    refuses(0x64, ObjectNotFound, "of a key that is not there", PYTHON, |device| {
        attest(device, 5, 0).map(drop)
    }),
];

fn attest(device: &mut Device, id: u16, by: u16) -> Outcome<Certificate> {
    let certificate = device.command(0x64, &crate::device::ids(&[id, by]))?;
    Ok(Certificate::from_der(&certificate).unwrap())
}
