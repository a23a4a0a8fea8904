use std::sync::LazyLock;

use x509_cert::certificate::Certificate;
use x509_cert::der::{Decode, Encode};

use super::*;
use crate::algorithm;
use crate::capability::Capabilities;
use crate::crypto::ec::Curve;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key;
use crate::crypto::rsa_padding::is_pkcs1_signature_block;
use crate::crypto::{ed25519, public_key};
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::objects::{Label, Origin};
use crate::rng::DeviceRng;

static FACTORY: LazyLock<FactoryAttestation> = LazyLock::new(|| {
    FactoryAttestation::generate(31_650_425, Firmware::V2_4_0, &mut rng()).unwrap()
});

fn rng() -> DeviceRng {
    DeviceRng::from_seed(1, 2, 3)
}

fn subject(algorithm: u8, public: &[u8]) -> Subject<'_> {
    Subject {
        id: 0x7e57,
        algorithm,
        public,
        origin: Origin::GENERATED,
        domains: 1,
        capabilities: Capabilities::SIGN_ECDSA,
        label: Label::from_text("hsmaudit-test"),
        serial: 31_650_425,
        firmware: Firmware::V2_4_0,
        fips_approved: None,
    }
}

fn extensions(certificate: &Certificate) -> Vec<(String, bool, String)> {
    let extensions = certificate.tbs_certificate.extensions.clone().unwrap();
    let row = |e: &x509_cert::ext::Extension| {
        (e.extn_id.to_string(), e.critical, hex::encode(e.extn_value.as_bytes()))
    };
    extensions.iter().map(row).collect()
}

/// The values of a real key certificate (serial 31650425, firmware 2.4.0), extension by extension.
#[test]
fn a_key_certificate_is_encoded_as_real_hardware_encodes_it() {
    let key = Curve::P256.expand_private(&[3; 32]).unwrap();
    let subject = subject(algorithm::EC_P256, &key[32..]);
    let der = sign(&subject, &FACTORY.attester(), FACTORY.certificate(), &mut rng()).unwrap();
    let certificate = Certificate::from_der(&der).unwrap();
    let expected = [
        ("1.3.6.1.4.1.41482.4.1", "0403020400"),
        ("1.3.6.1.4.1.41482.4.2", "020401e2f279"),
        ("1.3.6.1.4.1.41482.4.3", "03020001"),
        ("1.3.6.1.4.1.41482.4.4", "0303000001"),
        ("1.3.6.1.4.1.41482.4.5", "0309000000000000000080"),
        ("1.3.6.1.4.1.41482.4.6", "02027e57"),
        ("1.3.6.1.4.1.41482.4.9", "0c0d68736d61756469742d74657374"),
    ];
    let expected = expected.map(|(oid, value)| (oid.to_owned(), false, value.to_owned()));
    assert_eq!(extensions(&certificate), expected);
    let tbs = &certificate.tbs_certificate;
    assert_eq!(tbs.subject.to_string(), "CN=YubiHSM Attestation id:0x7e57");
    assert_eq!(tbs.issuer.to_string(), "CN=YubiHSM Attestation (31650425)");
    assert_eq!(tbs.serial_number.as_bytes().len(), 16);
    let not_before = hex::encode(tbs.validity.not_before.to_der().unwrap());
    let not_after = hex::encode(tbs.validity.not_after.to_der().unwrap());
    assert_eq!(not_before, "170d3137303130313030303030305a");
    assert_eq!(not_after, "180f32303731313030353030303030305a");
    assert_eq!(certificate.signature_algorithm.oid.to_string(), "1.2.840.113549.1.1.11");
}

#[test]
fn a_device_certificate_is_a_ca_of_path_length_zero_under_the_mock_sub_ca() {
    let certificate = Certificate::from_der(FACTORY.certificate()).unwrap();
    let rows = extensions(&certificate);
    assert_eq!(rows[0].2, "0403020400");
    assert_eq!(rows[1].2, "020401e2f279");
    assert_eq!(rows[4], ("2.5.29.19".to_owned(), true, "30060101ff020100".to_owned()));
    let tbs = certificate.tbs_certificate;
    assert_eq!(tbs.subject.to_string(), "CN=YubiHSM Attestation (31650425)");
    assert_eq!(tbs.issuer.to_string(), "CN=Keepsake MOCK YubiHSM Sub-CA - NOT HARDWARE");
    let key = tbs.subject_public_key_info;
    assert_eq!(key.algorithm.oid.to_string(), "1.2.840.113549.1.1.1");
    assert_eq!(key.subject_public_key.raw_bytes().len(), 270, "RSA-2048");
}

#[test]
fn an_rsa_key_signs_with_sha_256() {
    let key = Curve::P256.expand_private(&[3; 32]).unwrap();
    let attester = Attester { algorithm: algorithm::RSA_2048, stored: &rsa_key::tests::KEY };
    let subject = subject(algorithm::EC_P256, &key[32..]);
    let der = sign(&subject, &attester, FACTORY.certificate(), &mut rng()).unwrap();
    let certificate = Certificate::from_der(&der).unwrap();
    let modulus = public_key::of_stored(algorithm::RSA_2048, &rsa_key::tests::KEY).unwrap();
    let block = rsa_key::raw_public(modulus, certificate.signature.raw_bytes()).unwrap();
    let digest = Hash::Sha256.digest(&[&certificate.tbs_certificate.to_der().unwrap()]);
    assert!(is_pkcs1_signature_block(Hash::Sha256, &digest, &block));
}

#[test]
fn any_certificate_is_a_template_and_nothing_else_is() {
    let key = Curve::P384.expand_private(&[3; 48]).unwrap();
    let attester = Attester { algorithm: algorithm::EC_P384, stored: &key };
    let subject = subject(algorithm::EC_P384, &key[48..]);
    let der = sign(&subject, &attester, FACTORY.certificate(), &mut rng()).unwrap();
    let certificate = Certificate::from_der(&der).unwrap();
    assert_eq!(certificate.signature_algorithm.oid.to_string(), "1.2.840.10045.4.3.2");
    let issuer = certificate.tbs_certificate.issuer.to_string();
    assert_eq!(issuer, "CN=YubiHSM Attestation (31650425)");
    let refused = sign(&subject, &attester, b"not a certificate", &mut rng());
    assert_eq!(refused, Err(DeviceError::InvalidData));
}

#[test]
fn ed25519_keys_neither_attest_nor_are_attested() {
    let key = ed25519::from_seed(&[7; 32]);
    let subject = subject(algorithm::EC_ED25519, ed25519::public_key(&key));
    let refused = sign(&subject, &FACTORY.attester(), FACTORY.certificate(), &mut rng());
    assert_eq!(refused, Err(DeviceError::InvalidData));
    let attester = Attester { algorithm: algorithm::EC_ED25519, stored: &key };
    assert!(attester.signature_algorithm().is_err());
}

#[test]
fn a_device_of_the_fips_series_says_whether_it_is_in_fips_mode() {
    let key = Curve::P256.expand_private(&[3; 32]).unwrap();
    let subject = Subject { fips_approved: Some(true), ..subject(algorithm::EC_P256, &key[32..]) };
    let der = sign(&subject, &FACTORY.attester(), FACTORY.certificate(), &mut rng()).unwrap();
    let rows = extensions(&Certificate::from_der(&der).unwrap());
    let expected = ("1.3.6.1.4.1.41482.4.12".to_owned(), false, "0101ff".to_owned());
    assert_eq!(rows.last(), Some(&expected));
}
