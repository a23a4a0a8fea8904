//! Signatures of certificates.

use super::certificate::Certificate;
use super::public_key::PublicKeyKind;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::der::asn1::ObjectIdentifier;

const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");

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
