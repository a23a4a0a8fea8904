//! What can still be read of the newest snapshot.

use super::RepairReport;
use super::survey::Survey;
use crate::error::BackupError;
use crate::format::{Catalog, ObjectId, ObjectKind};
use crate::objects::{Index, ObjectReader, passing};
use crate::repository::{Chain, Repository};
use std::collections::HashSet;

impl Repository {
    /// Of the newest snapshot, what is there. Where one of its catalogs is lost, older snapshots may have named the
    /// same things; where there is no snapshot at all, every catalog counts that any pack has.
    pub(super) fn what_is_left(
        &self,
        chain: &Chain,
        (whole, known): (&Index, &Index),
        survey: &Survey,
        report: &mut RepairReport,
    ) -> Result<Option<Catalog>, BackupError> {
        // Catalogs in damaged packs are read where they are: moving them comes later.
        let mut sources = Sources {
            whole: ObjectReader::new(self.store.as_ref(), &self.keys, whole),
            damaged: ObjectReader::new(self.store.as_ref(), &self.keys, known),
        };
        let Some(head) = chain.snapshots.first() else {
            let all: Vec<ObjectId> = known.of_kind(ObjectKind::Catalog).copied().collect();
            let left = sources.all_of(all)?;
            let nothing = left.is_empty() && chain.problems.is_empty();
            return Ok((!nothing).then(|| readable_part(left, whole, survey, report)));
        };
        let mut left = Catalog::default();
        let mut read = HashSet::new();
        for id in &head.manifest.catalogs {
            read.insert(*id);
            match sources.catalog(id) {
                Ok(catalog) => left.append(catalog),
                Err(problem) => {
                    report.catalogs_lost += 1;
                    report.problems.push(passing(problem)?);
                }
            }
        }
        if report.catalogs_lost > 0 {
            let older = chain.snapshots.iter().skip(1).rev().flat_map(|s| &s.manifest.catalogs);
            let mut first = sources.all_of(older.copied().filter(|id| read.insert(*id)).collect())?;
            first.append(left);
            left = first;
        }
        Ok(Some(readable_part(left, whole, survey, report)))
    }
}

struct Sources<'a> {
    whole: ObjectReader<'a>,
    damaged: ObjectReader<'a>,
}

impl Sources<'_> {
    fn catalog(&mut self, id: &ObjectId) -> Result<Catalog, BackupError> {
        self.whole.catalog(id).or_else(|_| self.damaged.catalog(id))
    }

    /// Those catalogs that can be read, one after the other.
    fn all_of(&mut self, ids: Vec<ObjectId>) -> Result<Catalog, BackupError> {
        let mut all = Catalog::default();
        for id in ids {
            match self.catalog(&id) {
                Ok(catalog) => all.append(catalog),
                Err(problem) => drop(passing(problem)?),
            }
        }
        Ok(all)
    }
}

/// What of a catalog is there, each thing once: what is named twice counts where it comes last.
fn readable_part(mut catalog: Catalog, whole: &Index, survey: &Survey, report: &mut RepairReport) -> Catalog {
    let readable = |id: &ObjectId| whole.contains(id) || survey.saved.contains(id);
    let mut named = HashSet::new();
    catalog.segments.reverse();
    catalog.segments.retain(|s| named.insert((s.stream.clone(), s.id)));
    catalog.segments.reverse();
    let mut files = HashSet::new();
    let segments = catalog.segments.len();
    catalog.segments.retain(|s| readable(&s.id));
    report.segments_lost = (segments - catalog.segments.len()) as u64;
    let lost: HashSet<_> =
        catalog.media.iter().filter(|m| !m.pieces.iter().all(readable)).map(|m| m.hash).collect();
    catalog.media.retain(|m| m.pieces.iter().all(readable) && files.insert(m.hash));
    report.media_lost = lost.difference(&files).count() as u64;
    catalog.settle_missing();
    catalog
}
