//! The certificate of an attested key.

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::der::asn1::{BitString, ObjectIdentifier, OctetString, SetOfVec, Utf8StringRef};
use x509_cert::der::{Any, Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::name::{RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::Attester;
use crate::capability::Capabilities;
use crate::crypto::public_key;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::objects::{Label, Origin};
use crate::rng::DeviceRng;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// Yubico's arc for YubiHSM attestation.
pub(super) const FIRMWARE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.1");
pub(super) const SERIAL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.2");
const ORIGIN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.3");
const DOMAINS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.4");
const CAPABILITIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.5");
const OBJECT_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.6");
const LABEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.9");
const FIPS_APPROVED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.12");

/// Bytes of the serial number of such a certificate.
const KEY_SERIAL: usize = 16;

/// The key to attest, and the device it is in.
pub(crate) struct Subject<'a> {
    pub id: u16,
    pub algorithm: u8,
    /// As `GET PUBLIC KEY` sends it.
    pub public: &'a [u8],
    pub origin: Origin,
    pub domains: u16,
    pub capabilities: Capabilities,
    pub label: Label,
    pub serial: u32,
    pub firmware: Firmware,
    /// Whether the device is in FIPS mode; `None` if it has none.
    pub fips_approved: Option<bool>,
}

/// Makes the certificate that `attester` gives for a key. Issuer name and dates come from
/// `template`, any certificate (DER); it need not be the attester's own.
///
/// # Errors
/// `INVALID_DATA` if `template` is no certificate, or a key is of a kind without attestation.
pub(crate) fn sign(
    subject: &Subject<'_>,
    attester: &Attester<'_>,
    template: &[u8],
    rng: &mut DeviceRng,
) -> Result<Vec<u8>, DeviceError> {
    let template = Certificate::from_der(template).map_err(|_| DeviceError::InvalidData)?;
    let name = format!("YubiHSM Attestation id:0x{:04x}", subject.id);
    if subject.algorithm == crate::algorithm::EC_ED25519 {
        return Err(DeviceError::InvalidData);
    }
    let extensions = extensions(subject).map_err(|_| DeviceError::InvalidData)?;
    let key = public_key::info(subject.algorithm, subject.public)?;
    certify::<KEY_SERIAL>(&name, &key, extensions, attester, &template, rng)
        .map_err(|_| DeviceError::InvalidData)
}

fn extensions(subject: &Subject<'_>) -> Result<Vec<Extension>, Unencodable> {
    let label = OctetString::new(label(subject.label.trimmed())?)?;
    let mut extensions = vec![
        extension(FIRMWARE, OctetString::new(subject.firmware.0)?)?,
        extension(SERIAL, subject.serial)?,
        extension(ORIGIN, bits(&[subject.origin.byte()])?)?,
        extension(DOMAINS, bits(&subject.domains.to_be_bytes())?)?,
        extension(CAPABILITIES, bits(&subject.capabilities.0.to_be_bytes())?)?,
        extension(OBJECT_ID, subject.id)?,
        Extension { extn_id: LABEL, critical: false, extn_value: label },
    ];
    if let Some(approved) = subject.fips_approved {
        extensions.push(extension(FIPS_APPROVED, approved)?);
    }
    Ok(extensions)
}

/// Builds and signs a certificate with a random serial number of `N` bytes.
pub(super) fn certify<const N: usize>(
    subject: &str,
    key: &[u8],
    extensions: Vec<Extension>,
    attester: &Attester<'_>,
    issuer: &Certificate,
    rng: &mut DeviceRng,
) -> Result<Vec<u8>, Unencodable> {
    let algorithm = attester.signature_algorithm()?;
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&serial::<N>(rng))?,
        signature: algorithm.clone(),
        issuer: issuer.tbs_certificate.subject.clone(),
        validity: issuer.tbs_certificate.validity,
        subject: common_name(subject)?,
        subject_public_key_info: SubjectPublicKeyInfoOwned::from_der(key)?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signature = BitString::from_bytes(&attester.sign(&tbs, rng)?)?;
    Ok(Certificate { tbs_certificate: tbs, signature_algorithm: algorithm, signature }.to_der()?)
}

/// Why a certificate could not be made.
#[derive(Debug)]
pub(super) struct Unencodable(pub String);

impl From<x509_cert::der::Error> for Unencodable {
    fn from(error: x509_cert::der::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<DeviceError> for Unencodable {
    fn from(error: DeviceError) -> Self {
        Self(format!("{error:?}"))
    }
}

pub(super) fn extension(
    extn_id: ObjectIdentifier,
    value: impl Encode,
) -> Result<Extension, Unencodable> {
    Ok(Extension { extn_id, critical: false, extn_value: OctetString::new(value.to_der()?)? })
}

/// Whole bytes, no unused bits: the device sends leading zeroes too.
fn bits(bytes: &[u8]) -> Result<BitString, Unencodable> {
    Ok(BitString::from_bytes(bytes)?)
}

/// The label as UTF8String, whatever its bytes: the device does not check them. At most 40 bytes,
/// so one length byte.
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

/// Random, positive, and of full length.
fn serial<const N: usize>(rng: &mut DeviceRng) -> [u8; N] {
    let mut serial = rng.array();
    serial[0] = serial[0] & 0x7f | 0x01;
    serial
}
