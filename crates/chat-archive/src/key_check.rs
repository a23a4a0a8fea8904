//! Tells a wrong key from a damaged file: SQLCipher answers both the same way.
//!
//! Beside the database lies a MAC of a fixed label under the archive key. The key is 256 random
//! bits, so the MAC gives nothing away.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

const FILE: &str = "archive.key-check";
const LABEL: &[u8] = b"keepsake/archive-key-check/v1\0";

/// Some(true): the right key. Some(false): another key. None: unknown, there is no check file.
pub(crate) fn matches(dir: &Path, key: &Zeroizing<[u8; 32]>) -> Option<bool> {
    let stored = fs::read_to_string(dir.join(FILE)).ok()?;
    let stored = blake3::Hash::from_hex(stored.trim()).ok()?;
    // blake3::Hash compares in constant time.
    Some(stored == blake3::keyed_hash(key, LABEL))
}

/// Writes the check file: temporary file, fsync, rename, fsync of the folder.
pub(crate) fn write(dir: &Path, key: &Zeroizing<[u8; 32]>) -> io::Result<()> {
    let mut temp = tempfile::NamedTempFile::new_in(dir)?;
    temp.write_all(blake3::keyed_hash(key, LABEL).to_hex().as_bytes())?;
    temp.as_file().sync_all()?;
    temp.persist(dir.join(FILE))?;
    File::open(dir)?.sync_all()
}
