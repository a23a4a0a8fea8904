//! The public half of a stored key: as `GET PUBLIC KEY` sends it, and as X.509 has it.

use super::der;
use super::ec::Curve;
use super::ed25519;
use super::rsa_key::modulus_length;
use crate::device_error::DeviceError;

/// rsaEncryption, id-ecPublicKey, id-Ed25519 (RFC 8017, RFC 5480, RFC 8410).
pub(crate) const RSA_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
pub(crate) const EC_OID: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
pub(crate) const ED25519_OID: &[u8] = &[0x2b, 0x65, 0x70];
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// RSA: the modulus. EC: `x || y`. Ed25519: the key.
///
/// # Errors
/// `INVALID_DATA` for an algorithm without public keys, or a stored key of a wrong length.
pub(crate) fn of_stored(algorithm: u8, stored: &[u8]) -> Result<&[u8], DeviceError> {
    let public = if let Some(curve) = Curve::of(algorithm) {
        stored.get(curve.size()..3 * curve.size())
    } else if let Some(length) = modulus_length(algorithm) {
        return of_stored_modulus(stored, length);
    } else if algorithm == crate::algorithm::EC_ED25519 {
        Some(ed25519::public_key(stored)).filter(|key| !key.is_empty())
    } else {
        None
    };
    public.ok_or(DeviceError::InvalidData)
}

/// The modulus of a stored RSA key.
///
/// # Errors
/// `INVALID_DATA` if it is too short.
pub(crate) fn of_stored_modulus(stored: &[u8], length: usize) -> Result<&[u8], DeviceError> {
    stored.get(length / 2 * 5..length / 2 * 7).ok_or(DeviceError::InvalidData)
}

/// SubjectPublicKeyInfo (DER) of a public key as [`of_stored`] gives it.
///
/// # Errors
/// `INVALID_DATA` for an algorithm without public keys.
pub(crate) fn info(algorithm: u8, public: &[u8]) -> Result<Vec<u8>, DeviceError> {
    if let Some(curve) = Curve::of(algorithm) {
        let kind = der::sequence(&[der::oid(EC_OID), der::oid(curve.oid())]);
        return Ok(der::sequence(&[kind, der::bits(&[&[0x04], public].concat())]));
    }
    if modulus_length(algorithm).is_some() {
        let kind = der::sequence(&[der::oid(RSA_OID), der::null()]);
        let key = der::sequence(&[der::unsigned(public), der::unsigned(&RSA_EXPONENT)]);
        return Ok(der::sequence(&[kind, der::bits(&key)]));
    }
    if algorithm == crate::algorithm::EC_ED25519 {
        let kind = der::sequence(&[der::oid(ED25519_OID)]);
        return Ok(der::sequence(&[kind, der::bits(public)]));
    }
    Err(DeviceError::InvalidData)
}
