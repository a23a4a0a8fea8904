//! Reads objects one by one, from whichever pack has them whole.

use super::{Index, Place, WholePacks, has_name, object_name};
use crate::error::BackupError;
use crate::format::{
    Catalog, DirectoryEntry, Manifest, ObjectId, ObjectKind, PackId, decode_payload, object_aad,
    pack_opener,
};
use crate::limits::MAX_PACK;
use crate::store::Store;
use sealed_keys::{Opener, RepositoryKeys};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

/// Reads objects, remembering the subkeys of the packs it came through.
pub(crate) struct ObjectReader<'a, I = &'a Index> {
    store: &'a dyn Store,
    keys: &'a RepositoryKeys,
    index: I,
    openers: HashMap<PackId, Opener>,
    whole: Option<Arc<WholePacks<'a>>>,
}

/// Subkeys that are remembered: about 1 KiB each.
const OPENERS: usize = 256;

impl<'a, I: Deref<Target = Index>> ObjectReader<'a, I> {
    pub(crate) fn new(store: &'a dyn Store, keys: &'a RepositoryKeys, index: I) -> Self {
        Self { store, keys, index, openers: HashMap::new(), whole: None }
    }

    /// Takes parts of packs that were read whole from there.
    pub(crate) fn through(self, whole: Arc<WholePacks<'a>>) -> Self {
        Self { whole: Some(whole), ..self }
    }

    /// From now on looks for objects there.
    pub(crate) fn use_index(&mut self, index: I) {
        self.index = index;
    }

    /// The plaintext, from the first of its places where it is whole.
    ///
    /// # Errors
    /// `Missing`, `Damaged`; both name the object and its pack. `Store`.
    pub(crate) fn read(&mut self, kind: ObjectKind, id: &ObjectId) -> Result<Vec<u8>, BackupError> {
        let mut refusal = None;
        let places: Vec<Place> = self.index.places(id).collect();
        for place in places {
            match self.read_at(kind, id, place) {
                Ok(plain) => return Ok(plain),
                Err(error) => drop(refusal.get_or_insert(error)),
            }
        }
        Err(refusal.unwrap_or_else(|| self.index.missing(kind, id)))
    }

    fn read_at(
        &mut self,
        kind: ObjectKind,
        id: &ObjectId,
        place: Place,
    ) -> Result<Vec<u8>, BackupError> {
        let pack = self.index.packs[place.pack as usize].id;
        let entry = place.entry;
        if entry.kind != kind || entry.len as usize > MAX_PACK {
            return Err(BackupError::damaged(
                object_name(kind, id),
                "the index has it as something else",
            ));
        }
        let (start, len) = (u64::from(entry.offset), entry.len as usize);
        let sealed = match self.whole.as_ref().and_then(|whole| whole.part(pack, start, len)) {
            Some(part) => part,
            None => self.store.get_range(&pack.path(), start, len)?,
        };
        if sealed.len() != entry.len as usize {
            let why = format!("it was cut short before {}", object_name(kind, id));
            return Err(BackupError::damaged(pack.path(), why));
        }
        if self.openers.len() >= OPENERS {
            self.openers.clear();
        }
        let opener = self.openers.entry(pack).or_insert_with(|| pack_opener(self.keys, pack));
        open_object(self.keys, opener, pack, place.place, &entry, sealed)
    }

    pub(crate) fn catalog(&mut self, id: &ObjectId) -> Result<Catalog, BackupError> {
        let plain = self.read(ObjectKind::Catalog, id)?;
        Catalog::parse(&plain)
            .map_err(|e| BackupError::damaged(object_name(ObjectKind::Catalog, id), e.0))
    }

    /// All that a snapshot holds, in order, and which of its catalogs cannot be read.
    pub(crate) fn catalogs(
        &mut self,
        manifest: &Manifest,
    ) -> Result<(Catalog, Vec<BackupError>), BackupError> {
        let mut whole = Catalog::default();
        let mut problems = Vec::new();
        for id in &manifest.catalogs {
            match self.catalog(id) {
                Ok(catalog) => whole.append(catalog),
                Err(problem) => problems.push(super::passing::passing(problem)?),
            }
        }
        Ok((whole, problems))
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
    let object = || format!("{} in {}", object_name(entry.kind, &entry.id), pack.path());
    let aad = object_aad(&keys.repository.0, entry.kind, &pack, place, &entry.id);
    opener
        .open(u64::from(place), &aad, &mut sealed)
        .map_err(|_| BackupError::damaged(object(), "its seal does not fit"))?;
    let plain = decode_payload(&sealed).map_err(|e| BackupError::damaged(object(), e.0))?;
    if !has_name(keys, entry.kind, &plain, &entry.id) {
        return Err(BackupError::damaged(object(), "its content has another name"));
    }
    Ok(plain)
}
