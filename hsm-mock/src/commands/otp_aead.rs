//! AEADs of Yubico OTP credentials: nonce (6), the sealed AES key (16) and private id (6), tag (8).
//!
//! AES-CCM with the nonce: nonce id of the key (4), nonce (6), zeroes (3). Source: python-yubihsm's
//! tests of OTP, and developers.yubico.com, "Generate OTP AEAD Key".

use zeroize::Zeroizing;

use crate::crypto::ccm::{self, Tag};
use crate::device_error::DeviceError;
use crate::objects::{Object, material};
use crate::rng::DeviceRng;

const NONCE: usize = 6;
/// AES key (16) and private id (6).
pub(super) const CREDENTIAL: usize = 22;
pub(super) const AEAD: usize = NONCE + CREDENTIAL + Tag::Short as usize;

/// Seals a credential under a fresh nonce.
///
/// # Errors
/// `INVALID_DATA`
pub(super) fn seal(
    key: &Object,
    credential: &[u8; CREDENTIAL],
    rng: &mut DeviceRng,
) -> Result<Vec<u8>, DeviceError> {
    let nonce: [u8; NONCE] = rng.array();
    let (id, aes_key) = parts(key)?;
    let sealed = ccm::seal(aes_key, &whole_nonce(id, &nonce), credential, Tag::Short)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Opens an AEAD.
///
/// # Errors
/// `INVALID_DATA`
pub(super) fn open(
    key: &Object,
    aead: &[u8; AEAD],
) -> Result<Zeroizing<[u8; CREDENTIAL]>, DeviceError> {
    let invalid = DeviceError::InvalidData;
    let (nonce, sealed) = aead.split_first_chunk().ok_or(invalid)?;
    let (id, aes_key) = parts(key)?;
    let opened = ccm::open(aes_key, &whole_nonce(id, nonce), sealed, Tag::Short)?;
    let mut credential = Zeroizing::new([0; CREDENTIAL]);
    credential.copy_from_slice(&opened);
    Ok(credential)
}

type NonceId = [u8; material::NONCE_ID];

fn parts(key: &Object) -> Result<(&NonceId, &[u8]), DeviceError> {
    key.secret.expose().split_first_chunk().ok_or(DeviceError::InvalidData)
}

fn whole_nonce(id: &NonceId, nonce: &[u8; NONCE]) -> [u8; ccm::NONCE] {
    let mut whole = [0; ccm::NONCE];
    whole[..id.len()].copy_from_slice(id);
    whole[id.len()..id.len() + NONCE].copy_from_slice(nonce);
    whole
}
