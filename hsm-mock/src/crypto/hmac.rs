//! HMAC (RFC 2104), over keys as the device stores them: the key, padded to a block, XORed with the
//! inner and with the outer pad (yubihsm-shell, `split_hmac_key`).

use ::hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::hash::Hash;
use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

pub(crate) fn generate(hash: Hash, rng: &mut DeviceRng) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(vec![0; hash.block()]);
    rng.fill(&mut key);
    pads(&key)
}

/// The pads of a key.
///
/// # Errors
/// `WRONG_LENGTH` if it is empty or longer than a block: clients hash such keys first.
pub(crate) fn from_key(hash: Hash, key: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    if key.is_empty() || key.len() > hash.block() {
        return Err(DeviceError::WrongLength);
    }
    let mut padded = Zeroizing::new(vec![0; hash.block()]);
    padded[..key.len()].copy_from_slice(key);
    Ok(pads(&padded))
}

fn pads(key: &[u8]) -> Zeroizing<Vec<u8>> {
    let pad = |with: u8| key.iter().map(move |byte| byte ^ with);
    Zeroizing::new(pad(INNER).chain(pad(OUTER)).collect())
}

/// Checks that stored pads are those of one key.
///
/// # Errors
/// `WRONG_LENGTH`, `INVALID_DATA`
pub(crate) fn check(hash: Hash, stored: &[u8]) -> Result<(), DeviceError> {
    if stored.len() != 2 * hash.block() {
        return Err(DeviceError::WrongLength);
    }
    if *pads(&key(hash, stored)) == stored { Ok(()) } else { Err(DeviceError::InvalidData) }
}

fn key(hash: Hash, stored: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(stored.iter().take(hash.block()).map(|byte| byte ^ INNER).collect())
}

pub(crate) fn sign(hash: Hash, stored: &[u8], data: &[u8]) -> Vec<u8> {
    fn tag<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
        let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.chain_update(data).finalize().into_bytes().to_vec()
    }
    let key = key(hash, stored);
    match hash {
        Hash::Sha1 => tag::<Hmac<Sha1>>(&key, data),
        Hash::Sha256 => tag::<Hmac<Sha256>>(&key, data),
        Hash::Sha384 => tag::<Hmac<Sha384>>(&key, data),
        Hash::Sha512 => tag::<Hmac<Sha512>>(&key, data),
    }
}

pub(crate) fn verify(hash: Hash, stored: &[u8], data: &[u8], tag: &[u8]) -> bool {
    sign(hash, stored, data).ct_eq(tag).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231, test case 2: key "Jefe".
    #[test]
    fn tags_are_those_of_the_rfcs() {
        let starts = [
            (Hash::Sha1, "effcdf6ae5eb2fa2"),
            (Hash::Sha256, "5bdcc146bf60754e"),
            (Hash::Sha384, "af45d2e376484031"),
            (Hash::Sha512, "164b7a7bfcf819e2"),
        ];
        for (hash, start) in starts {
            let key = from_key(hash, b"Jefe").unwrap();
            check(hash, &key).unwrap();
            let tag = sign(hash, &key, b"what do ya want for nothing?");
            assert_eq!(hex::encode(&tag[..8]), start);
            assert!(verify(hash, &key, b"what do ya want for nothing?", &tag));
            assert!(!verify(hash, &key, b"what do ya want for nothing!", &tag));
        }
    }

    #[test]
    fn keys_longer_than_a_block_and_pads_of_two_keys_are_refused() {
        assert_eq!(from_key(Hash::Sha1, &[0; 65]), Err(DeviceError::WrongLength));
        assert_eq!(from_key(Hash::Sha512, &[0; 65]).map(|key| key.len()), Ok(256));
        let mut mixed = from_key(Hash::Sha256, b"one").unwrap();
        mixed[100] ^= 1;
        assert_eq!(check(Hash::Sha256, &mixed), Err(DeviceError::InvalidData));
    }
}
