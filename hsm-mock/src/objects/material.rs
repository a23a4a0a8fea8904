//! What is secret in an object: from what a command brings to what the device stores, which is also
//! what it puts under wrap.
//!
//! | object | stored |
//! |---|---|
//! | authentication key | `K-ENC || K-MAC`, or `x || y` of the host's P-256 key |
//! | asymmetric key | see `ec`, `rsa_key` and `ed25519` in [`crate::crypto`] |
//! | wrap key | the AES key, or an RSA key |
//! | public wrap key | the modulus |
//! | HMAC key | both pads |
//! | OTP AEAD key | nonce id (4) and the AES key |
//! | symmetric key, opaque, template | as given |

use zeroize::Zeroizing;

use super::ObjectType;
use crate::algorithm;
use crate::crypto::ec::Curve;
use crate::crypto::hash::Hash;
use crate::crypto::rsa_key::{self, PrivateKey, modulus_length};
use crate::crypto::{ed25519, hmac};
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::rng::DeviceRng;
use crate::secret::Secret;

/// `K-ENC || K-MAC`.
const AUTHENTICATION_KEYS: usize = 32;
/// Chooses the nonces of OTP AEADs apart from those of another key.
pub(crate) const NONCE_ID: usize = 4;

/// What a command brings, as it is stored.
///
/// # Errors
/// `WRONG_LENGTH`, `INVALID_DATA`
pub(crate) fn import(
    kind: ObjectType,
    algorithm: u8,
    bytes: &[u8],
    firmware: Firmware,
) -> Result<Secret, DeviceError> {
    let stored = match kind {
        ObjectType::AsymmetricKey => asymmetric(algorithm, bytes, firmware)?,
        ObjectType::WrapKey => match modulus_length(algorithm) {
            Some(length) => rsa(bytes, length)?,
            None => as_given(bytes),
        },
        ObjectType::HmacKey => {
            hmac::from_key(Hash::of_hmac(algorithm).ok_or(DeviceError::InvalidData)?, bytes)?
        }
        _ => as_given(bytes),
    };
    check(kind, algorithm, &stored)?;
    Ok(Secret::new(stored.to_vec()))
}

/// A key made in the device.
///
/// # Errors
/// `INVALID_DATA` for what cannot be generated.
pub(crate) fn generate(
    kind: ObjectType,
    algorithm: u8,
    firmware: Firmware,
    rng: &mut DeviceRng,
) -> Result<Secret, DeviceError> {
    let stored = if let Some(length) = modulus_length(algorithm) {
        PrivateKey::generate(length, rng)?.stored()?
    } else if let Some(curve) = Curve::of(algorithm) {
        curve.generate(rng)
    } else if algorithm == algorithm::EC_ED25519 {
        ed25519_key(ed25519::generate(rng), firmware)
    } else if let Some(hash) = Hash::of_hmac(algorithm) {
        hmac::generate(hash, rng)
    } else {
        let length = algorithm::aes_key_length(algorithm).ok_or(DeviceError::InvalidData)?;
        let mut key = Zeroizing::new(vec![0; length]);
        rng.fill(&mut key);
        key
    };
    check_kind(kind)?;
    Ok(Secret::new(stored.to_vec()))
}

fn check_kind(kind: ObjectType) -> Result<(), DeviceError> {
    match kind {
        ObjectType::AsymmetricKey
        | ObjectType::WrapKey
        | ObjectType::HmacKey
        | ObjectType::OtpAeadKey
        | ObjectType::SymmetricKey => Ok(()),
        _ => Err(DeviceError::InvalidData),
    }
}

fn asymmetric(
    algorithm: u8,
    bytes: &[u8],
    firmware: Firmware,
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    if let Some(curve) = Curve::of(algorithm) {
        curve.expand_private(bytes)
    } else if let Some(length) = modulus_length(algorithm) {
        rsa(bytes, length)
    } else if algorithm == algorithm::EC_ED25519 {
        let seed = bytes.try_into().map_err(|_| DeviceError::WrongLength)?;
        Ok(ed25519_key(ed25519::from_seed(seed), firmware))
    } else {
        Err(DeviceError::InvalidData)
    }
}

fn ed25519_key(mut key: Zeroizing<Vec<u8>>, firmware: Firmware) -> Zeroizing<Vec<u8>> {
    if !firmware.keeps_ed25519_seeds() {
        key.truncate(ed25519::WITHOUT_SEED);
    }
    key
}

fn rsa(bytes: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    require_length(bytes.len(), length)?;
    PrivateKey::from_primes(bytes, length)?.stored()
}

fn as_given(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

/// Checks a stored secret.
///
/// # Errors
/// `WRONG_LENGTH`, `INVALID_DATA`
pub(crate) fn check(kind: ObjectType, algorithm: u8, stored: &[u8]) -> Result<(), DeviceError> {
    let length = stored.len();
    match kind {
        ObjectType::AuthenticationKey => match algorithm {
            algorithm::EC_P256_YUBICO_AUTHENTICATION => Curve::P256.check_point(stored),
            _ => require_length(length, AUTHENTICATION_KEYS),
        },
        ObjectType::AsymmetricKey => check_asymmetric(algorithm, stored),
        ObjectType::WrapKey => match modulus_length(algorithm) {
            Some(length) => PrivateKey::from_stored(stored, length).map(|_| ()),
            None => require_length(length, aes_key_length(algorithm)?),
        },
        ObjectType::PublicWrapKey => {
            require_length(length, modulus_length(algorithm).ok_or(DeviceError::InvalidData)?)?;
            rsa_key::check_modulus(stored)
        }
        ObjectType::HmacKey => {
            hmac::check(Hash::of_hmac(algorithm).ok_or(DeviceError::InvalidData)?, stored)
        }
        ObjectType::OtpAeadKey => require_length(length, NONCE_ID + aes_key_length(algorithm)?),
        ObjectType::SymmetricKey => require_length(length, aes_key_length(algorithm)?),
        ObjectType::Opaque | ObjectType::Template if length == 0 => Err(DeviceError::WrongLength),
        ObjectType::Opaque | ObjectType::Template => Ok(()),
    }
}

fn check_asymmetric(algorithm: u8, stored: &[u8]) -> Result<(), DeviceError> {
    if let Some(curve) = Curve::of(algorithm) {
        curve.check(stored)
    } else if let Some(length) = modulus_length(algorithm) {
        PrivateKey::from_stored(stored, length).map(|_| ())
    } else if algorithm == algorithm::EC_ED25519 {
        ed25519::check(stored)
    } else {
        Err(DeviceError::InvalidData)
    }
}

fn aes_key_length(algorithm: u8) -> Result<usize, DeviceError> {
    algorithm::aes_key_length(algorithm).ok_or(DeviceError::InvalidData)
}

fn require_length(length: usize, expected: usize) -> Result<(), DeviceError> {
    if length == expected { Ok(()) } else { Err(DeviceError::WrongLength) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Capabilities;
    use crate::objects::{Label, Object, Origin};

    fn size(kind: ObjectType, algorithm: u8, firmware: Firmware) -> u16 {
        let mut rng = DeviceRng::from_seed(1, 2, 3);
        let mut secret = match kind {
            ObjectType::AuthenticationKey if algorithm == 49 => {
                Secret::new(&Curve::P256.generate(&mut rng)[32..])
            }
            ObjectType::AuthenticationKey => Secret::new(vec![7; 32]),
            _ => generate(kind, algorithm, firmware, &mut rng).unwrap(),
        };
        if kind == ObjectType::OtpAeadKey {
            secret = Secret::new([&[0; NONCE_ID], secret.expose()].concat());
        }
        let object = Object {
            id: 1,
            kind,
            algorithm,
            label: Label::from_text(""),
            domains: 1,
            capabilities: Capabilities::NONE,
            delegated: Capabilities::NONE,
            sequence: 0,
            origin: Origin::GENERATED,
            secret,
        };
        object.check(firmware).unwrap();
        object.size()
    }

    /// Sizes measured on a device with firmware 2.5.0, but for RSA 3072 and 4096, which take long
    /// to make and follow the same formula (7/2 of the modulus).
    #[test]
    fn sizes_are_those_of_a_device() {
        use ObjectType::*;
        let measured = [
            (AuthenticationKey, 38, 40),
            (AuthenticationKey, 49, 72),
            (AsymmetricKey, 9, 896),
            (AsymmetricKey, 47, 84),
            (AsymmetricKey, 12, 96),
            (AsymmetricKey, 13, 144),
            (AsymmetricKey, 14, 198),
            (AsymmetricKey, 15, 96),
            (AsymmetricKey, 16, 96),
            (AsymmetricKey, 17, 144),
            (AsymmetricKey, 18, 192),
            (AsymmetricKey, 46, 128),
            (HmacKey, 19, 128),
            (HmacKey, 20, 128),
            (HmacKey, 21, 256),
            (HmacKey, 22, 256),
            (SymmetricKey, 50, 16),
            (SymmetricKey, 51, 24),
            (SymmetricKey, 52, 32),
            (WrapKey, 29, 24),
            (WrapKey, 41, 32),
            (WrapKey, 42, 40),
            (WrapKey, 9, 904),
            (OtpAeadKey, 37, 20),
            (OtpAeadKey, 39, 28),
            (OtpAeadKey, 40, 36),
        ];
        for (kind, algorithm, expected) in measured {
            assert_eq!(size(kind, algorithm, Firmware::V2_5_0), expected, "{kind:?} {algorithm}");
        }
        assert_eq!(size(AsymmetricKey, 46, Firmware::V2_2_0), 96, "no seed before 2.4.0");
    }

    #[test]
    fn a_secret_of_another_length_is_refused() {
        let refused = |kind, algorithm, length| {
            import(kind, algorithm, &vec![1; length], Firmware::V2_5_0).unwrap_err()
        };
        for (kind, algorithm, length) in [
            (ObjectType::AsymmetricKey, 12, 31),
            (ObjectType::AsymmetricKey, 9, 255),
            (ObjectType::AsymmetricKey, 46, 33),
            (ObjectType::WrapKey, 41, 16),
            (ObjectType::HmacKey, 19, 65),
            (ObjectType::SymmetricKey, 52, 24),
            (ObjectType::OtpAeadKey, 37, 16),
            (ObjectType::AuthenticationKey, 38, 31),
            (ObjectType::AuthenticationKey, 49, 65),
            (ObjectType::PublicWrapKey, 9, 255),
            (ObjectType::Opaque, 30, 0),
        ] {
            assert_eq!(refused(kind, algorithm, length), DeviceError::WrongLength, "{kind:?}");
        }
        for (kind, algorithm, length) in [
            (ObjectType::AsymmetricKey, 9, 256),
            (ObjectType::AuthenticationKey, 49, 64),
            (ObjectType::PublicWrapKey, 9, 256),
        ] {
            assert_eq!(refused(kind, algorithm, length), DeviceError::InvalidData, "{kind:?}");
        }
    }
}
