//! Attestation certificates, encoded as a YubiHSM2 with firmware 2.4.0 encodes them, under a MOCK root.
//!
//! The root and sub-CA keys are published with this crate: anyone can sign with them, so a chain that ends at the mock
//! root proves nothing. Source of the extensions: Yubico "OID product arc", and certificates of a real device.

use p256::SecretKey;
use p256::ecdsa::signature::RandomizedSigner;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::der::asn1::{BitString, ObjectIdentifier, OctetString, SetOfVec, Utf8StringRef};
use x509_cert::der::{Any, Decode, DecodePem, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, SubjectKeyIdentifier};
use x509_cert::name::{RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::device_error::DeviceError;
use crate::error::Error;
use crate::firmware::Firmware;
use crate::objects::Object;
use crate::secret::Secret;

/// The key id of the factory attestation key, and the opaque id of its certificate.
pub const FACTORY_KEY_ID: u16 = 0;
/// The root certificate (PEM), "Keepsake MOCK YubiHSM Root CA - NOT HARDWARE". Never pin it in production.
pub const MOCK_ROOT_PEM: &str = include_str!("../mock-attestation/root.pem");
/// The certificate between root and devices (PEM), as Yubico publishes its own sub-CAs.
pub const MOCK_SUB_CA_PEM: &str = include_str!("../mock-attestation/sub-ca.pem");
/// Published on purpose: anyone can make MOCK devices.
const MOCK_SUB_CA_KEY_PEM: &str = include_str!("../mock-attestation/sub-ca-key.pem");

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// Yubico's arc for YubiHSM attestation.
const FIRMWARE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.1");
const SERIAL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.2");
const ORIGIN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.3");
const DOMAINS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.4");
const CAPABILITIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.5");
const OBJECT_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.6");
const LABEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.9");

/// Bytes of a certificate serial number, on devices and on attested keys.
const DEVICE_SERIAL: usize = 8;
const KEY_SERIAL: usize = 16;

/// The attestation key a device is made with, and its certificate. A factory reset keeps both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactoryAttestation {
    key: Secret,
    certificate: Secret,
}

impl FactoryAttestation {
    /// Makes a key and has the mock sub-CA certify it for `serial`.
    pub fn generate(serial: u32, firmware: Firmware) -> Result<Self, Error> {
        let key = SecretKey::random(&mut OsRng);
        let certificate = device_certificate(&key, serial, firmware)
            .map_err(|reason| Error::Certificate(reason.0))?;
        Ok(Self {
            key: Secret::new(key.to_bytes().to_vec()),
            certificate: Secret::new(certificate),
        })
    }

    pub fn key(&self) -> Result<SecretKey, DeviceError> {
        SecretKey::from_slice(self.key.expose()).map_err(|_| DeviceError::InvalidData)
    }

    /// DER.
    pub fn certificate(&self) -> &[u8] {
        self.certificate.expose()
    }
}

/// The key to attest, and the device it is in.
pub struct Subject<'a> {
    pub object: &'a Object,
    pub serial: u32,
    pub firmware: Firmware,
}

/// Makes the certificate that `attester`, whose own certificate is `issuer` (DER), gives for a key. Issuer name and
/// dates are copied from the attester's certificate.
///
/// # Errors
/// `INVALID_DATA` if `issuer` is not a certificate of `attester`'s key.
pub fn sign(
    subject: &Subject<'_>,
    attester: &SecretKey,
    issuer: &[u8],
) -> Result<Vec<u8>, DeviceError> {
    let issuer = Certificate::from_der(issuer).map_err(|_| DeviceError::InvalidData)?;
    key_certificate(subject, attester, &issuer).map_err(|_| DeviceError::InvalidData)
}

fn key_certificate(
    subject: &Subject<'_>,
    attester: &SecretKey,
    issuer: &Certificate,
) -> Result<Vec<u8>, Unencodable> {
    let Subject { object, serial, firmware } = subject;
    let extensions = vec![
        extension(FIRMWARE, OctetString::new(firmware.0)?)?,
        extension(SERIAL, *serial)?,
        extension(ORIGIN, bits(&[object.origin.byte()])?)?,
        extension(DOMAINS, bits(&object.domains.to_be_bytes())?)?,
        extension(CAPABILITIES, bits(&object.capabilities.0.to_be_bytes())?)?,
        extension(OBJECT_ID, object.id)?,
        Extension {
            extn_id: LABEL,
            critical: false,
            extn_value: OctetString::new(label(object.label.trimmed())?)?,
        },
    ];
    let key = object.p256_key().map_err(|_| Unencodable("the attested key".to_owned()))?;
    let name = format!("YubiHSM Attestation id:0x{:04x}", object.id);
    certify::<KEY_SERIAL>(&name, &key, extensions, attester, issuer)
}

fn device_certificate(
    key: &SecretKey,
    serial: u32,
    firmware: Firmware,
) -> Result<Vec<u8>, Unencodable> {
    let sub_ca = Certificate::from_pem(MOCK_SUB_CA_PEM)?;
    let sub_ca_key = SecretKey::from_pkcs8_pem(MOCK_SUB_CA_KEY_PEM)
        .map_err(|error| Unencodable(error.to_string()))?;
    let spki = public_key_info(key)?;
    let subject_id = SubjectKeyIdentifier(OctetString::new(key_identifier(&spki))?);
    let authority_id = AuthorityKeyIdentifier {
        key_identifier: Some(issuer_key_identifier(&sub_ca)?),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    let ca = BasicConstraints { ca: true, path_len_constraint: Some(0) };
    let extensions = vec![
        extension(FIRMWARE, OctetString::new(firmware.0)?)?,
        extension(SERIAL, serial)?,
        extension(SUBJECT_KEY_IDENTIFIER, subject_id)?,
        extension(AUTHORITY_KEY_IDENTIFIER, authority_id)?,
        Extension { critical: true, ..extension(BASIC_CONSTRAINTS, ca)? },
    ];
    certify::<DEVICE_SERIAL>(
        &format!("YubiHSM Attestation ({serial})"),
        key,
        extensions,
        &sub_ca_key,
        &sub_ca,
    )
}

/// Builds and signs a certificate with ECDSA and SHA-256 and a random serial number of `N` bytes.
fn certify<const N: usize>(
    subject: &str,
    key: &SecretKey,
    extensions: Vec<Extension>,
    signer: &SecretKey,
    issuer: &Certificate,
) -> Result<Vec<u8>, Unencodable> {
    let issuer = &issuer.tbs_certificate;
    if issuer.subject_public_key_info != public_key_info(signer)? {
        return Err(Unencodable("the attesting certificate is for another key".to_owned()));
    }
    let algorithm = AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None };
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&random_serial::<N>())?,
        signature: algorithm.clone(),
        issuer: issuer.subject.clone(),
        validity: issuer.validity,
        subject: common_name(subject)?,
        subject_public_key_info: public_key_info(key)?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signature: DerSignature = SigningKey::from(signer)
        .try_sign_with_rng(&mut OsRng, &tbs.to_der()?)
        .map_err(|error| Unencodable(error.to_string()))?;
    let signature = BitString::from_bytes(signature.as_bytes())?;
    Ok(Certificate { tbs_certificate: tbs, signature_algorithm: algorithm, signature }.to_der()?)
}

/// Why a certificate could not be made.
#[derive(Debug)]
struct Unencodable(String);

impl From<x509_cert::der::Error> for Unencodable {
    fn from(error: x509_cert::der::Error) -> Self {
        Self(error.to_string())
    }
}

fn extension(extn_id: ObjectIdentifier, value: impl Encode) -> Result<Extension, Unencodable> {
    Ok(Extension { extn_id, critical: false, extn_value: OctetString::new(value.to_der()?)? })
}

/// Whole bytes, no unused bits: the device sends leading zeroes too.
fn bits(bytes: &[u8]) -> Result<BitString, Unencodable> {
    Ok(BitString::from_bytes(bytes)?)
}

/// The label as UTF8String, whatever its bytes: the device does not check them. At most 40 bytes, so one length byte.
fn label(text: &[u8]) -> Result<Vec<u8>, Unencodable> {
    const UTF8_STRING: u8 = 0x0c;
    let length = u8::try_from(text.len()).map_err(|error| Unencodable(error.to_string()))?;
    Ok([&[UTF8_STRING, length], text].concat())
}

fn common_name(text: &str) -> Result<RdnSequence, Unencodable> {
    let value = Any::from(Utf8StringRef::new(text)?);
    let attribute = AttributeTypeAndValue { oid: COMMON_NAME, value };
    let set = SetOfVec::try_from([attribute]).map_err(|error| Unencodable(error.to_string()))?;
    Ok(RdnSequence(vec![RelativeDistinguishedName(set)]))
}

fn public_key_info(key: &SecretKey) -> Result<SubjectPublicKeyInfoOwned, Unencodable> {
    SubjectPublicKeyInfoOwned::from_key(key.public_key())
        .map_err(|error| Unencodable(error.to_string()))
}

/// RFC 7093 method 1: the first 20 bytes of SHA-256 over the public key.
fn key_identifier(key: &SubjectPublicKeyInfoOwned) -> Vec<u8> {
    Sha256::digest(key.subject_public_key.raw_bytes())[..20].to_vec()
}

fn issuer_key_identifier(issuer: &Certificate) -> Result<OctetString, Unencodable> {
    let found: Option<(bool, SubjectKeyIdentifier)> = issuer.tbs_certificate.get()?;
    found
        .map(|(_, id)| id.0)
        .ok_or_else(|| Unencodable("the sub-CA has no key identifier".to_owned()))
}

/// Random, positive, and of full length.
fn random_serial<const N: usize>() -> [u8; N] {
    let mut serial = [0; N];
    OsRng.fill_bytes(&mut serial);
    serial[0] = serial[0] & 0x7f | 0x01;
    serial
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm;
    use crate::capability::Capabilities;
    use crate::objects::{Label, ObjectType, Origin};

    fn key_0x7e57() -> Object {
        Object {
            id: 0x7e57,
            kind: ObjectType::AsymmetricKey,
            algorithm: algorithm::EC_P256,
            label: Label::from_text("hsmaudit-test"),
            domains: 1,
            capabilities: Capabilities::SIGN_ECDSA,
            delegated: Capabilities::NONE,
            sequence: 0,
            origin: Origin::GENERATED,
            secret: Secret::new(vec![3; 32]),
        }
    }

    fn extensions(certificate: &Certificate) -> Vec<(String, bool, String)> {
        let extensions = certificate.tbs_certificate.extensions.clone().unwrap();
        let row = |e: &Extension| {
            (e.extn_id.to_string(), e.critical, hex::encode(e.extn_value.as_bytes()))
        };
        extensions.iter().map(row).collect()
    }

    /// The values of a real key certificate (serial 31650425, firmware 2.4.0), extension by extension.
    #[test]
    fn a_key_certificate_is_encoded_as_real_hardware_encodes_it() {
        let factory = FactoryAttestation::generate(31_650_425, Firmware::V2_4_0).unwrap();
        let object = key_0x7e57();
        let subject = Subject { object: &object, serial: 31_650_425, firmware: Firmware::V2_4_0 };
        let der = sign(&subject, &factory.key().unwrap(), factory.certificate()).unwrap();
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
        assert_eq!(
            hex::encode(tbs.validity.not_before.to_der().unwrap()),
            "170d3137303130313030303030305a"
        );
        assert_eq!(
            hex::encode(tbs.validity.not_after.to_der().unwrap()),
            "180f32303731313030353030303030305a"
        );
    }

    #[test]
    fn a_device_certificate_is_a_ca_of_path_length_zero_under_the_mock_sub_ca() {
        let factory = FactoryAttestation::generate(31_650_425, Firmware::V2_4_0).unwrap();
        let certificate = Certificate::from_der(factory.certificate()).unwrap();
        let rows = extensions(&certificate);
        assert_eq!(rows[0].2, "0403020400");
        assert_eq!(rows[1].2, "020401e2f279");
        assert_eq!(rows[4], ("2.5.29.19".to_owned(), true, "30060101ff020100".to_owned()));
        let tbs = certificate.tbs_certificate;
        assert_eq!(tbs.subject.to_string(), "CN=YubiHSM Attestation (31650425)");
        assert_eq!(tbs.issuer.to_string(), "CN=Keepsake MOCK YubiHSM Sub-CA - NOT HARDWARE");
    }

    #[test]
    fn an_attester_without_a_certificate_of_its_own_key_is_refused() {
        let factory = FactoryAttestation::generate(1, Firmware::V2_4_0).unwrap();
        let object = key_0x7e57();
        let subject = Subject { object: &object, serial: 1, firmware: Firmware::V2_4_0 };
        let other = SecretKey::random(&mut OsRng);
        assert_eq!(sign(&subject, &other, factory.certificate()), Err(DeviceError::InvalidData));
        assert_eq!(sign(&subject, &other, b"not a certificate"), Err(DeviceError::InvalidData));
    }
}
