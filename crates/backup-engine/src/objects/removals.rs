//! What was given up: packs and snapshots that go or are gone, so that nobody takes them for lost
//! and nobody builds on them.

use super::index_files::random_name;
use super::passing::passing;
use crate::error::BackupError;
use crate::format::{
    FileKind, PackId, Removal, RemovedPack, RemovedSnapshot, SnapshotName, SnapshotRef,
    is_index_name, open_file_of, seal_file,
};
use crate::store::{Store, StoreError};
use sealed_keys::RepositoryKeys;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// All files of removals together.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    /// Since when, in Unix seconds.
    pub packs: HashMap<PackId, u64>,
    pub snapshots: BTreeMap<SnapshotName, RemovedSnapshot>,
    pub problems: Vec<BackupError>,
    /// Every file that has the name of one.
    files: BTreeSet<String>,
    /// Those whose content another has, and since when.
    gathered: BTreeMap<String, u64>,
}

impl Removals {
    /// # Errors
    /// `Store` when the place cannot be listed or read. Damage is in [`Removals::problems`].
    pub(crate) fn load(store: &dyn Store, keys: &RepositoryKeys) -> Result<Self, BackupError> {
        let mut all = Self::default();
        let listed = store.list(FileKind::Removal.folder())?;
        for file in listed.into_iter().filter(|f| is_index_name(&f.name)) {
            match read(store, keys, &file.name) {
                Ok(Some(removal)) => all.add(removal),
                Ok(None) => {}
                // Gathered into another file meanwhile.
                Err(BackupError::Missing { .. }) => continue,
                Err(problem) => all.problems.push(passing(problem)?),
            }
            all.files.insert(file.name);
        }
        Ok(all)
    }

    fn add(&mut self, removal: Removal) {
        for name in removal.gathers {
            self.gathered.entry(name).or_insert(removal.written);
        }
        for pack in removal.packs {
            let since = self.packs.entry(pack.pack()).or_insert(pack.since);
            *since = pack.since.min(*since);
        }
        for removed in removal.snapshots {
            self.snapshots.entry(removed.name).or_insert(removed);
        }
    }

    /// What is known of a snapshot that was given up.
    pub(crate) fn snapshot(&self, snapshot: &SnapshotRef) -> Option<&RemovedSnapshot> {
        let SnapshotRef { sequence, hash } = snapshot;
        let named = |name| self.snapshots.get(&name);
        named(SnapshotName::of(*sequence, hash)).or_else(|| named(SnapshotName::bare(*sequence)))
    }

    /// Writes all of it into one more file. Those that it was read from stay, since a store may
    /// show the new one late: see [`Removals::tidy`].
    ///
    /// # Errors
    /// `DiskFull`, `Store`.
    pub(crate) fn write(
        &mut self,
        store: &dyn Store,
        keys: &RepositoryKeys,
        now: u64,
    ) -> Result<(), BackupError> {
        let name = random_name();
        let gathers: Vec<String> = self.files.iter().cloned().collect();
        let plain = self.to_removal(now, gathers.clone()).to_bytes();
        store.put_new(&path(&name), &seal_file(keys, FileKind::Removal, &name, &plain))?;
        for old in gathers {
            self.gathered.entry(old).or_insert(now);
        }
        self.files.insert(name);
        Ok(())
    }

    /// Deletes files whose content others have, for at least `grace` seconds.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) fn tidy(
        &mut self,
        store: &dyn Store,
        (now, grace): (u64, u64),
    ) -> Result<(), BackupError> {
        let due = |name: &&String| {
            self.gathered.get(*name).is_some_and(|since| now.saturating_sub(*since) >= grace)
        };
        let due: Vec<String> = self.files.iter().filter(due).cloned().collect();
        for name in due {
            match store.delete(&path(&name)) {
                Err(StoreError::NotFound(_)) => {}
                deleted => deleted?,
            }
            self.files.remove(&name);
        }
        Ok(())
    }

    /// Whether some of what is here is not in one file yet.
    pub(crate) fn is_scattered(&self) -> bool {
        self.files.iter().filter(|name| !self.gathered.contains_key(*name)).count() > 1
    }

    /// The same, as something to change.
    pub(crate) fn to_change(&self) -> Self {
        Self {
            packs: self.packs.clone(),
            snapshots: self.snapshots.clone(),
            problems: Vec::new(),
            files: self.files.clone(),
            gathered: self.gathered.clone(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packs.is_empty() && self.snapshots.is_empty()
    }

    /// Adds a pack that goes from now on.
    pub(crate) fn give_up_pack(&mut self, id: PackId, now: u64) {
        self.packs.entry(id).or_insert(now);
    }

    /// Adds a snapshot that goes from now on, and what it came after.
    pub(crate) fn give_up_snapshot(
        &mut self,
        name: SnapshotName,
        parents: Vec<SnapshotRef>,
        now: u64,
    ) {
        let removed = RemovedSnapshot { name, parents, since: now };
        self.snapshots.entry(name).or_insert(removed);
    }

    fn to_removal(&self, now: u64, gathers: Vec<String>) -> Removal {
        let pack = |(id, since): (&PackId, &u64)| RemovedPack { id: id.0, since: *since };
        let mut removal = Removal::new(now, gathers);
        removal.packs = self.packs.iter().map(pack).collect();
        removal.packs.sort_by_key(|pack| pack.id);
        removal.snapshots = self.snapshots.values().cloned().collect();
        removal
    }
}

fn path(name: &str) -> String {
    format!("{}/{name}", FileKind::Removal.folder())
}

/// One file. `None` for what a former key sealed: whoever should be rid of the backup may have made
/// it, and the change of the key wrote the rest again.
fn read(
    store: &dyn Store,
    keys: &RepositoryKeys,
    name: &str,
) -> Result<Option<Removal>, BackupError> {
    let path = path(name);
    let bytes = store.get(&path, FileKind::Removal.limit())?;
    let (plain, former) = open_file_of(keys, FileKind::Removal, name, &bytes)?;
    if former.is_some() {
        return Ok(None);
    }
    Removal::parse(&plain).map(Some).map_err(|e| BackupError::damaged(path, e.0))
}
