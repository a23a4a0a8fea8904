//! Bodies of RPCs between sites: postcard, bounded.

use serde::{Serialize, de::DeserializeOwned};

/// Entries of one append: 64 passkey records at under 10 KiB are 640 KiB; a snapshot chunk is 512 KiB.
pub const MAX_BODY: usize = 1024 * 1024;
pub const MAX_ENTRIES_PER_APPEND: u64 = 64;
const _: () = assert!(64 * (vault_protocol::limits::MAX_PASSKEY_RECORD + 1024) <= MAX_BODY);
pub const SNAPSHOT_CHUNK: u64 = 512 * 1024;

pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_allocvec(value)
}

pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, postcard::Error> {
    postcard::from_bytes(bytes)
}
