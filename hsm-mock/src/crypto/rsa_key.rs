//! RSA keys as the device stores them, and the bare operations with them.
//!
//! A stored key is `p || q || dp || dq || qinv || n`: half the modulus each, and the modulus
//! (yubihsm-shell, `read_private_key` with the internal representation). The public exponent is
//! 65,537.

use rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use crate::algorithm;
use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

const EXPONENT: u64 = 65_537;

/// Bytes of the modulus of an algorithm.
pub(crate) fn modulus_length(algorithm: u8) -> Option<usize> {
    match algorithm {
        algorithm::RSA_2048 => Some(256),
        algorithm::RSA_3072 => Some(384),
        algorithm::RSA_4096 => Some(512),
        _ => None,
    }
}

/// A private key ready to work.
pub(crate) struct PrivateKey {
    key: RsaPrivateKey,
    length: usize,
}

impl PrivateKey {
    pub(crate) fn generate(length: usize, rng: &mut DeviceRng) -> Result<Self, DeviceError> {
        let key = RsaPrivateKey::new(rng.inner(), length * 8);
        Self::of(key.map_err(|_| DeviceError::StorageFailed)?, length)
    }

    /// From `p || q`, as commands and RSA wrap bring it, or a stored key, which begins with them.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA` if the factors do not make a key of this length.
    pub(crate) fn from_primes(bytes: &[u8], length: usize) -> Result<Self, DeviceError> {
        let (p, rest) = bytes.split_at_checked(length / 2).ok_or(DeviceError::WrongLength)?;
        let q = rest.get(..length / 2).ok_or(DeviceError::WrongLength)?;
        let number = |bytes: &[u8]| {
            let bits = (length * 4) as u32;
            BoxedUint::from_be_slice(bytes, bits).map_err(|_| DeviceError::InvalidData)
        };
        let key = RsaPrivateKey::from_p_q(number(p)?, number(q)?, BoxedUint::from(EXPONENT));
        Self::of(key.map_err(|_| DeviceError::InvalidData)?, length)
    }

    /// From a stored key.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA` if its parts do not belong together.
    pub(crate) fn from_stored(stored: &[u8], length: usize) -> Result<Self, DeviceError> {
        if stored.len() != length / 2 * 7 {
            return Err(DeviceError::WrongLength);
        }
        let key = Self::from_primes(stored, length)?;
        if *key.stored()? == stored { Ok(key) } else { Err(DeviceError::InvalidData) }
    }

    fn of(key: RsaPrivateKey, length: usize) -> Result<Self, DeviceError> {
        if key.size() == length { Ok(Self { key, length }) } else { Err(DeviceError::InvalidData) }
    }

    /// The form in which the device stores it.
    pub(crate) fn stored(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let [p, q] = self.key.primes() else { return Err(DeviceError::InvalidData) };
        let invalid = DeviceError::InvalidData;
        let dp = self.key.dp().ok_or(invalid)?;
        let dq = self.key.dq().ok_or(invalid)?;
        let qinv = self.key.crt_coefficient().ok_or(invalid)?;
        let mut stored = Zeroizing::new(Vec::with_capacity(self.length / 2 * 7));
        for part in [p, q, dp, dq, &qinv] {
            stored.extend_from_slice(&padded(part, self.length / 2)?);
        }
        stored.extend_from_slice(&self.modulus());
        Ok(stored)
    }

    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.key.n_bytes().to_vec()
    }

    /// The private exponent, big endian.
    pub(crate) fn private_exponent(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.key.d().to_be_bytes().to_vec())
    }

    /// The private operation (RFC 8017, sections 5.1.2 and 5.2.1): as many bytes as the modulus.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA` for a number that is not below the modulus.
    pub(crate) fn raw(
        &self,
        block: &[u8],
        rng: &mut DeviceRng,
    ) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let number = number(block, self.length)?;
        let result = rsa_decrypt_and_check(&self.key, Some(rng.inner()), &number);
        let result = result.map_err(|_| DeviceError::InvalidData)?;
        padded(&result, self.length)
    }
}

/// The public operation with a modulus.
///
/// # Errors
/// `WRONG_LENGTH`, `INVALID_DATA`
pub(crate) fn raw_public(modulus: &[u8], block: &[u8]) -> Result<Vec<u8>, DeviceError> {
    let key = public_key(modulus)?;
    let number = number(block, modulus.len())?;
    let result = rsa_encrypt(&key, &number).map_err(|_| DeviceError::InvalidData)?;
    Ok(padded(&result, modulus.len())?.to_vec())
}

/// Checks a modulus.
///
/// # Errors
/// `INVALID_DATA` if no key can have it.
pub(crate) fn check_modulus(modulus: &[u8]) -> Result<(), DeviceError> {
    let full_length = modulus.first().is_some_and(|first| first & 0x80 != 0);
    if full_length { public_key(modulus).map(|_| ()) } else { Err(DeviceError::InvalidData) }
}

fn public_key(modulus: &[u8]) -> Result<RsaPublicKey, DeviceError> {
    let n = BoxedUint::from_be_slice(modulus, (modulus.len() * 8) as u32);
    let n = n.map_err(|_| DeviceError::InvalidData)?;
    RsaPublicKey::new(n, BoxedUint::from(EXPONENT)).map_err(|_| DeviceError::InvalidData)
}

fn number(block: &[u8], length: usize) -> Result<BoxedUint, DeviceError> {
    if block.len() != length {
        return Err(DeviceError::WrongLength);
    }
    BoxedUint::from_be_slice(block, (length * 8) as u32).map_err(|_| DeviceError::InvalidData)
}

/// Big endian in exactly so many bytes.
fn padded(number: &BoxedUint, length: usize) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let bytes = Zeroizing::new(number.to_be_bytes());
    let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[from..];
    let missing = length.checked_sub(digits.len()).ok_or(DeviceError::InvalidData)?;
    let mut out = Zeroizing::new(vec![0; length]);
    out[missing..].copy_from_slice(digits);
    Ok(out)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use super::*;

    /// One key for all tests: making one takes a while without optimisation.
    pub(crate) static KEY: LazyLock<Zeroizing<Vec<u8>>> = LazyLock::new(|| {
        let mut rng = DeviceRng::from_seed(1, 2, 3);
        PrivateKey::generate(256, &mut rng).unwrap().stored().unwrap()
    });

    #[test]
    fn a_stored_key_is_made_of_its_primes_and_reads_back() {
        let key = PrivateKey::from_primes(&KEY[..256], 256).unwrap();
        assert_eq!(key.stored().unwrap(), *KEY);
        assert_eq!((KEY.len(), key.modulus()), (896, KEY[640..].to_vec()));
        PrivateKey::from_stored(&KEY, 256).unwrap();
    }

    #[test]
    fn the_private_operation_undoes_the_public_one() {
        let mut rng = DeviceRng::from_seed(1, 2, 3);
        let key = PrivateKey::from_stored(&KEY, 256).unwrap();
        let block = [&[0, 7][..], &[9; 254]].concat();
        let sealed = raw_public(&key.modulus(), &block).unwrap();
        assert_eq!(*key.raw(&sealed, &mut rng).unwrap(), block);
        assert_eq!(key.raw(&[0xff; 256], &mut rng), Err(DeviceError::InvalidData));
        assert_eq!(key.raw(&[1; 255], &mut rng), Err(DeviceError::WrongLength));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let refused = |bytes: &[u8]| PrivateKey::from_primes(bytes, 256).err();
        assert_eq!(refused(&KEY[..255]), Some(DeviceError::WrongLength));
        assert_eq!(refused(&[0; 256]), Some(DeviceError::InvalidData));
        assert_eq!(refused(&[2; 256]), Some(DeviceError::InvalidData));
        let mut altered = KEY.clone();
        altered[300] ^= 1;
        let refused = PrivateKey::from_stored(&altered, 256).err();
        assert_eq!(refused, Some(DeviceError::InvalidData));
        assert_eq!(check_modulus(&[0; 256]), Err(DeviceError::InvalidData));
        check_modulus(&KEY[640..]).unwrap();
    }
}
