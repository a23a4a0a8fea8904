//! What a pack says of itself: its directory, read without the rest of it.

use crate::error::BackupError;
use crate::format::{DirectoryEntry, IndexedPack, PackId, open_directory};
use crate::limits::MAX_PACK;
use crate::store::Store;
use sealed_keys::{RepositoryKeys, TAG_LEN};

/// Enough for the directories of most packs: 64 KiB hold 1,598 entries.
const TAIL: u64 = 64 * 1024;

/// Reads the directory at the end of a pack file of `len` bytes.
///
/// # Errors
/// `Damaged`, `WrongKey` (the directory does not open), `Missing`, `Store`.
pub(crate) fn read_directory(
    store: &dyn Store,
    keys: &RepositoryKeys,
    id: PackId,
    len: u64,
) -> Result<IndexedPack, BackupError> {
    let path = id.path();
    let damaged = |why: &str| BackupError::damaged(&path, why);
    if len > MAX_PACK as u64 {
        return Err(damaged("it is too large"));
    }
    let mut tail = store.get_range(&path, len.saturating_sub(TAIL), TAIL as usize)?;
    let stated = tail
        .last_chunk::<4>()
        .map(|l| u32::from_be_bytes(*l))
        .ok_or_else(|| damaged("it ends too early"))?;
    let whole = u64::from(stated) + 4;
    let fits = stated as usize >= TAG_LEN
        && (stated as usize - TAG_LEN).is_multiple_of(DirectoryEntry::LEN);
    if !fits || whole > len {
        return Err(damaged("its directory is not where it says"));
    }
    if whole > tail.len() as u64 {
        tail = store.get_range(&path, len - whole, whole as usize)?;
    }
    let start =
        tail.len().checked_sub(whole as usize).ok_or_else(|| damaged("it ends too early"))?;
    open_directory(keys, id, len as u32, &tail[start..tail.len() - 4])
}
