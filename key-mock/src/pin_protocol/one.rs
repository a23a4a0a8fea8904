//! Protocol one (CTAP 2.1, 6.5.6): one key of 32 bytes, no IV, and half of the MAC.

use super::{aes_cbc, hmac_sha256};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const NO_IV: [u8; aes_cbc::BLOCK] = [0; aes_cbc::BLOCK];

pub(super) fn kdf(z: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Sha256::digest(z).to_vec())
}

pub(super) fn encrypt(secret: &[u8], plain: &[u8]) -> Vec<u8> {
    aes_cbc::encrypt(key(secret), &NO_IV, plain)
}

pub(super) fn decrypt(secret: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    aes_cbc::decrypt(key(secret), &NO_IV, sealed)
}

pub(super) fn authenticate(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac_sha256(key, message)[..16].to_vec()
}

fn key(secret: &[u8]) -> &[u8; 32] {
    secret.try_into().expect("32 bytes, as `kdf` makes them")
}
