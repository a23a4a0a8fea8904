//! Packs that are read as a whole. From a place where each request takes its time, one for 16 MiB
//! costs less than one for each object.

use super::Index;
use crate::format::{ObjectId, PackId};
use crate::limits::MAX_PACK;
use crate::store::{Distance, Store};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Packs that are in memory: usually of 16 MiB, at most of 40. As many as a backup's workers wrote
/// side by side, since what follows in a snapshot lies in one of these, and two for what comes
/// next.
const IN_MEMORY: usize = 6;

/// A pack is read whole if at least one part in so many of it is wanted.
const WORTH: u64 = 4;

type Fetched = Arc<OnceLock<Option<Arc<Vec<u8>>>>>;

/// Reads packs of which much is wanted whole, each once while it is needed.
pub(crate) struct WholePacks<'a> {
    store: &'a dyn Store,
    worth: HashSet<PackId>,
    latest: Mutex<VecDeque<(PackId, Fetched)>>,
}

impl<'a> WholePacks<'a> {
    /// For who is going to read these objects.
    pub(crate) fn for_reading<'i>(
        store: &'a dyn Store,
        index: &Index,
        ids: impl Iterator<Item = &'i ObjectId>,
    ) -> Self {
        let mut worth = HashSet::new();
        if store.distance() == Distance::Away {
            let mut wanted: HashMap<u32, u64> = HashMap::new();
            for place in ids.filter_map(|id| index.locate(id)) {
                *wanted.entry(place.pack).or_default() += u64::from(place.entry.len);
            }
            let much = |(number, bytes): &(u32, u64)| {
                bytes * WORTH >= u64::from(index.packs[*number as usize].len)
            };
            let number_to_id = |(number, _)| index.packs[number as usize].id;
            worth = wanted.into_iter().filter(much).map(number_to_id).collect();
        }
        Self { store, worth, latest: Mutex::default() }
    }

    /// A part of a pack that is worth reading whole. `None` for another, and for one that cannot be
    /// read: the part is then asked for by itself.
    pub(crate) fn part(&self, id: PackId, start: u64, len: usize) -> Option<Vec<u8>> {
        if !self.worth.contains(&id) {
            return None;
        }
        let fetched = self.entry(id);
        let bytes = fetched.get_or_init(|| self.store.get(&id.path(), MAX_PACK).ok().map(Arc::new));
        let start = usize::try_from(start).ok()?;
        bytes.as_ref()?.get(start..start.checked_add(len)?).map(<[u8]>::to_vec)
    }

    fn entry(&self, id: PackId) -> Fetched {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let there = latest.iter().position(|(known, _)| *known == id);
        let entry =
            there.and_then(|at| latest.remove(at)).unwrap_or_else(|| (id, Fetched::default()));
        let fetched = entry.1.clone();
        latest.push_back(entry);
        if latest.len() > IN_MEMORY {
            latest.pop_front();
        }
        fetched
    }
}
