//! AES-256-GCM under a fresh subkey for every file, with a key commitment and counter nonces.
//!
//! subkey (32) || commitment (32) = HKDF-SHA256(salt = 32 random bytes, key, labelled(label,
//! fields)). nonce = 00000000 || counter (u64 big-endian). A [`Sealer`] draws its own salt and owns
//! its counter, so a nonce cannot repeat under a subkey. GCM alone is not key-committing, hence the
//! commitment.

use crate::error::KeyError;
use crate::kdf;
use crate::secret::Secret;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use rand_core::{CryptoRng, RngCore};
use std::fmt;
use subtle::ConstantTimeEq;

/// GCM tag, bytes.
pub const TAG_LEN: usize = 16;

/// What [`seal_box`] adds: salt (32) + commitment (32) + tag (16).
pub const SEAL_OVERHEAD: usize = 32 + 32 + TAG_LEN;

/// Counter of [`Sealer::finish`], which no ordinary value reaches.
const LAST_COUNTER: u64 = u64::MAX;

struct Subkey {
    cipher: Aes256Gcm,
    commitment: [u8; 32],
}

impl Subkey {
    fn derive(key: &Secret<32>, salt: &[u8; 32], label: &str, fields: &[&[u8]]) -> Self {
        let both: Secret<64> = kdf::derive(key.expose(), salt, label, fields);
        let (key, commitment) = both.expose().split_at(32);
        let cipher = Aes256Gcm::new_from_slice(key).expect("32 bytes are an AES-256 key");
        Self { cipher, commitment: commitment.try_into().expect("the other 32 of 64 bytes") }
    }

    fn seal(&self, nonce: &[u8; 12], aad: &[u8], buffer: &mut Vec<u8>) {
        self.cipher
            .encrypt_in_place(&Nonce::from(*nonce), aad, buffer)
            .expect("far below the 64 GiB limit of GCM");
    }

    fn open(&self, nonce: &[u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), KeyError> {
        let opened = self.cipher.decrypt_in_place(&Nonce::from(*nonce), aad, buffer);
        opened.map_err(|_| KeyError::Damaged("a sealed value".into()))
    }
}

fn counter_nonce(counter: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter.to_be_bytes());
    nonce
}

/// Seals the values of one file, in order.
pub struct Sealer {
    subkey: Subkey,
    salt: [u8; 32],
    next: u64,
}

impl Sealer {
    /// For one file: a fresh salt, and a subkey of `key` for it, `label` and `fields`.
    pub fn new(
        key: &Secret<32>,
        label: &str,
        fields: &[&[u8]],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        Self { subkey: Subkey::derive(key, &salt, label, fields), salt, next: 0 }
    }

    /// Goes into the file, in the clear.
    pub fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// Goes into the file too: by it a wrong key is told from damaged bytes.
    pub fn commitment(&self) -> &[u8; 32] {
        &self.subkey.commitment
    }

    /// Encrypts `buffer` in place and appends the tag. Returns the counter to give to
    /// [`Opener::open`].
    pub fn seal(&mut self, aad: &[u8], buffer: &mut Vec<u8>) -> u64 {
        let counter = self.next;
        assert!(counter < LAST_COUNTER, "2^64 values in one file");
        self.next += 1;
        self.subkey.seal(&counter_nonce(counter), aad, buffer);
        counter
    }

    /// Seals the closing value of the file; for [`Opener::open_last`].
    pub fn finish(self, aad: &[u8], buffer: &mut Vec<u8>) {
        self.subkey.seal(&counter_nonce(LAST_COUNTER), aad, buffer);
    }

    /// STREAM-style: the last flag is part of the nonce (Hoang et al., "Online authenticated
    /// encryption", 2015).
    pub(crate) fn seal_chunk(&mut self, aad: &[u8], last: bool, buffer: &mut Vec<u8>) {
        self.subkey.seal(&chunk_nonce(self.next, last), aad, buffer);
        self.next += 1;
    }
}

/// Opens the values of one file.
pub struct Opener {
    /// One for each key that the file may be sealed under; the likeliest first.
    subkeys: Vec<Subkey>,
}

impl Opener {
    /// The key may be the wrong one; [`Opener::check_commitment`] tells.
    pub fn new(key: &Secret<32>, salt: &[u8; 32], label: &str, fields: &[&[u8]]) -> Self {
        Self { subkeys: vec![Subkey::derive(key, salt, label, fields)] }
    }

    /// Opens also what `key` sealed: for files of a backup whose key was changed.
    #[must_use]
    pub fn or(mut self, key: &Secret<32>, salt: &[u8; 32], label: &str, fields: &[&[u8]]) -> Self {
        self.subkeys.push(Subkey::derive(key, salt, label, fields));
        self
    }

    /// Errors: [`KeyError::WrongKey`].
    pub fn check_commitment(&self, stored: &[u8; 32]) -> Result<(), KeyError> {
        let same = self.subkeys.iter().any(|subkey| subkey.commitment.ct_eq(stored).into());
        if same { Ok(()) } else { Err(KeyError::WrongKey("this file".into())) }
    }

    /// Decrypts in place and drops the tag. Errors: [`KeyError::Damaged`].
    pub fn open(&self, counter: u64, aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), KeyError> {
        self.open_at(&counter_nonce(counter), aad, buffer)
    }

    /// Opens what [`Sealer::finish`] sealed.
    pub fn open_last(&self, aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), KeyError> {
        self.open(LAST_COUNTER, aad, buffer)
    }

    pub(crate) fn open_chunk(
        &self,
        counter: u64,
        last: bool,
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Result<(), KeyError> {
        self.open_at(&chunk_nonce(counter, last), aad, buffer)
    }

    fn open_at(&self, nonce: &[u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Result<(), KeyError> {
        // A tag that does not fit leaves the buffer as it was.
        let opened = self.subkeys.iter().any(|subkey| subkey.open(nonce, aad, buffer).is_ok());
        if opened { Ok(()) } else { Err(KeyError::Damaged("a sealed value".into())) }
    }
}

fn chunk_nonce(counter: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer(…, next {})", self.next)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener(…)")
    }
}

/// One value on its own: salt (32) || commitment (32) || ciphertext || tag (16). `fields` are bound
/// as associated data.
pub fn seal_box(
    key: &Secret<32>,
    label: &str,
    fields: &[&[u8]],
    plaintext: &[u8],
    rng: &mut (impl RngCore + CryptoRng),
) -> Vec<u8> {
    let sealer = Sealer::new(key, label, &[], rng);
    let mut sealed = Vec::with_capacity(plaintext.len() + SEAL_OVERHEAD);
    let mut body = Vec::with_capacity(plaintext.len() + TAG_LEN);
    body.extend_from_slice(plaintext);
    sealed.extend_from_slice(sealer.salt());
    sealed.extend_from_slice(sealer.commitment());
    sealer.finish(&vault_protocol::labelled(label, fields), &mut body);
    sealed.append(&mut body);
    sealed
}

/// Opens what [`seal_box`] made. Errors: `Malformed` (too short), `WrongKey`, `Damaged`.
pub fn open_box(
    key: &Secret<32>,
    label: &str,
    fields: &[&[u8]],
    sealed: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let short =
        || KeyError::Malformed { what: "sealed value", why: format!("{} bytes", sealed.len()) };
    let (salt, rest) = sealed.split_first_chunk::<32>().ok_or_else(short)?;
    let (commitment, body) = rest.split_first_chunk::<32>().ok_or_else(short)?;
    let opener = Opener::new(key, salt, label, &[]);
    opener.check_commitment(commitment)?;
    let mut body = body.to_vec();
    opener.open_last(&vault_protocol::labelled(label, fields), &mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn a_box_opens_only_with_its_key_label_and_fields() {
        let key = Secret::new([1; 32]);
        let sealed = seal_box(&key, "test", &[b"a", b"b"], b"hello", &mut OsRng);
        assert_eq!(sealed.len(), 5 + SEAL_OVERHEAD);
        assert_eq!(open_box(&key, "test", &[b"a", b"b"], &sealed).unwrap(), b"hello");
        assert!(matches!(
            open_box(&key, "test", &[b"ab", b""], &sealed),
            Err(KeyError::Damaged(_))
        ));
        assert!(matches!(
            open_box(&key, "tset", &[b"a", b"b"], &sealed),
            Err(KeyError::WrongKey(_))
        ));
        assert!(matches!(
            open_box(&Secret::new([2; 32]), "test", &[b"a", b"b"], &sealed),
            Err(KeyError::WrongKey(_))
        ));
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(open_box(&key, "test", &[b"a", b"b"], &bad).is_err(), "byte {at}");
            assert!(open_box(&key, "test", &[b"a", b"b"], &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn an_opener_of_two_keys_opens_what_either_sealed() {
        let keys = [Secret::new([1; 32]), Secret::new([2; 32])];
        for by in &keys {
            let mut sealer = Sealer::new(by, "test", &[], &mut OsRng);
            let mut sealed = b"hello".to_vec();
            sealer.seal(b"", &mut sealed);
            let salt = sealer.salt();
            let opener = Opener::new(&keys[0], salt, "test", &[]).or(&keys[1], salt, "test", &[]);
            opener.check_commitment(sealer.commitment()).unwrap();
            let mut altered = sealed.clone();
            altered[0] ^= 1;
            assert!(opener.open(0, b"", &mut altered).is_err());
            opener.open(0, b"", &mut sealed).unwrap();
            assert_eq!(sealed, b"hello");
        }
    }

    #[test]
    fn values_of_a_file_cannot_change_places() {
        let key = Secret::new([1; 32]);
        let mut sealer = Sealer::new(&key, "test", &[], &mut OsRng);
        let (mut a, mut b) = (b"a".to_vec(), b"b".to_vec());
        assert_eq!((sealer.seal(b"", &mut a), sealer.seal(b"", &mut b)), (0, 1));
        let opener = Opener::new(&key, sealer.salt(), "test", &[]);
        assert!(opener.open(0, b"", &mut b.clone()).is_err());
        opener.open(1, b"", &mut b).unwrap();
        assert_eq!(b, b"b");
    }
}
