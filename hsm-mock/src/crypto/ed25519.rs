//! Ed25519 (RFC 8032), over keys as the device stores them.
//!
//! A stored key is the clamped scalar, big endian (32), the prefix (32) and the public key (32), as
//! `yubihsm-wrap` writes it; and, unless it came under wrap without it, the seed (32). The device
//! reports 128 bytes for a key with its seed (measured on firmware 2.5.0).

use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

pub(crate) const SEED: usize = 32;
/// Scalar, prefix and public key.
pub(crate) const WITHOUT_SEED: usize = 96;
pub(crate) const WITH_SEED: usize = WITHOUT_SEED + SEED;

pub(crate) fn generate(rng: &mut DeviceRng) -> Zeroizing<Vec<u8>> {
    from_seed(&rng.array())
}

/// Expands a seed.
pub(crate) fn from_seed(seed: &[u8; SEED]) -> Zeroizing<Vec<u8>> {
    let mut expanded = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed)));
    expanded[0] &= 248;
    expanded[31] &= 127;
    expanded[31] |= 64;
    let mut key = Zeroizing::new(Vec::with_capacity(WITH_SEED));
    key.extend(expanded[..32].iter().rev());
    key.extend_from_slice(&expanded[32..]);
    key.extend_from_slice(SigningKey::from_bytes(seed).verifying_key().as_bytes());
    key.extend_from_slice(seed);
    key
}

/// Checks that a stored key is one.
///
/// # Errors
/// `WRONG_LENGTH`; `INVALID_DATA` if its parts do not belong together.
pub(crate) fn check(key: &[u8]) -> Result<(), DeviceError> {
    match key.len() {
        WITHOUT_SEED => {
            let public = VerifyingKey::from(&expanded(key)?);
            if *public.as_bytes() == public_key(key) {
                Ok(())
            } else {
                Err(DeviceError::InvalidData)
            }
        }
        WITH_SEED => {
            let seed = seed(key).ok_or(DeviceError::InvalidData)?;
            if *from_seed(&seed) == key { Ok(()) } else { Err(DeviceError::InvalidData) }
        }
        _ => Err(DeviceError::WrongLength),
    }
}

pub(crate) fn seed(key: &[u8]) -> Option<Zeroizing<[u8; SEED]>> {
    key.get(WITHOUT_SEED..WITH_SEED)?.try_into().ok().map(Zeroizing::new)
}

pub(crate) fn public_key(key: &[u8]) -> &[u8] {
    key.get(64..WITHOUT_SEED).unwrap_or_default()
}

pub(crate) fn sign(key: &[u8], message: &[u8]) -> Result<Vec<u8>, DeviceError> {
    let expanded = expanded(key)?;
    let public = VerifyingKey::from(&expanded);
    Ok(raw_sign::<ed25519_dalek::Sha512>(&expanded, message, &public).to_bytes().to_vec())
}

fn expanded(key: &[u8]) -> Result<ExpandedSecretKey, DeviceError> {
    let mut bytes = Zeroizing::new([0; 64]);
    let stored = key.get(..64).ok_or(DeviceError::InvalidData)?;
    bytes.copy_from_slice(stored);
    bytes[..32].reverse();
    Ok(ExpandedSecretKey::from_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn a_signature_is_that_of_the_rfc_with_and_without_the_seed() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        let key = from_seed(&hex::decode(seed).unwrap().try_into().unwrap());
        assert_eq!(hex::encode(public_key(&key)), public);
        for stored in [&key[..], &key[..WITHOUT_SEED]] {
            check(stored).unwrap();
            assert_eq!(hex::encode(sign(stored, &[0x72]).unwrap()), signature);
        }
    }

    #[test]
    fn parts_that_do_not_belong_together_are_refused() {
        let key = from_seed(&[7; 32]);
        for position in [0, 70, 100] {
            let mut bad = key.clone();
            bad[position] ^= 1;
            assert_eq!(check(&bad), Err(DeviceError::InvalidData), "{position}");
        }
        assert_eq!(check(&key[..95]), Err(DeviceError::WrongLength));
    }
}
