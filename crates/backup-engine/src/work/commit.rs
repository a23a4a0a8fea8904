//! A snapshot becomes part of the backup: second copies of what it cannot do without, the index,
//! and at last the file that names it all.

use super::write_packs::Written;
use crate::error::BackupError;
use crate::format::{
    FileKind, IndexedPack, Manifest, ObjectId, ObjectKind, PackBuilder, PackRoom, SnapshotName,
    seal_file,
};
use crate::objects::{Index, ObjectReader, object_id, write_index_files};
use crate::repository::{Repository, Snapshot, pack_snapshot};
use sealed_keys::digest;

/// An object that every snapshot needs, or that stands in for a file: it lies in two packs.
pub(crate) const COPIES: usize = 2;

/// What a commit wrote.
pub(crate) struct Committed {
    pub snapshot: Snapshot,
    /// Packs of second copies.
    pub closing: Written,
    pub index_files: Vec<String>,
}

impl Repository {
    /// Commits the manifest that `build` makes of the state before it, which the caller has just
    /// asked for anew. Others may commit at the same time: the next snapshot then continues both.
    ///
    /// `known` is what the backup has, `written` what this run added to it; both are in the index
    /// afterwards.
    ///
    /// # Errors
    /// `DiskFull`, `Store`.
    pub(crate) fn commit(
        &self,
        known: &Index,
        written: &Written,
        build: impl Fn(Manifest) -> Manifest,
    ) -> Result<Committed, BackupError> {
        let manifest = build(self.base()?);
        let sequence = manifest.sequence;
        let sealed_as = SnapshotName::bare(sequence).sealed_as();
        let bytes = seal_file(&self.keys, FileKind::Snapshot, &sealed_as, &manifest.to_bytes());
        let closing = self.write_closing(known, written, &manifest, &bytes)?;
        let unindexed = known.packs.iter().filter(|p| known.unindexed.contains(&p.id));
        let packs: Vec<IndexedPack> =
            unindexed.chain(&written.packs).chain(&closing.packs).cloned().collect();
        let index_files = write_index_files(self.store.as_ref(), &self.keys, &packs)?;
        let hash = digest(&bytes);
        let name = SnapshotName::of(sequence, &hash);
        self.put_snapshot(name, &bytes)?;
        let snapshot = Snapshot { manifest, hash, name: Some(name), leads_on: true };
        Ok(Committed { snapshot, closing, index_files })
    }

    /// The manifest after the newest ones that can be read, with what they have together.
    fn base(&self) -> Result<Manifest, BackupError> {
        let chain = self.chain()?;
        let sequence = chain.next_sequence();
        let parents = chain.ends();
        Ok(match self.together(&chain)? {
            Some(state) => state.manifest.next(sequence, parents),
            None => Manifest::first(sequence),
        })
    }

    /// Second copies, each in another pack than the first: of the catalogs, of the snapshot file,
    /// of the header.
    fn write_closing(
        &self,
        known: &Index,
        written: &Written,
        manifest: &Manifest,
        snapshot: &[u8],
    ) -> Result<Written, BackupError> {
        let mut fresh = Index::default();
        written.packs.iter().for_each(|p| fresh.insert(p.clone()));
        let mut closing = Closing::new(self);
        let mut old = ObjectReader::new(self.store.as_ref(), &self.keys, known);
        let mut new = ObjectReader::new(self.store.as_ref(), &self.keys, &fresh);
        for id in &manifest.catalogs {
            if known.lasting_copies(id) + fresh.copies(id) >= COPIES {
                continue;
            }
            match new.read(ObjectKind::Catalog, id).or_else(|_| old.read(ObjectKind::Catalog, id)) {
                Ok(plain) => closing.add(ObjectKind::Catalog, *id, &plain)?,
                // A lost catalog has been reported; what else there is must be committed all the
                // same.
                Err(BackupError::Damaged { .. } | BackupError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        closing.add_named(ObjectKind::Snapshot, &pack_snapshot(manifest.sequence, snapshot))?;
        let header = self.header_bytes()?;
        if !known.offers(&object_id(&self.keys, ObjectKind::Header, &header)) {
            closing.add_named(ObjectKind::Header, &header)?;
        }
        closing.finish()
    }
}

/// Packs of second copies, written one after the other.
pub(crate) struct Closing<'a> {
    repository: &'a Repository,
    pack: Option<PackBuilder>,
    written: Written,
}

impl<'a> Closing<'a> {
    pub(super) fn new(repository: &'a Repository) -> Self {
        Self { repository, pack: None, written: Written::default() }
    }

    fn add_named(&mut self, kind: ObjectKind, plain: &[u8]) -> Result<(), BackupError> {
        let id = object_id(&self.repository.keys, kind, plain);
        self.add(kind, id, plain)
    }

    pub(super) fn add(
        &mut self,
        kind: ObjectKind,
        id: ObjectId,
        plain: &[u8],
    ) -> Result<(), BackupError> {
        let pack = self
            .pack
            .get_or_insert_with(|| PackBuilder::new(&self.repository.keys, PackRoom::default()));
        pack.add(kind, id, plain);
        if pack.is_full() { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), BackupError> {
        let Some(pack) = self.pack.take() else { return Ok(()) };
        let pack = pack.finish();
        self.repository.store.put_new(&pack.indexed.id.path(), &pack.bytes)?;
        self.written.packs.push(pack.indexed);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Written, BackupError> {
        self.close()?;
        Ok(self.written)
    }
}
