//! What must come back, worked out from the bytes alone: an object is there if one of its copies is
//! byte for byte what it was.

use super::{Blobs, World};
use crate::fixture::ListSink;
use crate::format::{Catalog, ObjectId, ObjectKind, SegmentRecords};
use crate::objects::{Index, ObjectReader};
use crate::port::MediaHash;
use crate::repository::{Repository, Snapshot};
use crate::{Newest, Unobserved};
use std::collections::{BTreeMap, BTreeSet};

type Records = BTreeSet<(Vec<u8>, Vec<u8>)>;
type Media = BTreeMap<MediaHash, Vec<u8>>;

/// Records and media as sets.
pub(super) struct Restored {
    pub records: Records,
    pub media: Media,
}

impl From<ListSink> for Restored {
    fn from(sink: ListSink) -> Self {
        Self { records: sink.records.into_iter().collect(), media: sink.media }
    }
}

pub(super) struct Expected {
    /// Number of the snapshot that is restored.
    pub newest: u64,
    pub records: Records,
    pub media: Media,
    /// Before the damage.
    pub everything: (Records, Media),
}

/// The newest snapshot that opens, restored.
pub(super) fn restored(repository: &Repository) -> (u64, Restored) {
    let Newest { snapshot, .. } = repository.newest().expect("a list");
    let snapshot = snapshot.expect("one that opens");
    (snapshot.sequence(), restore(repository, &snapshot))
}

fn restore(repository: &Repository, snapshot: &Snapshot) -> Restored {
    let mut sink = ListSink::default();
    repository
        .restore(snapshot, &Default::default(), &mut sink, &Unobserved)
        .expect("what is whole comes back");
    sink.into()
}

impl Expected {
    pub(super) fn of(world: &World, damaged: &Blobs) -> Self {
        let (_, intact) = world.opened(world.blobs.clone());
        let (newest, whole) = restored(&intact);
        let there = Objects::of(world, &intact, damaged);
        let snapshot = intact.snapshot(newest).expect("it is whole");
        let mut reader = ObjectReader::new(intact.store.as_ref(), &intact.keys, &there.index);
        let mut records = Records::new();
        let mut media = Media::new();
        for id in snapshot.manifest.catalogs.iter().filter(|id| there.has(id)) {
            let Catalog { segments, media: files, .. } = reader.catalog(id).expect("it is whole");
            for segment in segments.iter().filter(|s| there.has(&s.id)) {
                let plain = reader.read(ObjectKind::Segment, &segment.id).expect("it is whole");
                let each = SegmentRecords::new(&plain)
                    .map(|r| (segment.stream.clone(), r.expect("whole").to_vec()));
                records.extend(each);
            }
            for file in files.iter().filter(|f| f.pieces.iter().all(|p| there.has(p))) {
                media.insert(file.hash, whole.media[&file.hash].clone());
            }
        }
        Self { newest, records, media, everything: (whole.records, whole.media) }
    }
}

/// Objects of the backup before the damage, and which of them are still there.
struct Objects<'a> {
    index: Index,
    before: &'a Blobs,
    damaged: &'a Blobs,
}

impl<'a> Objects<'a> {
    fn of(world: &'a World, intact: &Repository, damaged: &'a Blobs) -> Self {
        let index = Index::load(intact.store.as_ref(), &intact.keys).expect("a list");
        Self { index, before: &world.blobs, damaged }
    }

    fn has(&self, id: &ObjectId) -> bool {
        self.index.places(id).any(|place| {
            let path = self.index.packs[place.pack as usize].id.path();
            let range =
                place.entry.offset as usize..(place.entry.offset + place.entry.len) as usize;
            let now = self.damaged.get(&path).and_then(|bytes| bytes.get(range.clone()));
            now == self.before[&path].get(range)
        })
    }
}
