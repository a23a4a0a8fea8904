use super::reader::Reader;
use super::{FormatError, ObjectId};
use crate::limits::{CATALOG_TARGET, MAX_PIECES, MAX_STREAM_ID};
use crate::port::MediaHash;

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

/// What one backup added. A snapshot is the concatenation of its catalogs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Segments of a stream are in the order of their records.
    pub segments: Vec<SegmentEntry>,
    pub media: Vec<MediaEntry>,
}

/// stream length (1) + id (32) + records (4) + bytes (4)
const SEGMENT_LEAST: usize = 41;

/// hash (32) + size (8) + count (4)
const MEDIA_LEAST: usize = 44;

impl Catalog {
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.media.is_empty()
    }

    pub fn append(&mut self, mut other: Self) {
        self.segments.append(&mut other.segments);
        self.media.append(&mut other.media);
    }

    /// count (u32) || segments || count (u32) || media
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&(self.segments.len() as u32).to_be_bytes());
        for segment in &self.segments {
            let stream_len = u8::try_from(segment.stream.len()).expect("checked against MAX_STREAM_ID, 255");
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
        out
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader(bytes);
        let segments = (0..reader.count(SEGMENT_LEAST)?).map(|_| segment(&mut reader)).collect::<Result<_, _>>()?;
        let media = (0..reader.count(MEDIA_LEAST)?).map(|_| media(&mut reader)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { segments, media })
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
