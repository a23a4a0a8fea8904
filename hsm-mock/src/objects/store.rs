//! The object store: 256 records over 1,024 pages of 126 bytes, ids unique by type.

use std::collections::{BTreeMap, BTreeSet};

use super::{Object, ObjectType};
use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

/// Objects a device holds.
const RECORDS: usize = 256;
/// 1,024 pages x 126 bytes = 126 KiB.
const PAGES: usize = 1024;
const PAGE_SIZE: u16 = 126;
/// Ids that cannot name an object: 0 asks the device to choose (and is its own attestation key),
/// 0xffff is no object.
const RESERVED: [u16; 2] = [0, 0xffff];

/// What `GET STORAGE INFO` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StorageInfo {
    pub records: u16,
    pub free_records: u16,
    pub pages: u16,
    pub free_pages: u16,
    pub page_size: u16,
}

/// Every object, and how often each id was used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    /// In the order in which they were made.
    objects: Vec<Object>,
    /// The sequence number of the next object with this type and id.
    sequences: BTreeMap<(ObjectType, u16), u8>,
    used_pages: usize,
    /// What differs from what was last saved.
    changed: BTreeSet<(ObjectType, u16)>,
}

impl Store {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    /// The object, whatever its domains.
    pub(crate) fn get(&self, kind: ObjectType, id: u16) -> Result<&Object, DeviceError> {
        self.objects
            .iter()
            .find(|object| object.kind == kind && object.id == id)
            .ok_or(DeviceError::ObjectNotFound)
    }

    /// The object, if it shares a domain with `domains`; otherwise it does not exist for the
    /// caller.
    pub(crate) fn get_in(
        &self,
        domains: u16,
        kind: ObjectType,
        id: u16,
    ) -> Result<&Object, DeviceError> {
        self.get(kind, id)
            .ok()
            .filter(|object| object.domains & domains != 0)
            .ok_or(DeviceError::ObjectNotFound)
    }

    /// Checks an id for a new object; 0 asks for any.
    ///
    /// # Errors
    /// `INVALID_ID` for the one that means no object, `OBJECT_EXISTS`.
    pub(crate) fn check_free(&self, kind: ObjectType, id: u16) -> Result<(), DeviceError> {
        match id {
            0xffff => Err(DeviceError::InvalidId),
            id if id != 0 && self.get(kind, id).is_ok() => Err(DeviceError::ObjectExists),
            _ => Ok(()),
        }
    }

    fn free_id(&self, kind: ObjectType, rng: &mut DeviceRng) -> u16 {
        // At most 256 of 65,534 ids are taken, so this ends at once.
        loop {
            let id = u16::from_be_bytes(rng.array());
            if !RESERVED.contains(&id) && self.get(kind, id).is_err() {
                return id;
            }
        }
    }

    /// Adds an object, under a free id if its own is 0, and sets its sequence number.
    ///
    /// # Errors
    /// `INVALID_ID`, `OBJECT_EXISTS`; `STORAGE_FAILED` if there is no room.
    pub(crate) fn insert(
        &mut self,
        mut object: Object,
        rng: &mut DeviceRng,
    ) -> Result<u16, DeviceError> {
        self.check_free(object.kind, object.id)?;
        let pages = pages(&object);
        if self.objects.len() >= RECORDS || self.used_pages + pages > PAGES {
            return Err(DeviceError::StorageFailed);
        }
        if object.id == 0 {
            object.id = self.free_id(object.kind, rng);
        }
        let key = (object.kind, object.id);
        let next = self.sequences.entry(key).or_default();
        object.sequence = *next;
        *next = next.wrapping_add(1);
        self.used_pages += pages;
        self.changed.insert(key);
        self.objects.push(object);
        Ok(key.1)
    }

    /// Puts new key material in place of an object's.
    ///
    /// # Errors
    /// `OBJECT_NOT_FOUND`
    pub(crate) fn replace(&mut self, object: Object) -> Result<(), DeviceError> {
        let key = (object.kind, object.id);
        let slot = self.objects.iter_mut().find(|old| (old.kind, old.id) == key);
        let slot = slot.ok_or(DeviceError::ObjectNotFound)?;
        self.used_pages = self.used_pages - pages(slot) + pages(&object);
        *slot = object;
        self.changed.insert(key);
        Ok(())
    }

    /// Removes an object that the caller may see.
    ///
    /// # Errors
    /// `OBJECT_NOT_FOUND`
    pub(crate) fn remove_in(
        &mut self,
        domains: u16,
        kind: ObjectType,
        id: u16,
    ) -> Result<(), DeviceError> {
        self.used_pages -= pages(self.get_in(domains, kind, id)?);
        self.objects.retain(|object| object.kind != kind || object.id != id);
        self.changed.insert((kind, id));
        Ok(())
    }

    /// Forgets everything, as a factory reset does.
    pub(crate) fn clear(&mut self) {
        let gone = self.objects.iter().map(|object| (object.kind, object.id));
        self.changed.extend(gone);
        self.changed.extend(self.sequences.keys());
        self.objects.clear();
        self.sequences.clear();
        self.used_pages = 0;
    }

    /// A store as it was saved.
    pub(crate) fn restored(
        objects: Vec<Object>,
        sequences: BTreeMap<(ObjectType, u16), u8>,
    ) -> Self {
        let used_pages = objects.iter().map(pages).sum();
        Self { objects, sequences, used_pages, changed: BTreeSet::new() }
    }

    /// Type and id of what differs from what was last saved: there now, or not any more.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (ObjectType, u16)> {
        self.changed.iter().copied()
    }

    pub(crate) fn next_sequence(&self, kind: ObjectType, id: u16) -> u8 {
        self.sequences.get(&(kind, id)).copied().unwrap_or_default()
    }

    pub(crate) fn saved(&mut self) {
        self.changed.clear();
    }

    pub(crate) fn info(&self) -> StorageInfo {
        // Both are bounded by RECORDS and PAGES, which fit.
        let small = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        StorageInfo {
            records: small(RECORDS),
            free_records: small(RECORDS - self.objects.len().min(RECORDS)),
            pages: small(PAGES),
            free_pages: small(PAGES - self.used_pages.min(PAGES)),
            page_size: PAGE_SIZE,
        }
    }
}

/// Whole pages, as Yubico's capacities imply: 127 keys of 896 bytes (RSA-2048) beside one
/// authentication key.
fn pages(object: &Object) -> usize {
    usize::from(object.size()).div_ceil(usize::from(PAGE_SIZE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm;
    use crate::capability::Capabilities;
    use crate::objects::{Label, Origin};
    use crate::secret::Secret;

    fn opaque(id: u16, length: usize) -> Object {
        Object {
            id,
            kind: ObjectType::Opaque,
            algorithm: algorithm::OPAQUE_DATA,
            label: Label::from_text("a"),
            domains: 0b10,
            capabilities: Capabilities::NONE,
            delegated: Capabilities::NONE,
            sequence: 0,
            origin: Origin::IMPORTED,
            secret: Secret::new(vec![1; length]),
        }
    }

    fn insert(store: &mut Store, object: Object) -> Result<u16, DeviceError> {
        store.insert(object, &mut DeviceRng::from_seed(1, 2, 3))
    }

    #[test]
    fn an_id_is_taken_once_and_counts_its_uses() {
        let mut store = Store::default();
        assert_eq!(insert(&mut store, opaque(7, 1)), Ok(7));
        assert_eq!(insert(&mut store, opaque(7, 1)), Err(DeviceError::ObjectExists));
        store.remove_in(0xffff, ObjectType::Opaque, 7).unwrap();
        insert(&mut store, opaque(7, 1)).unwrap();
        assert_eq!(store.get(ObjectType::Opaque, 7).unwrap().sequence, 1);
    }

    #[test]
    fn id_zero_asks_for_any_free_id_and_the_last_is_reserved() {
        let mut store = Store::default();
        let id = insert(&mut store, opaque(0, 1)).unwrap();
        assert!(id != 0 && id != 0xffff);
        assert_eq!(insert(&mut store, opaque(0xffff, 1)), Err(DeviceError::InvalidId));
    }

    #[test]
    fn another_domain_sees_nothing() {
        let mut store = Store::default();
        insert(&mut store, opaque(7, 1)).unwrap();
        assert!(store.get_in(0b10, ObjectType::Opaque, 7).is_ok());
        assert_eq!(store.get_in(0b01, ObjectType::Opaque, 7), Err(DeviceError::ObjectNotFound));
        assert_eq!(store.remove_in(0b01, ObjectType::Opaque, 7), Err(DeviceError::ObjectNotFound));
    }

    #[test]
    fn the_store_ends_at_256_objects() {
        let mut store = Store::default();
        (1..=256).for_each(|id| assert_eq!(insert(&mut store, opaque(id, 1)), Ok(id)));
        assert_eq!(insert(&mut store, opaque(0, 1)), Err(DeviceError::StorageFailed));
        assert_eq!(insert(&mut store, opaque(400, 1)), Err(DeviceError::StorageFailed));
        assert_eq!((store.info().free_records, store.info().free_pages), (0, 768));
    }

    #[test]
    fn the_store_ends_at_1024_pages() {
        let mut store = Store::default();
        // 896 bytes take 8 pages, so 128 fit: 127 and one page less would be left beside the
        // factory key.
        (1..=128).for_each(|id| assert_eq!(insert(&mut store, opaque(id, 896)), Ok(id)));
        assert_eq!(store.info().free_pages, 0);
        assert_eq!(insert(&mut store, opaque(200, 1)), Err(DeviceError::StorageFailed));
    }
}
