//! A prune gives up packs that no snapshot needs; a backup that runs beside it may have found in
//! them what it was about to write. Before it commits, it writes that after all.

use crate::error::BackupError;
use crate::format::{Catalog, ObjectId, ObjectKind};
use crate::objects::{Index, ObjectReader, Removals};
use crate::repository::{Claim, Repository};
use crate::work::write_packs::{PackWriter, Written};

impl Repository {
    /// What was written, and once more what `catalogs` name that lies only in packs of `known`
    /// which were given up since it was read.
    ///
    /// # Errors
    /// `Missing` when a pack is gone by now: the next run reads everything as it is then.
    /// `DiskFull`, `Store`.
    pub(super) fn with_rescued(
        &self,
        catalogs: &[ObjectId],
        known: &Index,
        written: Written,
        claim: Claim<'_>,
    ) -> Result<Written, BackupError> {
        self.store.refresh();
        let now = Removals::load(self.store.as_ref(), &self.keys)?;
        let goes_now = |number: u32| {
            let id = &known.packs[number as usize].id;
            now.packs.contains_key(id) && !known.goes(number as usize)
        };
        if !(0..known.packs.len() as u32).any(goes_now) {
            return Ok(written);
        }
        let mut own = Index::default();
        written.packs.iter().for_each(|pack| own.insert(pack.clone()));
        let stays =
            |id: &ObjectId| own.contains(id) || known.places(id).any(|place| !goes_now(place.pack));
        let mut earlier = ObjectReader::new(self.store.as_ref(), &self.keys, known);
        let mut named = self.named_by(catalogs, &own, &mut earlier)?;
        named.retain(|(_, id)| !stays(id));
        let nothing = Index::default();
        let rescued = std::thread::scope(|scope| {
            let writer = PackWriter::start(scope, self, claim);
            for (kind, id) in named {
                if writer.add_named(kind, id, earlier.read(kind, &id)?, &nothing).is_err() {
                    // The writer says why.
                    break;
                }
            }
            writer.finish()
        })?;
        Ok(Written { packs: written.packs.into_iter().chain(rescued.packs).collect() })
    }

    /// The catalogs, and every object that they name.
    fn named_by(
        &self,
        catalogs: &[ObjectId],
        own: &Index,
        earlier: &mut ObjectReader<'_>,
    ) -> Result<Vec<(ObjectKind, ObjectId)>, BackupError> {
        let mut written = ObjectReader::new(self.store.as_ref(), &self.keys, own);
        let mut named = Vec::new();
        for id in catalogs {
            let catalog = match own.contains(id) {
                true => written.catalog(id)?,
                false => earlier.catalog(id)?,
            };
            let Catalog { segments, media, missing: _ } = catalog;
            named.push((ObjectKind::Catalog, *id));
            named.extend(segments.iter().map(|s| (ObjectKind::Segment, s.id)));
            let pieces = media.into_iter().flat_map(|m| m.pieces);
            named.extend(pieces.map(|id| (ObjectKind::Media, id)));
        }
        Ok(named)
    }
}
