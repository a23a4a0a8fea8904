//! Index files, written anew.

use crate::error::BackupError;
use crate::format::{FileKind, IndexedPack, seal_file, write_index};
use crate::limits::INDEX_ENTRIES;
use crate::store::{Store, StoreError};
use sealed_keys::{OsRng, RepositoryKeys, RngCore};

/// Writes index files for `packs`, as many as are needed. Returns their names.
pub(crate) fn write_index_files(
    store: &dyn Store,
    keys: &RepositoryKeys,
    packs: &[IndexedPack],
) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    let mut rest = packs;
    while !rest.is_empty() {
        let mut entries = 0;
        let fits = rest.iter().take_while(|p| {
            entries += p.entries.len();
            entries <= INDEX_ENTRIES
        });
        let (now, later) = rest.split_at(fits.count().max(1));
        let name = random_name();
        let file = seal_file(keys, FileKind::Index, &name, &write_index(now));
        store.put_new(&format!("index/{name}"), &file)?;
        names.push(name);
        rest = later;
    }
    Ok(names)
}

/// Replaces index files by fewer that have `packs`. The new ones are durable before the old ones
/// go.
pub(crate) fn replace_index_files<'a>(
    store: &dyn Store,
    keys: &RepositoryKeys,
    packs: &[IndexedPack],
    old: impl IntoIterator<Item = &'a String>,
) -> Result<(), BackupError> {
    write_index_files(store, keys, packs)?;
    for name in old {
        match store.delete(&format!("index/{name}")) {
            Err(StoreError::NotFound(_)) => {}
            deleted => deleted?,
        }
    }
    Ok(())
}

/// Of an index file, or of one of removals.
pub(crate) fn random_name() -> String {
    let mut name = [0; 16];
    OsRng.fill_bytes(&mut name);
    hex::encode(name)
}
