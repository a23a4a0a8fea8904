//! What a snapshot is made of, by object.

use super::reader::Reader;
use super::{FormatError, ObjectId};
use crate::limits::{CATALOG_TARGET, MAX_PIECES, MAX_STREAM_ID};
use crate::port::MediaHash;
use std::collections::HashSet;

/// Records of one stream, in one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentEntry {
    pub stream: Vec<u8>,
    pub id: ObjectId,
    pub records: u32,
    /// Plaintext bytes.
    pub bytes: u32,
}

/// A media file and its pieces, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaEntry {
    pub hash: MediaHash,
    pub size: u64,
    pub pieces: Vec<ObjectId>,
}

/// A media file that the source named and could not give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingEntry {
    pub hash: MediaHash,
    /// As the source said.
    pub size: u64,
    /// For a person; at most [`MAX_REASON`] bytes.
    pub why: String,
}

impl MissingEntry {
    /// A reason that is too long is cut.
    pub fn new(hash: MediaHash, size: u64, why: &str) -> Self {
        let mut end = why.len().min(MAX_REASON);
        while !why.is_char_boundary(end) {
            end -= 1;
        }
        Self { hash, size, why: why[..end].into() }
    }
}

/// What one backup added. A snapshot is the concatenation of its catalogs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Segments of a stream are in the order of their records.
    pub segments: Vec<SegmentEntry>,
    pub media: Vec<MediaEntry>,
    /// Of a file that is in `media` as well, here or in another catalog, it was brought later.
    pub missing: Vec<MissingEntry>,
}

/// stream length (1) + id (32) + records (4) + bytes (4)
const SEGMENT_LEAST: usize = 41;

/// hash (32) + size (8) + count (4)
const MEDIA_LEAST: usize = 44;

/// hash (32) + size (8) + reason length (1)
const MISSING_LEAST: usize = 41;

/// A sentence.
pub const MAX_REASON: usize = 255;

impl Catalog {
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.media.is_empty() && self.missing.is_empty()
    }

    pub fn append(&mut self, mut other: Self) {
        self.segments.append(&mut other.segments);
        self.media.append(&mut other.media);
        self.missing.append(&mut other.missing);
    }

    /// Forgets what is said to be missing and is there, or is said twice.
    pub fn settle_missing(&mut self) {
        let there: HashSet<MediaHash> = self.media.iter().map(|m| m.hash).collect();
        let mut named = HashSet::new();
        self.missing.retain(|m| !there.contains(&m.hash) && named.insert(m.hash));
    }

    /// count (u32) || segments || count (u32) || media || count (u32) || missing. The last list is
    /// left out when it is empty, as catalogs of the first format have none.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&(self.segments.len() as u32).to_be_bytes());
        for segment in &self.segments {
            let stream_len =
                u8::try_from(segment.stream.len()).expect("checked against MAX_STREAM_ID, 255");
            out.push(stream_len);
            out.extend_from_slice(&segment.stream);
            out.extend_from_slice(&segment.id);
            out.extend_from_slice(&segment.records.to_be_bytes());
            out.extend_from_slice(&segment.bytes.to_be_bytes());
        }
        out.extend_from_slice(&(self.media.len() as u32).to_be_bytes());
        for media in &self.media {
            out.extend_from_slice(&media.hash);
            out.extend_from_slice(&media.size.to_be_bytes());
            out.extend_from_slice(&(media.pieces.len() as u32).to_be_bytes());
            media.pieces.iter().for_each(|p| out.extend_from_slice(p));
        }
        if !self.missing.is_empty() {
            out.extend_from_slice(&(self.missing.len() as u32).to_be_bytes());
        }
        for missing in &self.missing {
            out.extend_from_slice(&missing.hash);
            out.extend_from_slice(&missing.size.to_be_bytes());
            out.push(missing.why.len() as u8);
            out.extend_from_slice(missing.why.as_bytes());
        }
        out
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader(bytes);
        let segments = (0..reader.count(SEGMENT_LEAST)?)
            .map(|_| segment(&mut reader))
            .collect::<Result<_, _>>()?;
        let media = (0..reader.count(MEDIA_LEAST)?)
            .map(|_| media(&mut reader))
            .collect::<Result<_, _>>()?;
        let count = if reader.is_empty() { 0 } else { reader.count(MISSING_LEAST)? };
        let missing = (0..count).map(|_| missing(&mut reader)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { segments, media, missing })
    }

    /// Cuts into catalogs that each fit in an object, keeping the order.
    pub fn split(self) -> Vec<Self> {
        let mut parts = vec![Self::default()];
        let mut size = 0;
        let mut room = |parts: &mut Vec<Self>, len: usize| {
            if size > 0 && size + len > CATALOG_TARGET {
                parts.push(Self::default());
                size = 0;
            }
            size += len;
        };
        for segment in self.segments {
            room(&mut parts, SEGMENT_LEAST + segment.stream.len());
            parts.last_mut().expect("never empty").segments.push(segment);
        }
        for media in self.media {
            room(&mut parts, MEDIA_LEAST + 32 * media.pieces.len());
            parts.last_mut().expect("never empty").media.push(media);
        }
        for missing in self.missing {
            room(&mut parts, MISSING_LEAST + missing.why.len());
            parts.last_mut().expect("never empty").missing.push(missing);
        }
        parts
    }
}

const _: () = assert!(MAX_STREAM_ID == u8::MAX as usize);

fn segment(reader: &mut Reader<'_>) -> Result<SegmentEntry, FormatError> {
    let stream_len = usize::from(reader.byte()?);
    let stream = reader.bytes(stream_len)?.to_vec();
    Ok(SegmentEntry { stream, id: reader.array()?, records: reader.u32()?, bytes: reader.u32()? })
}

fn media(reader: &mut Reader<'_>) -> Result<MediaEntry, FormatError> {
    let (hash, size) = (reader.array()?, reader.u64()?);
    let count = reader.count(32)?;
    if count > MAX_PIECES {
        return Err(FormatError("a media file has too many pieces"));
    }
    let pieces = (0..count).map(|_| reader.array()).collect::<Result<_, _>>()?;
    Ok(MediaEntry { hash, size, pieces })
}

fn missing(reader: &mut Reader<'_>) -> Result<MissingEntry, FormatError> {
    let hash = reader.array()?;
    let size = reader.u64()?;
    let len = usize::from(reader.byte()?);
    let why =
        std::str::from_utf8(reader.bytes(len)?).map_err(|_| FormatError("a reason is not text"))?;
    Ok(MissingEntry { hash, size, why: why.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        Catalog {
            segments: vec![SegmentEntry {
                stream: b"a".to_vec(),
                id: [1; 32],
                records: 2,
                bytes: 9,
            }],
            media: vec![MediaEntry { hash: [2; 32], size: 3, pieces: vec![[4; 32]] }],
            missing: vec![MissingEntry::new([5; 32], 6, "it is gone")],
        }
    }

    #[test]
    fn a_catalog_comes_back_with_and_without_what_is_missing() {
        let whole = catalog();
        assert_eq!(Catalog::parse(&whole.to_bytes()).unwrap(), whole);
        let first_format = Catalog { missing: vec![], ..whole };
        assert_eq!(Catalog::parse(&first_format.to_bytes()).unwrap(), first_format);
    }

    #[test]
    fn what_was_brought_later_is_missing_no_longer() {
        let mut whole = catalog();
        whole.missing.push(MissingEntry::new([2; 32], 3, "it is gone"));
        whole.missing.push(MissingEntry::new([5; 32], 6, "it is gone"));
        whole.settle_missing();
        assert_eq!(whole.missing, catalog().missing);
    }

    #[test]
    fn a_reason_is_cut_between_letters() {
        assert_eq!(MissingEntry::new([0; 32], 0, &"ö".repeat(200)).why.len(), 254);
    }
}
