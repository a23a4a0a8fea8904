//! Keys of backups, as a person has them: 64 digits, or a file from the phone.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Cipher;
use crate::OpenError;

/// Digits of a key that a person writes down.
const DIGITS: usize = 64;

/// Both key files are an array of bytes in Java's serialisation (Java Object Serialization
/// Specification, 6.4.2): stream header, class `[B` with its number, length, bytes.
const JAVA_BYTES: &[u8] =
    b"\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp";

/// `encrypted_backup.key`: the key that the 64 digits are.
const ROOT: usize = 32;
/// `key`: versions (3), salts and their hash (32, 16, 32), zeros (16), the cipher's key (32).
const PHONE_FILE: usize = 131;

/// Longest key file: 27 bytes of Java's and 131; and room for blanks around digits.
pub const MAX_KEY_FILE: usize = 1024;

/// A key. Has no `Debug`.
pub struct Key(Sort);

enum Sort {
    /// Of end-to-end encrypted backups.
    Root(Zeroizing<[u8; 32]>),
    /// Of backups whose key WhatsApp's server gives.
    Phone(Zeroizing<[u8; 32]>),
}

impl Key {
    /// Reads 64 hexadecimal digits, in groups or not.
    ///
    /// # Errors
    /// [`OpenError::NotAKey`].
    pub fn parse(typed: &str) -> Result<Self, OpenError> {
        if typed.len() > MAX_KEY_FILE {
            return Err(OpenError::NotAKey("it has too many digits"));
        }
        let digits: Zeroizing<Vec<u8>> = Zeroizing::new(
            typed.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'-').collect(),
        );
        if digits.len() != DIGITS {
            return Err(OpenError::NotAKey("WhatsApp's key has 64 digits"));
        }
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(&*digits, &mut *key).map_err(|_| {
            OpenError::NotAKey("only the digits 0 to 9 and the letters a to f occur in it")
        })?;
        Ok(Self(Sort::Root(key)))
    }

    /// Reads a key file: `encrypted_backup.key` or `key`; or one with the 64 digits in it.
    ///
    /// # Errors
    /// [`OpenError::NotAKey`].
    pub fn from_file(bytes: &[u8]) -> Result<Self, OpenError> {
        if bytes.len() > MAX_KEY_FILE {
            return Err(OpenError::NotAKey("a key file is much shorter"));
        }
        let Some(rest) = bytes.strip_prefix(JAVA_BYTES) else {
            let text = std::str::from_utf8(bytes)
                .map_err(|_| OpenError::NotAKey("this is no key file of WhatsApp"))?;
            return Self::parse(text);
        };
        let content = rest
            .split_first_chunk::<4>()
            .filter(|(length, content)| u32::from_be_bytes(**length) as usize == content.len());
        let (_, content) = content.ok_or(OpenError::NotAKey("the key file is cut off"))?;
        let last = content.last_chunk::<32>().copied().map(Zeroizing::new);
        match (content.len(), last) {
            (ROOT, Some(key)) => Ok(Self(Sort::Root(key))),
            (PHONE_FILE, Some(key)) => Ok(Self(Sort::Phone(key))),
            _ => Err(OpenError::NotAKey("the key file is of a version that is not known")),
        }
    }

    /// The key of AES.
    pub(super) fn of_cipher(&self, cipher: Cipher) -> Result<Zeroizing<[u8; 32]>, OpenError> {
        match (&self.0, cipher) {
            (Sort::Root(root), Cipher::Crypt15) => Ok(derived(root)),
            (Sort::Phone(key), Cipher::Crypt14) => Ok(key.clone()),
            (Sort::Root(_), Cipher::Crypt14) => Err(OpenError::OtherSortOfKey(
                "a crypt14 backup is opened by the file named key from the phone, which has 158 bytes",
            )),
            (Sort::Phone(_), Cipher::Crypt15) => Err(OpenError::OtherSortOfKey(
                "a crypt15 backup is opened by its 64 digits, or by encrypted_backup.key from the phone",
            )),
        }
    }
}

/// HKDF with SHA-256 (RFC 5869), salt of zeros, info `backup encryption`, one block.
fn derived(root: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let extracted = Zeroizing::new(hmac(&[0; 32], &[root]));
    Zeroizing::new(hmac(&extracted, &[b"backup encryption", &[1]]))
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
