//! Signing a certificate with a stored key: SHA-256 with whatever the key can do.

use x509_cert::der::asn1::{Null, ObjectIdentifier};
use x509_cert::der::{Any, Encode};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::crypto::ec::Curve;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key::{PrivateKey, modulus_length};
use crate::crypto::rsa_padding::pkcs1_signature_block;
use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// A key that attests.
pub(crate) struct Attester<'a> {
    pub algorithm: u8,
    pub stored: &'a [u8],
}

impl Attester<'_> {
    /// Names the signature algorithm: RSA keys sign with PKCS #1 v1.5, EC keys with ECDSA.
    ///
    /// # Errors
    /// `INVALID_DATA` for an Ed25519 key, which attests nothing (Yubico, known issues).
    pub(crate) fn signature_algorithm(&self) -> Result<AlgorithmIdentifierOwned, DeviceError> {
        if modulus_length(self.algorithm).is_some() {
            let null = Any::encode_from(&Null).map_err(|_| DeviceError::InvalidData)?;
            return Ok(AlgorithmIdentifierOwned { oid: RSA_WITH_SHA256, parameters: Some(null) });
        }
        Curve::of(self.algorithm).ok_or(DeviceError::InvalidData)?;
        Ok(AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None })
    }

    pub(crate) fn sign(
        &self,
        tbs: &impl Encode,
        rng: &mut DeviceRng,
    ) -> Result<Vec<u8>, DeviceError> {
        let tbs = tbs.to_der().map_err(|_| DeviceError::InvalidData)?;
        let digest = Hash::Sha256.digest(&[&tbs]);
        if let Some(length) = modulus_length(self.algorithm) {
            let block = pkcs1_signature_block(Hash::Sha256, &digest, length);
            let key = PrivateKey::from_primes(self.stored, length)?;
            return Ok(key.raw(&block, rng)?.to_vec());
        }
        let curve = Curve::of(self.algorithm).ok_or(DeviceError::InvalidData)?;
        curve.sign(self.stored, &digest, rng)
    }
}
