//! What can still be read of the newest snapshot.

use super::RepairReport;
use crate::error::BackupError;
use crate::format::{Catalog, MediaEntry, ObjectId, ObjectKind};
use crate::objects::{Index, ObjectReader, passing};
use crate::repository::{Chain, Repository};
use std::collections::HashSet;

impl Repository {
    /// Of the newest snapshot, what is there. Where one of its catalogs is lost, older snapshots
    /// may have named the same things; where there is no snapshot at all, every catalog counts that
    /// any pack has.
    pub(super) fn what_is_left(
        &self,
        chain: &Chain,
        whole: &Index,
        report: &mut RepairReport,
    ) -> Result<Option<Catalog>, BackupError> {
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, whole);
        let Some(head) = self.together(chain)? else {
            let left = all_of(&mut reader, whole.of_kind(ObjectKind::Catalog))?;
            let nothing = left.is_empty() && chain.problems.is_empty();
            return Ok((!nothing).then(|| readable_part(left, whole, report)));
        };
        let mut left = Catalog::default();
        let mut read = HashSet::new();
        for id in &head.manifest.catalogs {
            read.insert(*id);
            match reader.catalog(id) {
                Ok(catalog) => left.append(catalog),
                Err(problem) => {
                    report.catalogs_lost += 1;
                    report.problems.push(passing(problem)?);
                }
            }
        }
        if report.catalogs_lost > 0 {
            let older = chain.snapshots.iter().skip(1).rev().flat_map(|s| &s.manifest.catalogs);
            let mut first = all_of(&mut reader, older.filter(|id| read.insert(**id)))?;
            first.append(left);
            left = first;
        }
        Ok(Some(readable_part(left, whole, report)))
    }
}

/// Those catalogs that can be read, one after the other.
fn all_of<'a>(
    reader: &mut ObjectReader<'_>,
    ids: impl Iterator<Item = &'a ObjectId>,
) -> Result<Catalog, BackupError> {
    let mut all = Catalog::default();
    for id in ids {
        match reader.catalog(id) {
            Ok(catalog) => all.append(catalog),
            Err(problem) => drop(passing(problem)?),
        }
    }
    Ok(all)
}

/// What of a catalog is there, each thing once: what is named twice counts where it comes last.
fn readable_part(mut catalog: Catalog, whole: &Index, report: &mut RepairReport) -> Catalog {
    let mut named = HashSet::new();
    catalog.segments.reverse();
    catalog.segments.retain(|s| named.insert((s.stream.clone(), s.id)));
    catalog.segments.reverse();
    let segments = catalog.segments.len();
    catalog.segments.retain(|s| whole.contains(&s.id));
    report.segments_lost = (segments - catalog.segments.len()) as u64;
    let there = |m: &MediaEntry| m.pieces.iter().all(|id| whole.contains(id));
    let lost: HashSet<_> = catalog.media.iter().filter(|m| !there(m)).map(|m| m.hash).collect();
    let mut files = HashSet::new();
    catalog.media.retain(|m| there(m) && files.insert(m.hash));
    report.media_lost = lost.difference(&files).count() as u64;
    catalog.settle_missing();
    catalog
}
