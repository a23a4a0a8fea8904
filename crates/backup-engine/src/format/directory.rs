//! Where objects lie within a pack.

use super::reader::Reader;
use super::{FormatError, ObjectId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// Records of one stream.
    Segment,
    /// A piece of a media file.
    Media,
    /// A list of segments and media.
    Catalog,
    /// A snapshot file's bytes once more.
    Snapshot,
    /// The header's bytes once more.
    Header,
}

impl ObjectKind {
    const ALL: [Self; 5] =
        [Self::Segment, Self::Media, Self::Catalog, Self::Snapshot, Self::Header];

    pub fn byte(self) -> u8 {
        match self {
            Self::Segment => 1,
            Self::Media => 2,
            Self::Catalog => 3,
            Self::Snapshot => 4,
            Self::Header => 5,
        }
    }

    fn from_byte(byte: u8) -> Result<Self, FormatError> {
        let known = Self::ALL.into_iter().find(|k| k.byte() == byte);
        known.ok_or(FormatError("it names an unknown kind of object"))
    }

    /// For messages: "segment 00ff…".
    pub fn name(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Media => "media piece",
            Self::Catalog => "catalog",
            Self::Snapshot => "copy of a snapshot",
            Self::Header => "copy of the header",
        }
    }
}

/// Where an object lies in its pack. Its place in the directory is its nonce counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    pub id: ObjectId,
    pub kind: ObjectKind,
    pub offset: u32,
    /// With the tag.
    pub len: u32,
}

impl DirectoryEntry {
    /// id (32) || kind (1) || offset (u32) || length (u32)
    pub const LEN: usize = 41;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id);
        out.push(self.kind.byte());
        out.extend_from_slice(&self.offset.to_be_bytes());
        out.extend_from_slice(&self.len.to_be_bytes());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (id, kind) = (reader.array()?, ObjectKind::from_byte(reader.byte()?)?);
        Ok(Self { id, kind, offset: reader.u32()?, len: reader.u32()? })
    }
}
