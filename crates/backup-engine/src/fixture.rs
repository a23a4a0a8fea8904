//! A source and a sink in memory, for tests and examples.

use crate::port::{Change, MediaHash, MediaSource, Sink, Source, SourceError, SourceId};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

enum Item {
    Opening { stream: Vec<u8>, bytes: Vec<u8> },
    Record { stream: Vec<u8>, bytes: Vec<u8> },
    Media { hash: MediaHash, size: u64 },
}

/// Records and media in a list; the cursor is the list's length.
pub struct ListSource {
    id: SourceId,
    items: Vec<Item>,
    media: BTreeMap<MediaHash, Vec<u8>>,
    rotten: BTreeSet<MediaHash>,
}

impl ListSource {
    pub fn new(id: u8) -> Self {
        Self {
            id: SourceId([id; 16]),
            items: Vec::new(),
            media: BTreeMap::new(),
            rotten: BTreeSet::new(),
        }
    }

    /// Every segment of the stream begins with `bytes` from now on.
    pub fn opening(&mut self, stream: &str, bytes: &[u8]) {
        self.items.push(Item::Opening { stream: stream.into(), bytes: bytes.into() });
    }

    pub fn record(&mut self, stream: &str, bytes: &[u8]) {
        self.items.push(Item::Record { stream: stream.into(), bytes: bytes.into() });
    }

    pub fn media(&mut self, bytes: &[u8]) -> MediaHash {
        let hash = sealed_keys::digest(bytes);
        self.media.insert(hash, bytes.into());
        self.items.push(Item::Media { hash, size: bytes.len() as u64 });
        hash
    }

    /// The file can be opened, and fails at its end.
    pub fn spoil_media(&mut self, hash: &MediaHash) {
        self.rotten.insert(*hash);
    }

    /// A lost file is there again.
    pub fn find_media(&mut self, bytes: &[u8]) {
        self.media.insert(sealed_keys::digest(bytes), bytes.into());
    }

    /// The file is gone, though the records still name it.
    pub fn lose_media(&mut self, hash: &MediaHash) {
        self.media.remove(hash);
    }
}

impl Source for ListSource {
    fn id(&self) -> SourceId {
        self.id
    }

    fn head(&self) -> Result<u64, SourceError> {
        Ok(self.items.len() as u64)
    }

    fn changes(
        &self,
        since: u64,
        until: u64,
        visit: &mut dyn FnMut(Change<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        for item in &self.items[since as usize..until as usize] {
            match item {
                Item::Opening { stream, bytes } => {
                    visit(Change::Stream { stream, opening: bytes })?
                }
                Item::Record { stream, bytes } => visit(Change::Record { stream, bytes })?,
                Item::Media { hash, size } => visit(Change::Media { hash: *hash, size: *size })?,
            }
        }
        Ok(())
    }

    fn media(&self) -> &dyn MediaSource {
        self
    }
}

impl MediaSource for ListSource {
    fn open(&self, hash: &MediaHash) -> Result<Option<Box<dyn Read + '_>>, SourceError> {
        let Some(bytes) = self.media.get(hash) else { return Ok(None) };
        Ok(Some(if self.rotten.contains(hash) {
            Box::new(bytes.chain(Rotten))
        } else {
            Box::new(bytes.as_slice())
        }))
    }
}

struct Rotten;

impl Read for Rotten {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the file is rotten"))
    }
}

/// Keeps everything, in the order in which it came.
#[derive(Default)]
pub struct ListSink {
    pub records: Vec<(Vec<u8>, Vec<u8>)>,
    pub media: BTreeMap<MediaHash, Vec<u8>>,
    pub done: Vec<Vec<u8>>,
    pub points: Vec<crate::port::RestorePoint>,
}

impl Sink for ListSink {
    fn record(&mut self, stream: &[u8], bytes: &[u8]) -> Result<(), SourceError> {
        self.records.push((stream.into(), bytes.into()));
        Ok(())
    }

    fn reached(&mut self, point: crate::port::RestorePoint) -> Result<(), SourceError> {
        self.points.push(point);
        Ok(())
    }

    fn stream_done(&mut self, stream: &[u8]) -> Result<(), SourceError> {
        self.done.push(stream.into());
        Ok(())
    }

    fn has_media(&mut self, hash: &MediaHash) -> Result<bool, SourceError> {
        Ok(self.media.contains_key(hash))
    }

    fn media(
        &mut self,
        hash: &MediaHash,
        _size: u64,
        content: &mut dyn Read,
    ) -> Result<(), SourceError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        self.media.insert(*hash, bytes);
        Ok(())
    }
}
