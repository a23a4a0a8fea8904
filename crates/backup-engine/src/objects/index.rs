//! All that is in the packs. Index files say it; where they are lost or damaged, the packs do.

use super::directories::read_directory;
use super::object_name;
use super::passing::passing;
use super::removals::Removals;
use crate::error::BackupError;
use crate::format::{
    DirectoryEntry, FileKind, IndexedPack, ObjectId, ObjectKind, PackId, is_index_name, open_file,
    parse_index,
};
use crate::store::Store;
use sealed_keys::RepositoryKeys;
use std::collections::{HashMap, HashSet};

/// How often everything is listed again while it changes.
const LOOKS: usize = 4;

/// Where an object lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Number of the pack in [`Index::packs`].
    pub pack: u32,
    /// Its place in the pack's directory.
    pub place: u32,
    pub entry: DirectoryEntry,
}

/// Packs that are there, and their objects.
#[derive(Default)]
pub(crate) struct Index {
    pub packs: Vec<IndexedPack>,
    /// Every file in `index/` that has the name of one.
    pub files: Vec<String>,
    /// Packs that no index file names: left by an interrupted backup, or their index file is lost.
    pub unindexed: HashSet<PackId>,
    /// What was given up: packs among it go, and nothing may build on them any more.
    pub removals: Removals,
    /// Packs that an index file names and that are not there, or shorter than it says.
    pub lost: Vec<LostPack>,
    /// Index files that do not open, and packs that nothing is known of.
    pub problems: Vec<BackupError>,
    by_id: HashMap<ObjectId, (u32, u32)>,
    /// Further places of objects that are in several packs.
    again: HashMap<ObjectId, Vec<(u32, u32)>>,
}

/// A pack that is not as the index has it.
pub(crate) struct LostPack {
    pub pack: IndexedPack,
    /// Length of the file that is there, if one is.
    pub found: Option<u64>,
}

impl LostPack {
    pub(crate) fn problem(&self) -> BackupError {
        match self.found {
            None => BackupError::Missing { object: self.pack.id.path() },
            Some(len) => {
                let why = format!("it has {len} bytes instead of {}", self.pack.len);
                BackupError::damaged(self.pack.id.path(), why)
            }
        }
    }
}

impl Index {
    /// Reads the index files, and lists the packs, so that nothing is claimed that is not there.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed or read. Damage is in [`Index::problems`].
    pub(crate) fn load(store: &dyn Store, keys: &RepositoryKeys) -> Result<Self, BackupError> {
        let mut index = Self::look(store, keys)?;
        for _ in 0..LOOKS {
            if !index.lost.iter().any(|lost| lost.found.is_none()) {
                break;
            }
            // A prune may have deleted packs between two of the lists.
            store.refresh();
            let again = Self::look(store, keys)?;
            let same = again.lost.len() == index.lost.len();
            index = again;
            if same {
                break;
            }
        }
        Ok(index)
    }

    fn look(store: &dyn Store, keys: &RepositoryKeys) -> Result<Self, BackupError> {
        let mut index = Self { removals: Removals::load(store, keys)?, ..Self::default() };
        let mut named = HashMap::new();
        for file in
            store.list(FileKind::Index.folder())?.into_iter().filter(|f| is_index_name(&f.name))
        {
            match read_index_file(store, keys, &file.name) {
                Ok(packs) => packs.into_iter().for_each(|p| {
                    // A crash between writing a merged index and removing the old ones leaves a
                    // pack in both.
                    named.entry(p.id).or_insert(p);
                }),
                // Merged into another one since the list was made.
                Err(BackupError::Missing { .. }) => continue,
                Err(problem) => index.problems.push(passing(problem)?),
            }
            index.files.push(file.name);
        }
        index.add_listed(store, keys, named)?;
        Ok(index)
    }

    fn add_listed(
        &mut self,
        store: &dyn Store,
        keys: &RepositoryKeys,
        mut named: HashMap<PackId, IndexedPack>,
    ) -> Result<(), BackupError> {
        let mut unindexed = Vec::new();
        let mut going = Vec::new();
        for file in store.list("packs")? {
            let Some(id) = PackId::from_name(&file.name) else { continue };
            match named.remove(&id) {
                Some(pack) if u64::from(pack.len) == file.len => {
                    match self.removals.packs.contains_key(&id) {
                        true => going.push(pack),
                        false => self.insert(pack),
                    }
                }
                Some(pack) => self.insert_short(pack, file.len),
                None => match read_directory(store, keys, id, file.len) {
                    Ok(pack) => unindexed.push(pack),
                    // Deleted since the list was made.
                    Err(BackupError::Missing { .. }) => {}
                    Err(problem) => self.problems.push(passing(problem)?),
                },
            }
        }
        // Last, since what is needed of packs that go is in others; and where a prune was stopped
        // before it gave them up, in packs that the index names.
        going.into_iter().for_each(|pack| self.insert(pack));
        for pack in unindexed {
            self.unindexed.insert(pack.id);
            self.insert(pack);
        }
        let lost = named.into_values().filter(|pack| !self.removals.packs.contains_key(&pack.id));
        let mut absent: Vec<_> = lost.collect();
        absent.sort_by_key(|pack| pack.id);
        for pack in absent {
            // A list may show late what is there.
            match store.exists(&pack.id.path())? {
                true => self.insert(pack),
                false => self.lost.push(LostPack { pack, found: None }),
            }
        }
        Ok(())
    }

    /// Of a pack that has another length than it should, what still lies within it.
    fn insert_short(&mut self, pack: IndexedPack, len: u64) {
        // The place of an entry in the directory is its nonce: the first ones stay where they are.
        let fits = |e: &&DirectoryEntry| u64::from(e.offset) + u64::from(e.len) <= len;
        let entries = pack.entries.iter().take_while(fits).copied().collect();
        self.insert(IndexedPack { entries, ..pack.clone() });
        self.lost.push(LostPack { pack, found: Some(len) });
    }

    pub(crate) fn insert(&mut self, pack: IndexedPack) {
        let number = self.packs.len() as u32;
        for (place, entry) in pack.entries.iter().enumerate() {
            let at = (number, place as u32);
            match self.by_id.entry(entry.id) {
                std::collections::hash_map::Entry::Vacant(free) => drop(free.insert(at)),
                std::collections::hash_map::Entry::Occupied(_) => {
                    self.again.entry(entry.id).or_default().push(at)
                }
            }
        }
        self.packs.push(pack);
    }

    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Whether a pack has the object that nobody is about to remove.
    pub(crate) fn offers(&self, id: &ObjectId) -> bool {
        self.places(id).any(|place| !self.goes(place.pack as usize))
    }

    /// Whether the pack of this number was given up.
    pub(crate) fn goes(&self, number: usize) -> bool {
        self.removals.packs.contains_key(&self.packs[number].id)
    }

    /// Every place where an object should be; most have one.
    pub(crate) fn places(&self, id: &ObjectId) -> impl Iterator<Item = Place> {
        let first = self.by_id.get(id).into_iter();
        let further = self.again.get(id).into_iter().flatten();
        first.chain(further).map(|(pack, place)| Place {
            pack: *pack,
            place: *place,
            entry: self.packs[*pack as usize].entries[*place as usize],
        })
    }

    /// The place that is read first.
    pub(crate) fn locate(&self, id: &ObjectId) -> Option<Place> {
        self.places(id).next()
    }

    /// Names of all objects of a kind.
    pub(crate) fn of_kind(&self, kind: ObjectKind) -> impl Iterator<Item = &ObjectId> {
        self.by_id
            .iter()
            .filter(move |(_, (pack, place))| {
                self.packs[*pack as usize].entries[*place as usize].kind == kind
            })
            .map(|(id, _)| id)
    }

    /// How many packs have an object.
    pub(crate) fn copies(&self, id: &ObjectId) -> usize {
        let packs: HashSet<u32> = self.places(id).map(|p| p.pack).collect();
        packs.len()
    }

    /// How many packs have an object that are to stay.
    pub(crate) fn lasting_copies(&self, id: &ObjectId) -> usize {
        let packs: HashSet<u32> = self.places(id).map(|p| p.pack).collect();
        packs.into_iter().filter(|number| !self.goes(*number as usize)).count()
    }

    /// Says that an object is not there, and names the pack that had it.
    pub(crate) fn missing(&self, kind: ObjectKind, id: &ObjectId) -> BackupError {
        let had = self.lost.iter().find(|l| l.pack.entries.iter().any(|e| e.id == *id));
        let object = match had {
            Some(lost) => format!("{} ({})", object_name(kind, id), lost.pack.id.path()),
            None => object_name(kind, id),
        };
        BackupError::Missing { object }
    }

    /// Whether anything is lost or unreadable, as far as lists and lengths show it.
    pub(crate) fn is_damaged(&self) -> bool {
        !self.problems.is_empty() || !self.lost.is_empty()
    }

    /// Everything that is wrong with index files and packs, as far as lists and lengths show it.
    pub(crate) fn take_problems(&mut self) -> Vec<BackupError> {
        let mut problems = std::mem::take(&mut self.problems);
        problems.append(&mut self.removals.problems);
        problems.extend(self.lost.iter().map(LostPack::problem));
        problems
    }
}

fn read_index_file(
    store: &dyn Store,
    keys: &RepositoryKeys,
    name: &str,
) -> Result<Vec<IndexedPack>, BackupError> {
    let path = format!("index/{name}");
    let bytes = store.get(&path, FileKind::Index.limit())?;
    let plain = open_file(keys, FileKind::Index, name, &bytes)?;
    parse_index(&plain).map_err(|e| BackupError::damaged(&path, e.0))
}
