//! Index files: which objects are in which pack.

use super::directory::DirectoryEntry;
use super::reader::Reader;
use super::{FormatError, PackId};

/// A pack and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedPack {
    pub id: PackId,
    /// Of the whole file.
    pub len: u32,
    pub entries: Vec<DirectoryEntry>,
}

/// Plaintext of an index file: for each pack, id (32) || file length (u32) || count (u32) ||
/// entries.
pub fn write_index(packs: &[IndexedPack]) -> Vec<u8> {
    let entries: usize = packs.iter().map(|p| p.entries.len()).sum();
    let mut out = Vec::with_capacity(packs.len() * 40 + entries * DirectoryEntry::LEN);
    for pack in packs {
        out.extend_from_slice(&pack.id.0);
        out.extend_from_slice(&pack.len.to_be_bytes());
        out.extend_from_slice(&(pack.entries.len() as u32).to_be_bytes());
        pack.entries.iter().for_each(|e| e.write(&mut out));
    }
    out
}

pub fn parse_index(plain: &[u8]) -> Result<Vec<IndexedPack>, FormatError> {
    let mut reader = Reader(plain);
    let mut packs = Vec::new();
    while !reader.is_empty() {
        let (id, len) = (PackId(reader.array()?), reader.u32()?);
        let count = reader.count(DirectoryEntry::LEN)?;
        let entries =
            (0..count).map(|_| DirectoryEntry::read(&mut reader)).collect::<Result<_, _>>()?;
        packs.push(IndexedPack { id, len, entries });
    }
    Ok(packs)
}

/// Whether a file in `index/` may be one of ours: 32 lower-case hex digits. Others are none of our
/// business.
pub fn is_index_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
