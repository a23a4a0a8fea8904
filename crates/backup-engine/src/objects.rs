//! Objects by name: where each lies, and how it is read.

use crate::error::BackupError;
use crate::format::{
    Catalog, DirectoryEntry, FileKind, IndexedPack, Manifest, ObjectId, ObjectKind, PackId, decode_payload, labels,
    open_file, pack_opener, parse_index, write_index,
};
use crate::limits::{INDEX_ENTRIES, MAX_PACK};
use crate::store::{Store, StoreError};
use sealed_keys::{Opener, OsRng, RepositoryKeys, RngCore};
use std::collections::HashMap;

/// Where an object lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Location {
    pub pack: u32,
    /// Its place in the pack's directory.
    pub place: u32,
    pub entry: DirectoryEntry,
}

/// All index files together.
#[derive(Default)]
pub(crate) struct Index {
    pub packs: Vec<IndexedPack>,
    /// Names of the index files that were read.
    pub files: Vec<String>,
    by_id: HashMap<ObjectId, (u32, u32)>,
}

impl Index {
    pub fn load(store: &dyn Store, keys: &RepositoryKeys) -> Result<Self, BackupError> {
        let mut index = Self::default();
        let mut known = HashMap::new();
        for file in store.list(FileKind::Index.folder())? {
            let path = format!("index/{}", file.name);
            let bytes = store.get(&path, FileKind::Index.limit())?;
            let plain = open_file(keys, FileKind::Index, &file.name, &bytes)?;
            for pack in parse_index(&plain).map_err(|e| BackupError::damaged(&path, e.0))? {
                // A crash between writing a merged index and removing the old ones leaves both.
                if known.insert(pack.id, ()).is_none() {
                    index.insert(pack);
                }
            }
            index.files.push(file.name);
        }
        Ok(index)
    }

    pub fn insert(&mut self, pack: IndexedPack) {
        let number = self.packs.len() as u32;
        for (place, entry) in pack.entries.iter().enumerate() {
            self.by_id.entry(entry.id).or_insert((number, place as u32));
        }
        self.packs.push(pack);
    }

    pub fn contains(&self, id: &ObjectId) -> bool {
        self.by_id.contains_key(id)
    }

    pub fn locate(&self, id: &ObjectId) -> Option<Location> {
        let (pack, place) = *self.by_id.get(id)?;
        Some(Location { pack, place, entry: self.packs[pack as usize].entries[place as usize] })
    }
}

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
        let file = crate::format::seal_file(keys, FileKind::Index, &name, &write_index(now));
        store.put_new(&format!("index/{name}"), &file)?;
        names.push(name);
        rest = later;
    }
    Ok(names)
}

/// Replaces index files by fewer that have `packs`. The new ones are durable before the old ones go.
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

fn random_name() -> String {
    let mut name = [0; 16];
    OsRng.fill_bytes(&mut name);
    hex::encode(name)
}

/// Name of an object from its content.
pub(crate) fn object_id(keys: &RepositoryKeys, kind: ObjectKind, plain: &[u8]) -> ObjectId {
    let label = match kind {
        ObjectKind::Segment => labels::SEGMENT_ID,
        ObjectKind::Media => labels::MEDIA_ID,
        ObjectKind::Catalog => labels::CATALOG_ID,
    };
    keys.object_id.id(label, &[plain])
}

/// Reads objects one by one, remembering the subkeys of the packs it came through.
pub(crate) struct ObjectReader<'a> {
    store: &'a dyn Store,
    keys: &'a RepositoryKeys,
    index: &'a Index,
    openers: HashMap<PackId, Opener>,
}

/// Subkeys that are remembered: about 1 KiB each.
const OPENERS: usize = 256;

impl<'a> ObjectReader<'a> {
    pub fn new(store: &'a dyn Store, keys: &'a RepositoryKeys, index: &'a Index) -> Self {
        Self { store, keys, index, openers: HashMap::new() }
    }

    /// The plaintext. Errors: `Missing`, `Damaged`; both name the object and its pack.
    pub fn read(&mut self, kind: ObjectKind, id: &ObjectId) -> Result<Vec<u8>, BackupError> {
        let object = || format!("{} {}", kind.name(), hex::encode(id));
        let location = self.index.locate(id).ok_or_else(|| BackupError::Missing { object: object() })?;
        let pack = &self.index.packs[location.pack as usize];
        let entry = location.entry;
        if entry.kind != kind || entry.len as usize > MAX_PACK {
            return Err(BackupError::damaged(object(), "the index has it as something else"));
        }
        let sealed = self.store.get_range(&pack.id.path(), u64::from(entry.offset), entry.len as usize)?;
        if sealed.len() != entry.len as usize {
            return Err(BackupError::damaged(pack.id.path(), format!("it was cut short before {}", object())));
        }
        if self.openers.len() >= OPENERS {
            self.openers.clear();
        }
        let opener = self.openers.entry(pack.id).or_insert_with(|| pack_opener(self.keys, pack.id));
        open_object(self.keys, opener, pack.id, location.place, &entry, sealed)
    }

    pub fn catalog(&mut self, id: &ObjectId) -> Result<Catalog, BackupError> {
        let plain = self.read(ObjectKind::Catalog, id)?;
        Catalog::parse(&plain).map_err(|e| BackupError::damaged(format!("catalog {}", hex::encode(id)), e.0))
    }

    /// All that a snapshot holds, in order.
    pub fn catalogs(&mut self, manifest: &Manifest) -> Result<Catalog, BackupError> {
        let mut whole = Catalog::default();
        for id in &manifest.catalogs {
            whole.append(self.catalog(id)?);
        }
        Ok(whole)
    }
}

/// Opens one sealed object, and checks that its content has its name.
pub(crate) fn open_object(
    keys: &RepositoryKeys,
    opener: &Opener,
    pack: PackId,
    place: u32,
    entry: &DirectoryEntry,
    mut sealed: Vec<u8>,
) -> Result<Vec<u8>, BackupError> {
    let object = || format!("{} {} in {}", entry.kind.name(), hex::encode(entry.id), pack.path());
    let aad = crate::format::object_aad(&keys.repository.0, entry.kind, &pack, place, &entry.id);
    opener
        .open(u64::from(place), &aad, &mut sealed)
        .map_err(|_| BackupError::damaged(object(), "its seal does not fit"))?;
    let plain = decode_payload(&sealed).map_err(|e| BackupError::damaged(object(), e.0))?;
    if object_id(keys, entry.kind, &plain) != entry.id {
        return Err(BackupError::damaged(object(), "its content has another name"));
    }
    Ok(plain)
}
