//! Tells a wrong key from a damaged file: SQLCipher answers both the same way.
//!
//! Beside the database lies a MAC of a fixed label under the archive key. The key is 256 random
//! bits, so the MAC gives nothing away.

use std::io;
use std::path::Path;

use durable_files::{Readers, read_bounded, write_whole};
use zeroize::Zeroizing;

const FILE: &str = "archive.key-check";
/// 64 hex digits and the end of their line.
const MAX_FILE: u64 = 66;
const LABEL: &[u8] = b"keepsake/archive-key-check/v1\0";

/// Some(true): the right key. Some(false): another key. None: unknown, there is no check file.
pub(crate) fn matches(dir: &Path, key: &Zeroizing<[u8; 32]>) -> Option<bool> {
    let stored = read_bounded(&dir.join(FILE), MAX_FILE).ok()?;
    let stored = blake3::Hash::from_hex(stored.trim_ascii()).ok()?;
    // blake3::Hash compares in constant time.
    Some(stored == blake3::keyed_hash(key, LABEL))
}

/// Writes the check file.
pub(crate) fn write(dir: &Path, key: &Zeroizing<[u8; 32]>) -> io::Result<()> {
    let mac = blake3::keyed_hash(key, LABEL).to_hex();
    write_whole(&dir.join(FILE), mac.as_bytes(), Readers::Owner)
}
