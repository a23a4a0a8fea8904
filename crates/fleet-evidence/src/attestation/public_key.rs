//! The public key of a certificate: of what kind it is.

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::AlgorithmIdentifierOwned;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// The kinds of key that occur in attestation chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKeyKind {
    /// RSA (RFC 8017), of any length.
    Rsa,
    /// NIST P-256, secp256r1 (RFC 5480).
    P256,
    /// NIST P-384, secp384r1 (RFC 5480).
    P384,
}

/// The kind of a public key; anything but RSA, P-256 and P-384 is refused.
pub(super) fn key_kind(algorithm: &AlgorithmIdentifierOwned) -> Result<PublicKeyKind, String> {
    match algorithm.oid {
        RSA_ENCRYPTION => Ok(PublicKeyKind::Rsa),
        EC_PUBLIC_KEY => match curve(algorithm) {
            Some(P256) => Ok(PublicKeyKind::P256),
            Some(P384) => Ok(PublicKeyKind::P384),
            _ => Err("an elliptic curve other than P-256 and P-384".into()),
        },
        other => Err(format!("unknown kind of key {other}")),
    }
}

/// Parameters of an EC key must name a curve.
fn curve(algorithm: &AlgorithmIdentifierOwned) -> Option<ObjectIdentifier> {
    let der = algorithm.parameters.as_ref()?.to_der().ok()?;
    ObjectIdentifier::from_der(&der).ok()
}
