use super::PublicKeyKind;
use super::certificate::{Certificate, curve};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");

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

/// Verifies the signature of `child` under the key of `issuer`. RSA keys under 2048 bits are
/// refused.
pub(super) fn verify(child: &Certificate, issuer: &Certificate) -> Result<(), String> {
    let (algorithm, signature) = child.signature()?;
    let scheme: &'static dyn VerificationAlgorithm = match (algorithm.oid, issuer.key_kind()?) {
        (SHA256_WITH_RSA, PublicKeyKind::Rsa) => &RSA_PKCS1_2048_8192_SHA256,
        (ECDSA_WITH_SHA256, PublicKeyKind::P256) => &ECDSA_P256_SHA256_ASN1,
        (ECDSA_WITH_SHA256, PublicKeyKind::P384) => &ECDSA_P384_SHA256_ASN1,
        (ECDSA_WITH_SHA384, PublicKeyKind::P384) => &ECDSA_P384_SHA384_ASN1,
        (oid, kind) => {
            return Err(format!(
                "signature algorithm {oid} does not go with a key of kind {kind:?}"
            ));
        }
    };
    let key = issuer.key_bytes().ok_or("the issuer's key is not whole bytes")?;
    UnparsedPublicKey::new(scheme, key)
        .verify(child.tbs(), signature)
        .map_err(|_| "the signature does not verify, or the issuer's key is too weak".into())
}
