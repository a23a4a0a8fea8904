//! AES-256-GCM (NIST SP 800-38D) over a stream, for files that do not fit into memory: first the
//! tag over all of it, then the decryption.

use std::io::{self, Read};

use aes::Aes256;
use aes::cipher::{BlockEncrypt, KeyInit, KeyIvInit, StreamCipher};
use ctr::Ctr32BE;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use zeroize::{Zeroize, Zeroizing};

use super::PIECE;

/// Bytes of a tag.
pub(super) const TAG: u64 = 16;

/// SP 800-38D, 5.2.1.1: 2^39 - 256 bits.
pub(super) const MAX_CIPHERTEXT: u64 = (1 << 36) - 32;

const BLOCK: usize = 16;

/// A key with the nonce of one file.
pub(super) struct Gcm {
    key: Zeroizing<[u8; 32]>,
    hash_key: Zeroizing<[u8; BLOCK]>,
    /// J0.
    first: [u8; BLOCK],
}

impl Gcm {
    /// With a nonce of 16 bytes, which is hashed (SP 800-38D, 7.1).
    pub(super) fn new(key: &[u8; 32], nonce: &[u8; 16]) -> Self {
        let hash_key = Zeroizing::new(encrypted(key, [0; BLOCK]));
        let mut hash = GHash::new((&*hash_key).into());
        hash.update(&[(*nonce).into(), lengths(0, 16)]);
        let first = hash.finalize().into();
        Self { key: Zeroizing::new(*key), hash_key, first }
    }

    /// The tag of a ciphertext without further data.
    pub(super) fn tag(&self, ciphertext: &mut impl Read) -> io::Result<[u8; BLOCK]> {
        let mut hash = GHash::new((&*self.hash_key).into());
        let mut piece = vec![0; PIECE];
        let mut length = 0;
        loop {
            let n = read_full(ciphertext, &mut piece)?;
            // Whole blocks but for the last piece, which is padded with zeros.
            hash.update_padded(&piece[..n]);
            length += n as u64;
            if n < PIECE {
                break;
            }
        }
        hash.update(&[lengths(0, length)]);
        let mut tag: [u8; BLOCK] = hash.finalize().into();
        let mask = encrypted(&self.key, self.first);
        tag.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        Ok(tag)
    }

    /// The plain text of a ciphertext whose tag was checked.
    pub(super) fn decrypt<R: Read>(&self, ciphertext: R) -> Decrypted<R> {
        let mut counter = self.first;
        let low = u32::from_be_bytes([counter[12], counter[13], counter[14], counter[15]]);
        counter[12..].copy_from_slice(&low.wrapping_add(1).to_be_bytes());
        let cipher = Ctr32BE::<Aes256>::new((&*self.key).into(), &counter.into());
        Decrypted { ciphertext, cipher }
    }
}

/// Decrypts what is read.
pub(super) struct Decrypted<R> {
    ciphertext: R,
    cipher: Ctr32BE<Aes256>,
}

impl<R: Read> Read for Decrypted<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.ciphertext.read(to)?;
        self.cipher.apply_keystream(&mut to[..n]);
        Ok(n)
    }
}

fn encrypted(key: &[u8; 32], block: [u8; BLOCK]) -> [u8; BLOCK] {
    let mut block = block.into();
    Aes256::new(key.into()).encrypt_block(&mut block);
    let out = block.into();
    block.as_mut_slice().zeroize();
    out
}

/// The lengths of further data and ciphertext, in bits.
fn lengths(further: u64, ciphertext: u64) -> ghash::Block {
    let mut block = [0; BLOCK];
    block[..8].copy_from_slice(&(further * 8).to_be_bytes());
    block[8..].copy_from_slice(&(ciphertext * 8).to_be_bytes());
    block.into()
}

/// Fills `to`, but for the end of the input.
fn read_full(from: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < to.len() {
        match from.read(&mut to[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
