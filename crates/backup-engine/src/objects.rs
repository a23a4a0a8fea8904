//! Objects by name: where each lies, and how it is read.

mod directories;
mod index;
mod index_files;
mod passing;
mod reader;
mod removals;
mod whole_packs;

pub(crate) use directories::read_directory;
pub(crate) use index::{Index, Place};
pub(crate) use index_files::{replace_index_files, write_index_files};
pub(crate) use passing::passing;
pub(crate) use reader::{ObjectReader, open_object};
pub(crate) use removals::Removals;
pub(crate) use whole_packs::WholePacks;

use crate::format::{ObjectId, ObjectKind, labels};
use sealed_keys::RepositoryKeys;

/// Name of an object from its content.
pub(crate) fn object_id(keys: &RepositoryKeys, kind: ObjectKind, plain: &[u8]) -> ObjectId {
    keys.object_id.id(id_label(kind), &[plain])
}

/// Whether an object's content has this name, by the present key or by one of the time when it was
/// written.
pub(crate) fn has_name(
    keys: &RepositoryKeys,
    kind: ObjectKind,
    plain: &[u8],
    id: &ObjectId,
) -> bool {
    let former = keys.former.iter().map(|former| &former.object_id);
    std::iter::once(&keys.object_id)
        .chain(former)
        .any(|key| key.id(id_label(kind), &[plain]) == *id)
}

fn id_label(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Segment => labels::SEGMENT_ID,
        ObjectKind::Media => labels::MEDIA_ID,
        ObjectKind::Catalog => labels::CATALOG_ID,
        ObjectKind::Snapshot => labels::SNAPSHOT_ID,
        ObjectKind::Header => labels::HEADER_ID,
    }
}

/// For messages: "segment 00ff…".
pub(crate) fn object_name(kind: ObjectKind, id: &ObjectId) -> String {
    format!("{} {}", kind.name(), hex::encode(id))
}
