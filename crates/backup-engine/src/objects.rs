//! Objects by name: where each lies, and how it is read.

mod directories;
mod index;
mod index_files;
mod reader;

pub(crate) use directories::read_directory;
pub(crate) use index::{Index, Place, passing};
pub(crate) use index_files::{replace_index_files, write_index_files};
pub(crate) use reader::{ObjectReader, open_object};

use crate::format::{ObjectId, ObjectKind, labels};
use sealed_keys::RepositoryKeys;

/// Name of an object from its content.
pub(crate) fn object_id(keys: &RepositoryKeys, kind: ObjectKind, plain: &[u8]) -> ObjectId {
    let label = match kind {
        ObjectKind::Segment => labels::SEGMENT_ID,
        ObjectKind::Media => labels::MEDIA_ID,
        ObjectKind::Catalog => labels::CATALOG_ID,
        ObjectKind::Snapshot => labels::SNAPSHOT_ID,
        ObjectKind::Header => labels::HEADER_ID,
    };
    keys.object_id.id(label, &[plain])
}

/// For messages: "segment 00ff…".
pub(crate) fn object_name(kind: ObjectKind, id: &ObjectId) -> String {
    format!("{} {}", kind.name(), hex::encode(id))
}
