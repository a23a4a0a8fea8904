//! The chain of snapshots: each file names by hash what it continues. Where two computers wrote at
//! the same time it forks, and the next one that writes continues both.

use super::snapshot_file::SnapshotFile;
use super::{Repository, Seen, Snapshot};
use crate::error::BackupError;
use crate::format::{Manifest, SnapshotName, SnapshotRef};
use crate::limits::MAX_PARENTS;
use crate::objects::{Index, Removals, passing};
use std::collections::{BTreeSet, BinaryHeap, HashSet};

/// Snapshots of a backup, and those that it should have and that cannot be read.
#[derive(Debug, Default)]
pub struct Chain {
    /// Newest first.
    pub snapshots: Vec<Snapshot>,
    pub problems: Vec<BackupError>,
    /// Names of those of which there is nothing readable.
    pub(crate) lost_names: Vec<SnapshotName>,
    /// Those that no other continues, newest first: one, or several of the same time.
    pub(crate) heads: Vec<Snapshot>,
    /// Those that only a lost one continued, as far as anybody knows.
    pub(crate) orphans: Vec<Snapshot>,
    /// The highest number of a file that is there, readable or not.
    pub(crate) listed: u64,
    pub(crate) removals: Removals,
}

impl Chain {
    pub(crate) fn has_lost(&self, sequence: u64) -> bool {
        self.lost_names.iter().any(|name| name.sequence == sequence)
    }

    /// Above every number that was ever given, as far as anybody knows.
    pub(crate) fn next_sequence(&self) -> u64 {
        let removed = self.removals.snapshots.keys().map(|name| name.sequence).max();
        self.listed.max(removed.unwrap_or(0)) + 1
    }

    /// What a next snapshot continues: as many as it may name, the rest by the one after it.
    pub(crate) fn ends(&self) -> Vec<SnapshotRef> {
        let ends = self.heads.iter().chain(&self.orphans).map(Snapshot::reference);
        ends.take(MAX_PARENTS).collect()
    }
}

impl Repository {
    /// All snapshots, oldest first, with the whole chain verified from the newest back.
    ///
    /// # Errors
    /// `Missing` or `Damaged`, naming the newest snapshot that breaks the chain. See
    /// [`Repository::chain`].
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, BackupError> {
        let Chain { mut snapshots, problems, .. } = self.chain()?;
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => {
                snapshots.reverse();
                Ok(snapshots)
            }
        }
    }

    /// All snapshots that can be read, and what is wrong with the others.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub fn chain(&self) -> Result<Chain, BackupError> {
        let mut walk =
            Walk::new(self.listed_snapshots()?, Removals::load(self.store.as_ref(), &self.keys)?);
        while let Some(link) = walk.next() {
            match self.read_snapshot(link.name, link.hash.as_ref()) {
                Ok(file) => walk.found(link, file),
                Err(problem) => walk.lost(link, passing(problem)?),
            }
        }
        Ok(walk.end())
    }

    /// # Errors
    /// `NoSuchSnapshot`; `Missing` or `Damaged` if it is the one that cannot be read.
    pub fn snapshot(&self, sequence: u64) -> Result<Snapshot, BackupError> {
        let Chain { snapshots, problems, lost_names, .. } = self.chain()?;
        if let Some(found) = snapshots.into_iter().find(|s| s.sequence() == sequence) {
            return Ok(found);
        }
        // Each that cannot be read has its problem at the same place.
        let lost = lost_names.iter().position(|name| name.sequence == sequence);
        let problem = lost.and_then(|at| problems.into_iter().nth(at));
        Err(problem.unwrap_or(BackupError::NoSuchSnapshot(sequence)))
    }

    /// What to remember after a look at this backup; pass it to [`Repository::verify_seen`] the
    /// next time.
    ///
    /// # Errors
    /// As [`Repository::latest`].
    pub fn seen(&self) -> Result<Option<Seen>, BackupError> {
        let generation = self.header().generation;
        let Chain { heads, problems, .. } = self.chain()?;
        match (heads.first(), problems.into_iter().next()) {
            (None, Some(problem)) => Err(problem),
            (head, _) => {
                Ok(head.map(|s| Seen { sequence: s.sequence(), hash: s.hash, generation }))
            }
        }
    }

    /// Checks that the backup continues what was seen. A newer snapshot that is there and damaged
    /// is no rollback: [`Repository::newest`] names it.
    ///
    /// # Errors
    /// `RolledBack`, `Replaced`; `Damaged` (an older header was put back).
    pub fn verify_seen(&self, seen: &Seen) -> Result<(), BackupError> {
        if self.header_problems().is_empty() && self.header().generation < seen.generation {
            return Err(BackupError::damaged("keepsake.json", "an older header was put back"));
        }
        let wanted = SnapshotRef { sequence: seen.sequence, hash: seen.hash };
        let chain = self.chain()?;
        if chain.listed < seen.sequence {
            let rolled_back = BackupError::RolledBack { seen: seen.sequence, found: chain.listed };
            return if self.is_packed(&wanted)? { Ok(()) } else { Err(rolled_back) };
        }
        let there = chain.snapshots.iter().any(|s| s.reference() == wanted)
            || chain.has_lost(seen.sequence)
            || chain.removals.snapshot(&wanted).is_some()
            || chain.snapshots.iter().any(|s| left_out(&s.manifest, seen.sequence));
        match there || self.is_packed(&wanted)? {
            true => Ok(()),
            false => Err(BackupError::Replaced { sequence: seen.sequence }),
        }
    }

    /// Whether a pack has the snapshot: where its files are gone that is a loss, and no older
    /// state.
    fn is_packed(&self, wanted: &SnapshotRef) -> Result<bool, BackupError> {
        let packed = self.packed_snapshots(&Index::load(self.store.as_ref(), &self.keys)?)?;
        Ok(packed
            .get(&wanted.sequence)
            .is_some_and(|files| files.iter().any(|f| f.hash == wanted.hash)))
    }
}

/// Whether a snapshot of the first format says that this one was pruned.
fn left_out(manifest: &Manifest, sequence: u64) -> bool {
    let listed = |kept: &Vec<SnapshotRef>| kept.iter().any(|k| k.sequence == sequence);
    manifest.sequence > sequence && manifest.kept.as_ref().is_some_and(|kept| !listed(kept))
}

/// A snapshot that is still to be read. The highest number comes first, and of two that lead to
/// the same file the one that knows its hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    name: SnapshotName,
    /// None where nothing that can be read says it.
    hash: Option<[u8; 32]>,
    /// Of the first format: what comes before it follows from it. Otherwise a list says what else
    /// there is.
    leads_on: bool,
}

/// From the newest snapshots back.
struct Walk {
    listed: BTreeSet<SnapshotName>,
    removals: Removals,
    links: BinaryHeap<Link>,
    visited: HashSet<SnapshotName>,
    continued: HashSet<SnapshotRef>,
    chain: Chain,
}

impl Walk {
    fn new(listed: BTreeSet<SnapshotName>, removals: Removals) -> Self {
        let there = |name: &&SnapshotName| !removals.snapshots.contains_key(name);
        let start = |name: &SnapshotName| Link { name: *name, hash: None, leads_on: true };
        let newest_bare = listed.iter().rfind(|n| n.stem.is_none());
        let links = listed
            .iter()
            .filter(|name| name.stem.is_some())
            .chain(newest_bare)
            .filter(there)
            .map(start)
            .collect();
        let (visited, continued) = (HashSet::new(), HashSet::new());
        Self { listed, removals, links, visited, continued, chain: Chain::default() }
    }

    fn next(&mut self) -> Option<Link> {
        loop {
            let link = self.links.pop()?;
            if self.visited.insert(link.name) {
                return Some(link);
            }
        }
    }

    fn found(&mut self, link: Link, file: SnapshotFile) {
        let snapshot = Snapshot { leads_on: link.leads_on, ..Snapshot::from(file) };
        if link.leads_on {
            let before = snapshot.manifest.before();
            before.into_iter().for_each(|(to, leads_on)| self.continues(to, leads_on));
        }
        self.chain.snapshots.push(snapshot);
    }

    /// Follows a reference, and beyond what was given up.
    fn continues(&mut self, to: SnapshotRef, leads_on: bool) {
        if !self.continued.insert(to) {
            return;
        }
        if let Some(removed) = self.removals.snapshot(&to) {
            for parent in removed.parents.clone() {
                self.continues(parent, true);
            }
            return;
        }
        let (own, bare) =
            (SnapshotName::of(to.sequence, &to.hash), SnapshotName::bare(to.sequence));
        let is_bare = !self.listed.contains(&own) && self.listed.contains(&bare);
        let name = if is_bare { bare } else { own };
        self.links.push(Link { name, hash: Some(to.hash), leads_on });
    }

    fn lost(&mut self, link: Link, problem: BackupError) {
        self.chain.lost_names.push(link.name);
        self.chain.problems.push(problem);
        if link.leads_on {
            // Nothing says which of the first format is the right one: whatever this backup's key
            // sealed under the next lower number.
            let mut lower = self.listed.range(..SnapshotName::bare(link.name.sequence));
            let next = lower.rfind(|n| n.stem.is_none());
            self.links.extend(next.map(|name| Link { name: *name, hash: None, leads_on: true }));
        }
    }

    fn end(self) -> Chain {
        let Self { mut chain, continued, .. } = self;
        (chain.listed, chain.removals) =
            (self.listed.last().map_or(0, |name| name.sequence), self.removals);
        let open = chain.snapshots.iter().filter(|s| !continued.contains(&s.reference()));
        let newest = chain.snapshots.first().map(Snapshot::sequence);
        let may_be_continued = |s: &Snapshot| {
            let younger_lost = chain.lost_names.iter().any(|name| name.sequence > s.sequence());
            Some(s.sequence()) != newest && younger_lost
        };
        let (orphans, heads) = open.cloned().partition(may_be_continued);
        (chain.heads, chain.orphans) = (heads, orphans);
        chain
    }
}
