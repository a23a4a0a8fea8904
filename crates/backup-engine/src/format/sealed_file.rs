//! The outside of index and snapshot files.

use super::{FormatError, labels};
use crate::error::BackupError;
use crate::limits::{MAX_INDEX, MAX_REMOVAL, MAX_SNAPSHOT};
use sealed_keys::{
    FormerRepositoryKeys, KeyError, OsRng, RepositoryKeys, SEAL_OVERHEAD, open_box, seal_box,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Index,
    Snapshot,
    Removal,
}

impl FileKind {
    pub fn folder(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Snapshot => "snapshots",
            Self::Removal => "removals",
        }
    }

    pub fn limit(self) -> usize {
        match self {
            Self::Index => MAX_INDEX,
            Self::Snapshot => MAX_SNAPSHOT,
            Self::Removal => MAX_REMOVAL,
        }
    }

    fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::Index => b"KEEPIDX1",
            Self::Snapshot => b"KEEPSNP1",
            Self::Removal => b"KEEPREM1",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Index => labels::INDEX,
            Self::Snapshot => labels::SNAPSHOT,
            Self::Removal => labels::REMOVAL,
        }
    }
}

/// An index, snapshot or removal file, before its seal is opened: magic (8) || repository (16) ||
/// sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedFile<'a> {
    pub repository: [u8; 16],
    pub sealed: &'a [u8],
}

impl<'a> SealedFile<'a> {
    pub fn parse(kind: FileKind, bytes: &'a [u8]) -> Result<Self, FormatError> {
        let mut reader = super::reader::Reader(bytes);
        if reader.array::<8>()? != *kind.magic() {
            return Err(FormatError("it is a file of another kind"));
        }
        let repository = reader.array()?;
        if reader.0.len() < SEAL_OVERHEAD {
            return Err(FormatError("it ends too early"));
        }
        Ok(Self { repository, sealed: reader.0 })
    }
}

/// Seals a file under its own name, so that it cannot take another's place.
pub fn seal_file(keys: &RepositoryKeys, kind: FileKind, name: &str, plain: &[u8]) -> Vec<u8> {
    let fields: [&[u8]; 2] = [&keys.repository.0, name.as_bytes()];
    let sealed = seal_box(&keys.meta, kind.label(), &fields, plain, &mut OsRng);
    [kind.magic(), keys.repository.0.as_slice(), &sealed].concat()
}

/// Errors: `Damaged` (also for a file of another repository), `WrongKey`; both name the file.
pub fn open_file(
    keys: &RepositoryKeys,
    kind: FileKind,
    name: &str,
    bytes: &[u8],
) -> Result<Vec<u8>, BackupError> {
    open_file_of(keys, kind, name, bytes).map(|(plain, _)| plain)
}

/// As [`open_file`], with the former keys that sealed the file, if the present ones did not.
pub(crate) fn open_file_of<'k>(
    keys: &'k RepositoryKeys,
    kind: FileKind,
    name: &str,
    bytes: &[u8],
) -> Result<(Vec<u8>, Option<&'k FormerRepositoryKeys>), BackupError> {
    let object = format!("{}/{name}", kind.folder());
    let file = SealedFile::parse(kind, bytes).map_err(|e| BackupError::damaged(&object, e.0))?;
    if file.repository != keys.repository.0 {
        return Err(BackupError::damaged(object, "it belongs to another backup"));
    }
    let fields: [&[u8]; 2] = [&keys.repository.0, name.as_bytes()];
    let former = keys.former.iter().map(|former| (&former.meta, Some(former)));
    for (meta, of) in std::iter::once((&keys.meta, None)).chain(former) {
        match open_box(meta, kind.label(), &fields, file.sealed) {
            Err(KeyError::WrongKey(_)) => {}
            opened => return opened.map(|plain| (plain, of)).map_err(BackupError::sealed(&object)),
        }
    }
    Err(BackupError::WrongKey { object })
}
