//! The index during long reading. A prune beside it may move objects to other packs; then it is
//! read again.

use crate::error::BackupError;
use crate::format::{Catalog, Manifest, ObjectId, ObjectKind};
use crate::objects::{Index, ObjectReader, WholePacks, passing};
use crate::repository::Repository;
use crate::store::Distance;
use std::sync::{Arc, PoisonError, RwLock};

/// How often the index is read again. A prune changes it once; what is still missing then is lost.
const READS: usize = 4;

/// The index that all threads of a restore read through.
pub(super) struct FreshIndex<'a> {
    repository: &'a Repository,
    /// With how often it was read.
    newest: RwLock<(usize, Arc<Index>)>,
}

impl<'a> FreshIndex<'a> {
    pub(super) fn new(repository: &'a Repository, index: Index) -> Self {
        Self { repository, newest: RwLock::new((1, Arc::new(index))) }
    }

    pub(super) fn reader(&self) -> FreshReader<'_> {
        let (read, index) = self.newest.read().unwrap_or_else(PoisonError::into_inner).clone();
        let repository = self.repository;
        let reader = ObjectReader::new(repository.store.as_ref(), &repository.keys, index);
        FreshReader { fresh: self, read, reader }
    }

    pub(super) fn distance(&self) -> Distance {
        self.repository.store.distance()
    }

    /// For several threads that read these objects.
    pub(super) fn whole_packs<'i>(
        &self,
        ids: impl Iterator<Item = &'i ObjectId>,
    ) -> Arc<WholePacks<'a>> {
        let index = self.newest.read().unwrap_or_else(PoisonError::into_inner).1.clone();
        let store = self.repository.store.as_ref();
        Arc::new(WholePacks::for_reading(store, &index, ids))
    }

    /// An index that was read after the `read`th, if there may be another.
    fn after(&self, read: usize) -> Result<Option<(usize, Arc<Index>)>, BackupError> {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        if newest.0 > read {
            return Ok(Some(newest.clone()));
        }
        if read >= READS {
            return Ok(None);
        }
        self.repository.store.refresh();
        let index = Index::load(self.repository.store.as_ref(), &self.repository.keys)?;
        *newest = (read + 1, Arc::new(index));
        Ok(Some(newest.clone()))
    }
}

/// Reads objects; one that is missing is looked for once more in a newer index.
pub(super) struct FreshReader<'a> {
    fresh: &'a FreshIndex<'a>,
    read: usize,
    reader: ObjectReader<'a, Arc<Index>>,
}

impl<'a> FreshReader<'a> {
    pub(super) fn through(self, whole: Arc<WholePacks<'a>>) -> Self {
        Self { reader: self.reader.through(whole), ..self }
    }

    /// All that a snapshot holds, in order, and which of its catalogs cannot be read.
    pub(super) fn catalogs(
        &mut self,
        manifest: &Manifest,
    ) -> Result<(Catalog, Vec<BackupError>), BackupError> {
        let mut whole = Catalog::default();
        let mut problems = Vec::new();
        for id in &manifest.catalogs {
            let plain = self.read(ObjectKind::Catalog, id);
            let parse =
                |p: Vec<u8>| Catalog::parse(&p).map_err(|e| BackupError::damaged("a catalog", e.0));
            match plain.and_then(parse) {
                Ok(catalog) => whole.append(catalog),
                Err(problem) => problems.push(passing(problem)?),
            }
        }
        Ok((whole, problems))
    }

    pub(super) fn read(&mut self, kind: ObjectKind, id: &ObjectId) -> Result<Vec<u8>, BackupError> {
        loop {
            let missing = match self.reader.read(kind, id) {
                Err(missing @ BackupError::Missing { .. }) => missing,
                other => return other,
            };
            let Some((read, index)) = self.fresh.after(self.read)? else { return Err(missing) };
            self.read = read;
            self.reader.use_index(index);
        }
    }
}
