//! AES-CCM (NIST SP 800-38C) with nonces of 13 bytes: key wrap with tags of 16, OTP AEADs of 8.

use aes::{Aes128, Aes192, Aes256};
use ccm::aead::{Aead, KeyInit};
use ccm::consts::{U8, U13, U16};
use zeroize::Zeroizing;

use crate::device_error::DeviceError;

pub(crate) const NONCE: usize = 13;

/// Bytes of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Short = 8,
    Long = 16,
}

macro_rules! with_cipher {
    ($key:expr, $tag:expr, $function:ident, $nonce:expr, $data:expr) => {
        match ($key.len(), $tag) {
            (16, Tag::Long) => $function::<::ccm::Ccm<Aes128, U16, U13>>($key, $nonce, $data),
            (24, Tag::Long) => $function::<::ccm::Ccm<Aes192, U16, U13>>($key, $nonce, $data),
            (32, Tag::Long) => $function::<::ccm::Ccm<Aes256, U16, U13>>($key, $nonce, $data),
            (16, Tag::Short) => $function::<::ccm::Ccm<Aes128, U8, U13>>($key, $nonce, $data),
            (24, Tag::Short) => $function::<::ccm::Ccm<Aes192, U8, U13>>($key, $nonce, $data),
            (32, Tag::Short) => $function::<::ccm::Ccm<Aes256, U8, U13>>($key, $nonce, $data),
            _ => Err(DeviceError::InvalidData),
        }
    };
}

/// Ciphertext and tag.
///
/// # Errors
/// `INVALID_DATA` for a key of a length that AES does not have.
pub(crate) fn seal(
    key: &[u8],
    nonce: &[u8; NONCE],
    data: &[u8],
    tag: Tag,
) -> Result<Vec<u8>, DeviceError> {
    with_cipher!(key, tag, seal_with, nonce, data)
}

/// The data, if the tag is right.
///
/// # Errors
/// `INVALID_DATA`
pub(crate) fn open(
    key: &[u8],
    nonce: &[u8; NONCE],
    sealed: &[u8],
    tag: Tag,
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    with_cipher!(key, tag, open_with, nonce, sealed).map(Zeroizing::new)
}

fn seal_with<C: Aead<NonceSize = U13> + KeyInit>(
    key: &[u8],
    nonce: &[u8; NONCE],
    data: &[u8],
) -> Result<Vec<u8>, DeviceError> {
    let cipher = C::new_from_slice(key).map_err(|_| DeviceError::InvalidData)?;
    cipher.encrypt(&(*nonce).into(), data).map_err(|_| DeviceError::InvalidData)
}

fn open_with<C: Aead<NonceSize = U13> + KeyInit>(
    key: &[u8],
    nonce: &[u8; NONCE],
    sealed: &[u8],
) -> Result<Vec<u8>, DeviceError> {
    let cipher = C::new_from_slice(key).map_err(|_| DeviceError::InvalidData)?;
    cipher.decrypt(&(*nonce).into(), sealed).map_err(|_| DeviceError::InvalidData)
}
