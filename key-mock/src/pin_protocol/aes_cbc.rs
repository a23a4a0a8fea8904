//! AES-256-CBC without padding, as both PIN protocols use it.

use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use zeroize::Zeroizing;

pub(super) const BLOCK: usize = 16;

pub(super) fn encrypt(key: &[u8; 32], iv: &[u8; BLOCK], plain: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<Aes256>::new(key.into(), iv.into()).encrypt_padded_vec_mut::<NoPadding>(plain)
}

pub(super) fn decrypt(
    key: &[u8; 32],
    iv: &[u8; BLOCK],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = cbc::Decryptor::<Aes256>::new(key.into(), iv.into());
    cipher.decrypt_padded_vec_mut::<NoPadding>(sealed).ok().map(Zeroizing::new)
}
