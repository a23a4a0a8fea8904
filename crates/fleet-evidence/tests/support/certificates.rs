//! A test attestation hierarchy: root, sub-CA, device certificates, attestations.

use super::p256;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use p256::elliptic_curve::bigint::{Encoding, U512};
use sha2::{Digest, Sha256};
use std::str::FromStr;
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::TbsCertificate;
use x509_cert::certificate::Version;
use x509_cert::der::asn1::{
    Any, BitString, GeneralizedTime, ObjectIdentifier, OctetString, UintRef, UtcTime, Utf8StringRef,
};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, Encode, EncodePem};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

/// Unix seconds of 2017-01-01 and 2071-10-05, as in Yubico's certificates.
const FROM: u64 = 1_483_228_800;
const UNTIL: u64 = 3_211_228_800;

/// Who signs a certificate.
#[derive(Clone, Debug)]
pub(crate) enum Issuer {
    P256 {
        name: String,
        seed: String,
    },
    /// A 512-bit RSA key: a real signature by a key that anyone can break.
    Rsa512 {
        name: String,
    },
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    pub subject: String,
    pub key: SubjectPublicKeyInfoOwned,
    /// CA with this path length.
    pub authority: Option<u8>,
    /// Yubico extensions: last arc and DER value.
    pub yubico: Vec<(u32, Vec<u8>)>,
    pub valid: (u64, u64),
}

impl Contents {
    pub(crate) fn of(subject: &str, key: SubjectPublicKeyInfoOwned) -> Self {
        Self { subject: subject.into(), key, authority: None, yubico: vec![], valid: (FROM, UNTIL) }
    }
}

pub(crate) fn p256_key(key: &SecretKey) -> SubjectPublicKeyInfoOwned {
    SubjectPublicKeyInfoOwned::from_key(key.public_key()).unwrap()
}

/// Signs and gives PEM.
pub(crate) fn certify(contents: &Contents, issuer: &Issuer) -> String {
    let (issuer_name, algorithm) = match issuer {
        Issuer::P256 { name, .. } => (name, algorithm("1.2.840.10045.4.3.2", None)),
        Issuer::Rsa512 { name } => (name, algorithm("1.2.840.113549.1.1.11", Some(Any::null()))),
    };
    let number = Sha256::digest(format!("{}{issuer_name}", contents.subject));
    let tbs_certificate = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&[&[1], &number[..15]].concat()).unwrap(),
        signature: algorithm.clone(),
        issuer: name(issuer_name),
        validity: Validity {
            not_before: time(contents.valid.0),
            not_after: time(contents.valid.1),
        },
        subject: name(&contents.subject),
        subject_public_key_info: contents.key.clone(),
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions(contents)),
    };
    let tbs = tbs_certificate.to_der().unwrap();
    let signature = BitString::from_bytes(&sign(&tbs, issuer)).unwrap();
    Certificate { tbs_certificate, signature_algorithm: algorithm, signature }
        .to_pem(LineEnding::LF)
        .unwrap()
}

fn sign(tbs: &[u8], issuer: &Issuer) -> Vec<u8> {
    match issuer {
        Issuer::P256 { seed, .. } => {
            let signature: Signature = SigningKey::from(p256(seed)).sign(tbs);
            signature.to_der().as_bytes().to_vec()
        }
        Issuer::Rsa512 { .. } => rsa512_sign(tbs),
    }
}

fn extensions(contents: &Contents) -> Vec<Extension> {
    let mut out: Vec<Extension> = Vec::new();
    for (arc, value) in &contents.yubico {
        let extn_id = ObjectIdentifier::new(&format!("1.3.6.1.4.1.41482.4.{arc}")).unwrap();
        out.push(Extension {
            extn_id,
            critical: false,
            extn_value: OctetString::new(value.clone()).unwrap(),
        });
    }
    if let Some(length) = contents.authority {
        let value =
            BasicConstraints { ca: true, path_len_constraint: Some(length) }.to_der().unwrap();
        let extn_id = ObjectIdentifier::new_unwrap("2.5.29.19");
        out.push(Extension {
            extn_id,
            critical: true,
            extn_value: OctetString::new(value).unwrap(),
        });
    }
    out
}

/// The Yubico fields as a device encodes them.
pub(crate) mod field {
    use super::*;

    pub(crate) fn firmware(version: [u8; 3]) -> (u32, Vec<u8>) {
        (1, OctetString::new(version.to_vec()).unwrap().to_der().unwrap())
    }

    pub(crate) fn serial(serial: u32) -> (u32, Vec<u8>) {
        (2, uint(&serial.to_be_bytes()))
    }

    pub(crate) fn origin(origin: u8) -> (u32, Vec<u8>) {
        (3, BitString::from_bytes(&[origin]).unwrap().to_der().unwrap())
    }

    pub(crate) fn domains(domains: u16) -> (u32, Vec<u8>) {
        (4, BitString::from_bytes(&domains.to_be_bytes()).unwrap().to_der().unwrap())
    }

    pub(crate) fn capabilities(bits: u64) -> (u32, Vec<u8>) {
        (5, BitString::from_bytes(&bits.to_be_bytes()).unwrap().to_der().unwrap())
    }

    pub(crate) fn object_id(id: u16) -> (u32, Vec<u8>) {
        (6, uint(&id.to_be_bytes()))
    }

    pub(crate) fn label(label: &str) -> (u32, Vec<u8>) {
        (9, Utf8StringRef::new(label).unwrap().to_der().unwrap())
    }

    fn uint(bytes: &[u8]) -> Vec<u8> {
        UintRef::new(bytes).unwrap().to_der().unwrap()
    }
}

const RSA_N: &str = "aee1b95cace822cd964c8442f9658401e17a598086160f78f9b71d91ef890638ac390fa8e0401d1c435acef7833f1164bfca39638c586f52ee50683bbb8ad569";
const RSA_D: &str = "590d20328ce9782f70056ea41c13117153bbd5af9897cb31331787bb345a760bb62543cd81fe53347e0c8790a1eb1185829f209180b80b2b76a44cab3e215e31";

/// A 512-bit RSA public key.
pub(crate) fn rsa512_key() -> SubjectPublicKeyInfoOwned {
    let n = UintRef::new(&hex::decode(RSA_N).unwrap()).unwrap().to_der().unwrap();
    let e = UintRef::new(&[1, 0, 1]).unwrap().to_der().unwrap();
    let body = [n, e].concat();
    let key = [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat();
    SubjectPublicKeyInfoOwned {
        algorithm: algorithm("1.2.840.113549.1.1.1", Some(Any::null())),
        subject_public_key: BitString::from_bytes(&key).unwrap(),
    }
}

/// RFC 8017 RSASSA-PKCS1-v1_5 with SHA-256; 512 bits just hold it.
fn rsa512_sign(message: &[u8]) -> Vec<u8> {
    let prefix = hex::decode("3031300d060960864801650304020105000420").unwrap();
    let mut padded = vec![0x00, 0x01];
    padded.resize(64 - prefix.len() - 32 - 1, 0xff);
    padded.push(0);
    padded.extend(prefix);
    padded.extend(Sha256::digest(message));
    let modulus = DynResidueParams::new(&U512::from_be_hex(RSA_N));
    let signature =
        DynResidue::new(&U512::from_be_slice(&padded), modulus).pow(&U512::from_be_hex(RSA_D));
    signature.retrieve().to_be_bytes().to_vec()
}

fn algorithm(oid: &str, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: ObjectIdentifier::new(oid).unwrap(), parameters }
}

fn name(common_name: &str) -> Name {
    Name::from_str(&format!("CN={common_name}")).unwrap()
}

fn time(at: u64) -> Time {
    let at = Duration::from_secs(at);
    match UtcTime::from_unix_duration(at) {
        Ok(time) => Time::UtcTime(time),
        Err(_) => Time::GeneralTime(GeneralizedTime::from_unix_duration(at).unwrap()),
    }
}

pub(crate) fn reread(pem: &str) -> Vec<u8> {
    let (_, der) = x509_cert::der::pem::decode_vec(pem.as_bytes()).unwrap();
    Certificate::from_der(&der).unwrap();
    der
}
