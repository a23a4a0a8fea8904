//! The attestation key that a device leaves the factory with, certified by the MOCK sub-CA.

use p256::SecretKey;
use p256::pkcs8::DecodePrivateKey;
use sha2::{Digest, Sha256};
use x509_cert::certificate::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, OctetString};
use x509_cert::der::{Decode, DecodePem};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, SubjectKeyIdentifier};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::Attester;
use super::certificate::{FIRMWARE, SERIAL, Unencodable, certify, extension};
use crate::algorithm;
use crate::crypto::ec::Curve;
use crate::crypto::public_key;
use crate::crypto::rsa_key::PrivateKey;
use crate::error::Error;
use crate::firmware::Firmware;
use crate::rng::DeviceRng;
use crate::secret::Secret;

/// The key id of the factory attestation key, and the opaque id of its certificate.
pub(crate) const FACTORY_KEY_ID: u16 = 0;
/// The root certificate (PEM), "Keepsake MOCK YubiHSM Root CA - NOT HARDWARE". Never pin it in
/// production.
pub const MOCK_ROOT_PEM: &str = include_str!("../../mock-attestation/root.pem");
/// The certificate between root and devices (PEM), as Yubico publishes its own sub-CAs.
pub const MOCK_SUB_CA_PEM: &str = include_str!("../../mock-attestation/sub-ca.pem");
/// Published on purpose: anyone can make MOCK devices.
const MOCK_SUB_CA_KEY_PEM: &str = include_str!("../../mock-attestation/sub-ca-key.pem");

const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// Bytes of the serial number of a device's certificate.
const DEVICE_SERIAL: usize = 8;
/// Bytes of the modulus: RSA-2048, as in the chain of a real device.
const MODULUS: usize = 256;

/// The attestation key and its certificate. A factory reset keeps both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FactoryAttestation {
    key: Secret,
    certificate: Vec<u8>,
}

impl FactoryAttestation {
    /// Makes a key and has the mock sub-CA certify it for `serial`.
    ///
    /// # Errors
    /// [`Error::Certificate`]
    pub(crate) fn generate(
        serial: u32,
        firmware: Firmware,
        rng: &mut DeviceRng,
    ) -> Result<Self, Error> {
        let failed = |reason: Unencodable| Error::Certificate(reason.0);
        let key = PrivateKey::generate(MODULUS, rng).and_then(|key| key.stored());
        let key = key.map_err(|error| failed(error.into()))?;
        let certificate = device_certificate(&key, serial, firmware, rng).map_err(failed)?;
        Ok(Self { key: Secret::new(key.to_vec()), certificate })
    }

    /// As it was stored; `None` if it is no RSA-2048 key.
    pub(crate) fn restored(key: &[u8], certificate: &[u8]) -> Option<Self> {
        PrivateKey::from_stored(key, MODULUS).ok()?;
        Some(Self { key: Secret::new(key), certificate: certificate.to_vec() })
    }

    pub(crate) fn stored_key(&self) -> &[u8] {
        self.key.expose()
    }

    pub(crate) fn attester(&self) -> Attester<'_> {
        Attester { algorithm: algorithm::RSA_2048, stored: self.key.expose() }
    }

    /// DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

fn device_certificate(
    key: &[u8],
    serial: u32,
    firmware: Firmware,
    rng: &mut DeviceRng,
) -> Result<Vec<u8>, Unencodable> {
    let sub_ca = Certificate::from_pem(MOCK_SUB_CA_PEM)?;
    let sub_ca_key = SecretKey::from_pkcs8_pem(MOCK_SUB_CA_KEY_PEM)
        .map_err(|error| Unencodable(error.to_string()))?;
    let sub_ca_key = Curve::P256.expand_private(&sub_ca_key.to_bytes())?;
    let public = public_key::of_stored(algorithm::RSA_2048, key)?;
    let info = public_key::info(algorithm::RSA_2048, public)?;
    let authority = AuthorityKeyIdentifier {
        key_identifier: Some(issuer_key_identifier(&sub_ca)?),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    let ca = BasicConstraints { ca: true, path_len_constraint: Some(0) };
    let extensions = vec![
        extension(FIRMWARE, OctetString::new(firmware.0)?)?,
        extension(SERIAL, serial)?,
        extension(SUBJECT_KEY_IDENTIFIER, key_identifier(&info)?)?,
        extension(AUTHORITY_KEY_IDENTIFIER, authority)?,
        Extension { critical: true, ..extension(BASIC_CONSTRAINTS, ca)? },
    ];
    let attester = Attester { algorithm: algorithm::EC_P256, stored: &sub_ca_key };
    let name = format!("YubiHSM Attestation ({serial})");
    certify::<DEVICE_SERIAL>(&name, &info, extensions, &attester, &sub_ca, rng)
}

/// RFC 7093 method 1: the first 20 bytes of SHA-256 over the public key.
fn key_identifier(info: &[u8]) -> Result<SubjectKeyIdentifier, Unencodable> {
    let info = SubjectPublicKeyInfoOwned::from_der(info)?;
    let digest = Sha256::digest(info.subject_public_key.raw_bytes());
    Ok(SubjectKeyIdentifier(OctetString::new(&digest[..20])?))
}

fn issuer_key_identifier(issuer: &Certificate) -> Result<OctetString, Unencodable> {
    let found: Option<(bool, SubjectKeyIdentifier)> = issuer.tbs_certificate.get()?;
    found
        .map(|(_, id)| id.0)
        .ok_or_else(|| Unencodable("the sub-CA has no key identifier".to_owned()))
}
