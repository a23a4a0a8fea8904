//! Media, addressed by content. The port is the caller's: the app passes a vault that encrypts.

pub(crate) mod dir;
pub(crate) mod memory;

use std::fmt;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

/// BLAKE3 hash of a media file's plaintext: its address. Serialised as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaHash(pub [u8; 32]);

/// What [`MediaVault::put`] stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredMedia {
    /// BLAKE3 of the plaintext that was read.
    pub hash: MediaHash,
    /// Plaintext bytes that were read.
    pub size: u64,
    /// False if the vault already held this content, readable.
    pub created: bool,
}

/// Where media content lives. Implementations encrypt at rest; this crate knows no cipher.
///
/// Errors are [`io::Error`]s: `NotFound` for an unknown hash, `InvalidData` for content that
/// does not open or does not match its hash, `StorageFull` for a full disk.
pub trait MediaVault: Send + Sync {
    /// Reads to the end and stores the content durably, streaming. Storing the same content
    /// twice keeps one copy; a stored copy that turns out damaged is replaced.
    fn put(&self, content: &mut dyn Read) -> io::Result<StoredMedia>;
    /// As [`MediaVault::put`], durable only after [`MediaVault::sync`]: for very many files.
    fn put_many(&self, content: &mut dyn Read) -> io::Result<StoredMedia> {
        self.put(content)
    }
    /// Waits until everything that was put is on the disk.
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    /// Opens content for reading, decrypted and verified as it streams.
    fn open(&self, hash: &MediaHash) -> io::Result<Box<dyn Read + Send>>;
    /// Whether this content is held, whole and readable.
    fn contains(&self, hash: &MediaHash) -> io::Result<bool>;
    /// Forgets content; succeeds if it was not there. Used only to undo a failed import.
    fn delete(&self, hash: &MediaHash) -> io::Result<()>;
}

impl MediaHash {
    /// Hashes a whole stream; returns the hash and the number of bytes.
    pub fn of_reader(content: &mut dyn Read) -> io::Result<(Self, u64)> {
        let mut hasher = blake3::Hasher::new();
        let size = io::copy(content, &mut hasher)?;
        Ok((Self(*hasher.finalize().as_bytes()), size))
    }

    /// Lower-case hex, 64 digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for MediaHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl From<MediaHash> for String {
    fn from(hash: MediaHash) -> Self {
        hash.to_hex()
    }
}

impl TryFrom<String> for MediaHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut hash = [0; 32];
        hex::decode_to_slice(&text, &mut hash).map_err(|_| "a media hash is 64 hex digits")?;
        Ok(Self(hash))
    }
}
