//! The bytes of a repository: parsing and writing, no IO. Every parser takes hostile bytes and
//! never panics.

mod catalog;
mod directory;
mod hashes;
mod index_file;
mod manifest;
mod pack;
mod pack_id;
mod payload;
mod reader;
mod removal;
mod sealed_file;
mod segment;
mod snapshot_name;

pub use catalog::{Catalog, MAX_REASON, MediaEntry, MissingEntry, SegmentEntry};
pub use directory::{DirectoryEntry, ObjectKind};
pub use index_file::{IndexedPack, is_index_name, parse_index, write_index};
pub use manifest::{Manifest, Replaced, SnapshotRef, Totals};
pub use pack::{FinishedPack, Pack, PackBuilder, PackRoom, pack_opener};
pub(crate) use pack::{object_aad, open_directory};
pub use pack_id::PackId;
pub use payload::{Content, PayloadEncoder, decode_payload, padded_len};
pub use removal::{Removal, RemovedPack, RemovedSnapshot};
pub(crate) use sealed_file::open_file_of;
pub use sealed_file::{FileKind, SealedFile, open_file, seal_file};
pub use segment::{SegmentRecords, push_record};
pub use snapshot_name::SnapshotName;

/// Name of an object: keyed BLAKE3 of its plaintext.
pub type ObjectId = [u8; 32];

/// Why bytes are not what they should be. The caller adds the name of the object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FormatError(pub &'static str);

/// Labels of the engine's own messages. Pinned by `labels.txt`.
pub mod labels {
    pub const PACK_KEY: &str = "backup-pack-key";
    pub const OBJECT: &str = "backup-object";
    pub const DIRECTORY: &str = "backup-directory";
    pub const INDEX: &str = "backup-index";
    pub const SNAPSHOT: &str = "backup-snapshot";
    pub const REMOVAL: &str = "backup-removal";
    pub const SEGMENT_ID: &str = "segment-id";
    pub const MEDIA_ID: &str = "media-piece-id";
    pub const CATALOG_ID: &str = "catalog-id";
    pub const SNAPSHOT_ID: &str = "snapshot-id";
    pub const HEADER_ID: &str = "header-id";
}

#[cfg(test)]
mod tests {
    use super::labels::*;

    #[test]
    fn labels_are_pinned() {
        let all = [
            PACK_KEY,
            OBJECT,
            DIRECTORY,
            INDEX,
            SNAPSHOT,
            REMOVAL,
            SEGMENT_ID,
            MEDIA_ID,
            CATALOG_ID,
            SNAPSHOT_ID,
            HEADER_ID,
        ];
        let printed: String = all.iter().map(|l| format!("keepsake/{l}/v1\n")).collect();
        assert_eq!(printed, include_str!("format/labels.txt"));
    }
}
