//! Protocol two (CTAP 2.1, 6.5.7): two keys of 32 bytes, a random IV before the ciphertext, and the
//! whole MAC.

use super::{aes_cbc, hmac_sha256};
use hkdf::Hkdf;
use rand_core::{OsRng, RngCore};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The HMAC key, then the AES key.
pub(super) fn kdf(z: &[u8]) -> Zeroizing<Vec<u8>> {
    let hkdf = Hkdf::<Sha256>::new(Some(&[0; 32]), z);
    let mut secret = Zeroizing::new(vec![0; 64]);
    let (hmac_key, aes_key) = secret.split_at_mut(32);
    hkdf.expand(b"CTAP2 HMAC key", hmac_key).expect("32 bytes");
    hkdf.expand(b"CTAP2 AES key", aes_key).expect("32 bytes");
    secret
}

pub(super) fn encrypt(secret: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut iv = [0; aes_cbc::BLOCK];
    OsRng.fill_bytes(&mut iv);
    [&iv[..], &aes_cbc::encrypt(aes_key(secret), &iv, plain)].concat()
}

pub(super) fn decrypt(secret: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (iv, body) = sealed.split_first_chunk()?;
    aes_cbc::decrypt(aes_key(secret), iv, body)
}

/// Of a longer key only the first 32 bytes count: the HMAC key of a shared secret; a token has no
/// more.
pub(super) fn authenticate(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac_sha256(&key[..key.len().min(32)], message).to_vec()
}

fn aes_key(secret: &[u8]) -> &[u8; 32] {
    secret.last_chunk().expect("64 bytes, as `kdf` makes them")
}
