//! The newest state that can be read: one snapshot, or those of several computers that wrote at
//! the same time, taken together.

use super::chain::Chain;
use super::{Repository, Snapshot};
use crate::error::BackupError;
use crate::format::{Manifest, ObjectId, Totals};
use crate::objects::{Index, ObjectReader};
use sealed_keys::digest;
use std::collections::{BTreeMap, HashSet};

/// The newest snapshot that opens, and why younger ones do not.
#[derive(Debug)]
pub struct Newest {
    pub snapshot: Option<Snapshot>,
    /// One for each snapshot that is there, is younger, and cannot be read.
    pub problems: Vec<BackupError>,
}

impl Repository {
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub fn newest(&self) -> Result<Newest, BackupError> {
        let chain = self.chain()?;
        let snapshot = self.together(&chain)?;
        let newest = snapshot.as_ref().map_or(0, Snapshot::sequence);
        let younger = chain.lost_names.iter().take_while(|name| name.sequence >= newest).count();
        let problems = chain.problems.into_iter().take(younger).collect();
        Ok(Newest { snapshot, problems })
    }

    /// The newest snapshot that can be read, or `None` before the first backup. See
    /// [`Repository::newest`].
    ///
    /// # Errors
    /// `Damaged`, `Missing` when there are snapshots and none can be read. `Store`.
    pub fn latest(&self) -> Result<Option<Snapshot>, BackupError> {
        let Newest { snapshot, problems } = self.newest()?;
        match (snapshot, problems.into_iter().next()) {
            (None, Some(problem)) => Err(problem),
            (snapshot, _) => Ok(snapshot),
        }
    }

    /// The state that the ends of the chain have together.
    pub(crate) fn together(&self, chain: &Chain) -> Result<Option<Snapshot>, BackupError> {
        let heads = &chain.heads;
        if heads.len() < 2 {
            return Ok(heads.first().cloned());
        }
        let mut manifest = merged(heads);
        manifest.totals = self.totals_of(&manifest)?;
        let hashes: Vec<u8> = heads.iter().flat_map(|h| h.hash).collect();
        Ok(Some(Snapshot { manifest, hash: digest(&hashes), name: None, leads_on: true }))
    }

    fn totals_of(&self, manifest: &Manifest) -> Result<Totals, BackupError> {
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, &index);
        let (mut whole, _) = reader.catalogs(manifest)?;
        whole.settle_missing();
        Ok(Totals::of(&whole))
    }
}

/// What several snapshots have together. Pure; `heads` newest first, not empty.
fn merged(heads: &[Snapshot]) -> Manifest {
    let newest = &heads[0].manifest;
    let parents = heads.iter().map(Snapshot::reference).collect();
    let mut merged = newest.next(newest.sequence, parents);
    merged.catalogs.clear();
    merged.replaced.clear();
    merged.created = heads.iter().map(Snapshot::created).max().unwrap_or_default();
    for head in heads {
        let others: Vec<&Manifest> =
            heads.iter().filter(|h| h.hash != head.hash).map(|h| &h.manifest).collect();
        let gone = replaced_beside(&head.manifest, &others);
        for id in head.manifest.catalogs.iter().filter(|id| !gone.contains(*id)) {
            if !merged.catalogs.contains(id) {
                merged.catalogs.push(*id);
            }
        }
        for replaced in &head.manifest.replaced {
            if !merged.replaced.contains(replaced) {
                merged.replaced.push(replaced.clone());
            }
        }
    }
    merged.sources = sources(heads);
    merged.repaired = heads.iter().filter_map(|h| h.manifest.repaired).max();
    merged
}

/// Catalogs that others left out, and `own` knows nothing of that.
fn replaced_beside(own: &Manifest, others: &[&Manifest]) -> HashSet<ObjectId> {
    let unknown = others.iter().flat_map(|o| &o.replaced).filter(|r| !own.replaced.contains(r));
    unknown.flat_map(|r| &r.catalogs).copied().collect()
}

/// The highest cursor of each source: its changes up to there are in one of the snapshots. Where
/// one of them was repaired, the lowest: everything is to be read again.
fn sources(heads: &[Snapshot]) -> BTreeMap<String, u64> {
    let repaired_alike =
        heads.windows(2).all(|pair| pair[0].manifest.repaired == pair[1].manifest.repaired);
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    for (source, cursor) in heads.iter().flat_map(|h| &h.manifest.sources) {
        let known = all.entry(source.clone()).or_insert(*cursor);
        *known = if repaired_alike { *cursor.max(known) } else { *cursor.min(known) };
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::SnapshotName;

    fn head(number: u8, of: impl FnOnce(Manifest) -> Manifest) -> Snapshot {
        let manifest = of(Manifest::first(5));
        let hash = [number; 32];
        Snapshot { manifest, hash, name: Some(SnapshotName::of(5, &hash)), leads_on: true }
    }

    fn with(mut manifest: Manifest, catalogs: &[u8], sources: &[(&str, u64)]) -> Manifest {
        manifest.catalogs = catalogs.iter().map(|c| [*c; 32]).collect();
        manifest.sources = sources.iter().map(|(s, c)| (s.to_string(), *c)).collect();
        manifest
    }

    fn ids(manifest: &Manifest) -> Vec<u8> {
        manifest.catalogs.iter().map(|id| id[0]).collect()
    }

    #[test]
    fn two_of_one_time_have_what_each_of_them_has() {
        let ann = head(1, |m| with(m, &[1, 2], &[("ann", 9), ("ben", 3)]));
        let ben = head(2, |m| with(m, &[1, 3], &[("ann", 4), ("ben", 7)]));
        let both = merged(&[ann.clone(), ben.clone()]);
        assert_eq!(ids(&both), [1, 2, 3]);
        assert_eq!(both.sources, [("ann".into(), 9), ("ben".into(), 7)].into());
        assert_eq!(both.parents, [ann.reference(), ben.reference()]);
    }

    #[test]
    fn what_one_forgot_the_other_does_not_bring_back() {
        let forgot = |m| with(m, &[1, 2], &[]).with_catalogs(vec![[2; 32]]);
        let heads = [head(1, forgot), head(2, |m| with(m, &[1, 2, 3], &[]))];
        assert_eq!(ids(&merged(&heads)), [2, 3]);
        let [a, b] = heads;
        assert_eq!(ids(&merged(&[b, a])), [2, 3]);
    }

    #[test]
    fn what_came_again_after_it_was_forgotten_stays() {
        let forgot = with(Manifest::first(5), &[1], &[]).with_catalogs(vec![]);
        let again = head(1, |_| with(forgot.clone(), &[1], &[]));
        let other = head(2, |_| with(forgot.clone(), &[2], &[]));
        assert_eq!(ids(&merged(&[again, other])), [1, 2]);
    }

    #[test]
    fn beside_a_repair_everything_is_read_again() {
        let repaired = head(1, |mut m| {
            m.repaired = Some(5);
            with(m, &[1], &[("ann", 0)])
        });
        let other = head(2, |m| with(m, &[2], &[("ann", 9)]));
        assert_eq!(merged(&[repaired, other]).sources["ann"], 0);
    }
}
