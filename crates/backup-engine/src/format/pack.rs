//! Packs: many sealed objects in one file.

use super::directory::{DirectoryEntry, ObjectKind};
use super::pack_id::PackId;
use super::payload::{Content, PayloadEncoder};
use super::reader::Reader;
use super::{FormatError, IndexedPack, ObjectId, labels};
use crate::error::BackupError;
use crate::limits::{MAX_PACK, PACK_TARGET};
use sealed_keys::{Opener, OsRng, RepositoryKeys, Sealer, TAG_LEN, labelled};

const MAGIC: &[u8; 8] = b"KEEPPAK1";

/// magic (8) + repository (16) + pack id (32) + commitment (32)
const HEAD: usize = 88;

/// Fills one pack: head || sealed objects || sealed directory || length of the sealed directory
/// (u32).
pub struct PackBuilder {
    repository: [u8; 16],
    id: PackId,
    sealer: Sealer,
    bytes: Vec<u8>,
    entries: Vec<DirectoryEntry>,
    room: PackRoom,
}

/// Memory that is used for one pack after the other.
#[derive(Default)]
pub struct PackRoom {
    bytes: Vec<u8>,
    object: Vec<u8>,
    encoder: PayloadEncoder,
}

impl PackRoom {
    /// For packs that will be full: one more full media piece above the target.
    pub fn of_full_packs() -> Self {
        Self { bytes: Vec::with_capacity(PACK_TARGET + 3 * 1024 * 1024), ..Self::default() }
    }
}

impl PackBuilder {
    pub fn new(keys: &RepositoryKeys, mut room: PackRoom) -> Self {
        let repository = keys.repository.0;
        let sealer = Sealer::new(&keys.data, labels::PACK_KEY, &[&repository], &mut OsRng);
        let id = PackId(*sealer.salt());
        let mut bytes = std::mem::take(&mut room.bytes);
        bytes.clear();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&repository);
        bytes.extend_from_slice(&id.0);
        bytes.extend_from_slice(sealer.commitment());
        Self { repository, id, sealer, bytes, entries: Vec::new(), room }
    }

    /// Compresses, pads and seals one object.
    pub fn add(&mut self, kind: ObjectKind, id: ObjectId, plain: &[u8]) {
        let content = if kind == ObjectKind::Media { Content::Media } else { Content::Records };
        let sealed = &mut self.room.object;
        sealed.clear();
        self.room.encoder.encode(content, plain, sealed);
        let place = self.entries.len() as u32;
        let aad = object_aad(&self.repository, kind, &self.id, place, &id);
        let counter = self.sealer.seal(&aad, sealed);
        debug_assert_eq!(counter, u64::from(place));
        let (offset, len) = (self.bytes.len() as u32, sealed.len() as u32);
        self.bytes.extend_from_slice(sealed);
        self.entries.push(DirectoryEntry { id, kind, offset, len });
    }

    pub fn is_full(&self) -> bool {
        self.bytes.len() >= PACK_TARGET
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file, and what the index must know of it. The memory can be used again: see
    /// [`FinishedPack::room`].
    pub fn finish(mut self) -> FinishedPack {
        let mut directory = Vec::with_capacity(self.entries.len() * DirectoryEntry::LEN + TAG_LEN);
        self.entries.iter().for_each(|e| e.write(&mut directory));
        self.sealer.finish(&directory_aad(&self.repository, &self.id), &mut directory);
        self.bytes.extend_from_slice(&directory);
        self.bytes.extend_from_slice(&(directory.len() as u32).to_be_bytes());
        assert!(self.bytes.len() <= MAX_PACK, "a pack is closed at the target");
        let indexed =
            IndexedPack { id: self.id, len: self.bytes.len() as u32, entries: self.entries };
        FinishedPack { bytes: self.bytes, indexed, room: self.room }
    }
}

/// A pack that is to be written.
pub struct FinishedPack {
    pub bytes: Vec<u8>,
    pub indexed: IndexedPack,
    room: PackRoom,
}

impl FinishedPack {
    /// For the next pack, once this is written.
    pub fn room(self) -> (IndexedPack, PackRoom) {
        (self.indexed, PackRoom { bytes: self.bytes, ..self.room })
    }
}

/// A pack's parts, before any seal is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pack<'a> {
    pub repository: [u8; 16],
    pub id: PackId,
    pub commitment: [u8; 32],
    pub directory: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Pack<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        if bytes.len() > MAX_PACK {
            return Err(FormatError("it is too large"));
        }
        let mut reader = Reader(bytes);
        if reader.array::<8>()? != *MAGIC {
            return Err(FormatError("it is not a pack"));
        }
        let (repository, id, commitment) =
            (reader.array()?, PackId(reader.array()?), reader.array()?);
        let short = FormatError("it ends too early");
        let (rest, len) = reader.0.split_last_chunk::<4>().ok_or(short.clone())?;
        let len = u32::from_be_bytes(*len) as usize;
        let start =
            rest.len().checked_sub(len).ok_or(FormatError("its directory is not where it says"))?;
        if len < TAG_LEN || !(len - TAG_LEN).is_multiple_of(DirectoryEntry::LEN) {
            return Err(FormatError("its directory is not where it says"));
        }
        Ok(Self { repository, id, commitment, directory: &rest[start..], bytes })
    }

    /// Opens the directory of a pack that should be `id`. Errors: `WrongKey`, `Damaged`; both name
    /// the pack.
    pub fn open(
        &self,
        keys: &RepositoryKeys,
        id: PackId,
    ) -> Result<(Opener, IndexedPack), BackupError> {
        let path = id.path();
        if self.repository != keys.repository.0 {
            return Err(BackupError::damaged(path, "it belongs to another backup"));
        }
        if self.id != id {
            return Err(BackupError::damaged(path, "it is another pack under this name"));
        }
        let opener = pack_opener(keys, id);
        opener.check_commitment(&self.commitment).map_err(BackupError::sealed(&path))?;
        let indexed = open_directory(keys, id, self.bytes.len() as u32, self.directory)?;
        Ok((opener, indexed))
    }
}

/// Opens the sealed directory of the pack `id`, a file of `len` bytes.
///
/// # Errors
/// `Damaged`, naming the pack.
pub(crate) fn open_directory(
    keys: &RepositoryKeys,
    id: PackId,
    len: u32,
    sealed: &[u8],
) -> Result<IndexedPack, BackupError> {
    let path = id.path();
    let mut directory = sealed.to_vec();
    pack_opener(keys, id)
        .open_last(&directory_aad(&keys.repository.0, &id), &mut directory)
        .map_err(|_| BackupError::damaged(&path, "the seal of its directory does not fit"))?;
    let end = u64::from(len).saturating_sub(sealed.len() as u64 + 4);
    let entries = entries(&directory, end).map_err(|e| BackupError::damaged(&path, e.0))?;
    Ok(IndexedPack { id, len, entries })
}

/// Objects must follow each other from the head to `end` without gaps.
fn entries(directory: &[u8], end: u64) -> Result<Vec<DirectoryEntry>, FormatError> {
    let mut reader = Reader(directory);
    let mut entries = Vec::with_capacity(directory.len() / DirectoryEntry::LEN);
    let mut at = HEAD as u64;
    while !reader.is_empty() {
        let entry = DirectoryEntry::read(&mut reader)?;
        if u64::from(entry.offset) != at {
            return Err(FormatError("there is a gap between its objects"));
        }
        at += u64::from(entry.len);
        entries.push(entry);
    }
    if at == end { Ok(entries) } else { Err(FormatError("its objects do not fill it")) }
}

/// Opens objects of a pack, of the present key or a former one. The keys may be wrong;
/// [`Pack::open`] tells.
pub fn pack_opener(keys: &RepositoryKeys, id: PackId) -> Opener {
    let fields: [&[u8]; 1] = [&keys.repository.0];
    let present = Opener::new(&keys.data, &id.0, labels::PACK_KEY, &fields);
    keys.former
        .iter()
        .fold(present, |opener, former| opener.or(&former.data, &id.0, labels::PACK_KEY, &fields))
}

pub(crate) fn object_aad(
    repository: &[u8; 16],
    kind: ObjectKind,
    pack: &PackId,
    place: u32,
    id: &ObjectId,
) -> Vec<u8> {
    labelled(labels::OBJECT, &[repository, &[kind.byte()], &pack.0, &place.to_be_bytes(), id])
}

fn directory_aad(repository: &[u8; 16], pack: &PackId) -> Vec<u8> {
    labelled(labels::DIRECTORY, &[repository, &pack.0])
}
