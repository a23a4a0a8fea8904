//! A place far away that is asked little: what cannot change is asked once and for all, and lists
//! once until somebody says that they must be fresh.

use super::{Distance, FolderStore, Store, StoreEntry, StoreError};
use crate::format::{SnapshotName, is_index_name};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Folders of a backup that are listed together: each takes one request, and all of them the time
/// of one.
const FOLDERS: [&str; 5] = ["snapshots", "copies", "removals", "index", "packs"];

/// Small files that others replace, and that are read more than once.
const HEADERS: [&str; 2] = ["keepsake.json", "copies/keepsake.json"];

/// Length of the digest before each file on disk.
const DIGEST: usize = 32;

/// Asks another store, and remembers. Files on disk are as they are in the store, sealed.
pub struct RememberingStore {
    inner: Arc<dyn Store>,
    disk: Option<FolderStore>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    lists: HashMap<String, BTreeMap<String, u64>>,
    headers: HashMap<String, Vec<u8>>,
    files: HashMap<String, Vec<u8>>,
}

impl RememberingStore {
    /// Remembers as long as it lives.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, disk: None, memory: Mutex::default() }
    }

    /// Remembers in a folder what cannot change, too.
    ///
    /// # Errors
    /// `Refused`, `Full`, `Io` (the folder cannot be made).
    pub fn on_disk(inner: Arc<dyn Store>, folder: PathBuf) -> Result<Self, StoreError> {
        Ok(Self { disk: Some(FolderStore::new(folder)?), ..Self::new(inner) })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists everything, each folder from a thread of its own.
    fn look(&self) -> Result<(), StoreError> {
        let lists: Vec<Result<Vec<StoreEntry>, StoreError>> = std::thread::scope(|scope| {
            let asked: Vec<_> =
                FOLDERS.map(|folder| scope.spawn(move || self.inner.list(folder))).into();
            asked.into_iter().map(|a| a.join().expect("stores do not panic")).collect()
        });
        let mut memory = self.memory();
        for (folder, list) in FOLDERS.iter().zip(lists) {
            let list: BTreeMap<String, u64> = list?.into_iter().map(|e| (e.name, e.len)).collect();
            self.forget_others(folder, &list);
            memory.lists.insert(folder.to_string(), list);
        }
        Ok(())
    }

    /// Removes from the disk what the store has no more. What cannot be removed costs only room.
    fn forget_others(&self, folder: &str, there: &BTreeMap<String, u64>) {
        let Some(disk) = &self.disk else { return };
        let here: HashSet<String> =
            disk.list(folder).unwrap_or_default().into_iter().map(|e| e.name).collect();
        for name in here.into_iter().filter(|name| !there.contains_key(name)) {
            let _ = disk.delete(&format!("{folder}/{name}"));
        }
    }

    /// A file that cannot change, if it was read or written before.
    fn known(&self, path: &str, limit: usize) -> Option<Vec<u8>> {
        if let Some(bytes) = self.memory().files.get(path) {
            return Some(bytes.clone());
        }
        let file = self.disk.as_ref()?.get(path, limit.saturating_add(DIGEST)).ok()?;
        let (digest, bytes) = file.split_at_checked(DIGEST)?;
        // What rots here is asked for again.
        (sealed_keys::digest(bytes) == digest).then(|| bytes.to_vec())
    }

    /// What cannot be written here is asked for again the next time.
    fn keep(&self, path: &str, bytes: &[u8]) {
        match &self.disk {
            Some(disk) => {
                let file = [&sealed_keys::digest(bytes), bytes].concat();
                let _ = disk.put(path, &file);
            }
            None => drop(self.memory().files.insert(path.into(), bytes.into())),
        }
    }

    fn wrote(&self, path: &str, bytes: &[u8]) {
        let mut memory = self.memory();
        if let Some((folder, name)) = path.split_once('/')
            && let Some(list) = memory.lists.get_mut(folder)
        {
            list.insert(name.into(), bytes.len() as u64);
        }
        memory.headers.remove(path);
        drop(memory);
        if never_changes(path) {
            self.keep(path, bytes);
        }
    }
}

/// Whether a path has one content for all time: its name is random, or has the content's hash.
fn never_changes(path: &str) -> bool {
    match path.split_once('/') {
        Some(("index" | "removals", name)) => is_index_name(name),
        Some(("snapshots", name)) => SnapshotName::parse(name).is_some_and(|n| n.stem.is_some()),
        _ => false,
    }
}

impl Store for RememberingStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.inner.put(path, bytes)?;
        self.wrote(path, bytes);
        Ok(())
    }

    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.inner.put_new(path, bytes)?;
        self.wrote(path, bytes);
        Ok(())
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        if never_changes(path) {
            if let Some(bytes) = self.known(path, limit) {
                return Ok(bytes);
            }
            let bytes = self.inner.get(path, limit)?;
            self.keep(path, &bytes);
            return Ok(bytes);
        }
        if !HEADERS.contains(&path) {
            return self.inner.get(path, limit);
        }
        if let Some(bytes) = self.memory().headers.get(path) {
            return Ok(bytes.clone());
        }
        let bytes = self.inner.get(path, limit)?;
        self.memory().headers.insert(path.into(), bytes.clone());
        Ok(bytes)
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        self.inner.get_range(path, start, len)
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        if !FOLDERS.contains(&folder) {
            return self.inner.list(folder);
        }
        if !self.memory().lists.contains_key(folder) {
            self.look()?;
        }
        let entry = |(name, len): (&String, &u64)| StoreEntry { name: name.clone(), len: *len };
        Ok(self.memory().lists.get(folder).into_iter().flatten().map(entry).collect())
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.inner.exists(path)
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        let deleted = self.inner.delete(path);
        let mut memory = self.memory();
        memory.headers.remove(path);
        memory.files.remove(path);
        if let Some((folder, name)) = path.split_once('/')
            && let Some(list) = memory.lists.get_mut(folder)
        {
            list.remove(name);
        }
        drop(memory);
        if let Some(disk) = self.disk.as_ref().filter(|_| never_changes(path)) {
            let _ = disk.delete(path);
        }
        deleted
    }

    fn refresh(&self) {
        let mut memory = self.memory();
        memory.lists.clear();
        memory.headers.clear();
    }

    fn distance(&self) -> Distance {
        self.inner.distance()
    }

    fn sweep(&self) -> Result<u64, StoreError> {
        self.inner.sweep()
    }
}
