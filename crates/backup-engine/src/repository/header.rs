//! The header: two files with the same bytes, a copy inside a pack, and for who has the key nothing
//! at all.

use super::Repository;
use crate::error::BackupError;
use crate::format::{FileKind, ObjectKind, PackId, SnapshotName, open_file};
use crate::objects::{Index, ObjectReader, passing, read_directory};
use crate::store::{Store, StoreEntry, StoreError};
use sealed_keys::{BackupKey, Header, KeyError, MAX_HEADER, RepositoryId, SlotKey, SlotKind};
use std::collections::BTreeSet;

pub(super) const PATH: &str = "keepsake.json";
pub(super) const COPY: &str = "copies/keepsake.json";

/// Files that are asked for a repository's id when there is no header: more than one, since any may
/// be foreign.
const ASKED: usize = 16;

/// magic (8) + repository (16): the beginning of every file but the header.
const FILE_HEAD: usize = 24;

impl Repository {
    /// Reads the key slots without any key: the file, or where that is damaged its copy.
    ///
    /// # Errors
    /// `NotARepository`, `Missing` (a backup that lost its header), `Damaged`, `Unsupported`.
    pub fn read_header(store: &dyn Store) -> Result<Header, BackupError> {
        let mut found = Candidates::read(store)?;
        if found.headers.iter().any(|h| h.repository != found.headers[0].repository) {
            // One of them is another backup's.
            let ids = repository_ids(store)?;
            found.headers.retain(|h| ids.contains(&h.repository.0));
        }
        // Of two that are whole, the younger: a crash between the two writes leaves the older one
        // behind.
        found.headers.sort_by_key(|h| h.generation);
        match found.headers.pop() {
            Some(header) => Ok(header),
            None => Err(found.refusal(store)?),
        }
    }
}

/// Both header files, as far as they can be read.
struct Candidates {
    headers: Vec<Header>,
    problems: Vec<BackupError>,
}

impl Candidates {
    fn read(store: &dyn Store) -> Result<Self, BackupError> {
        let mut found = Self { headers: Vec::new(), problems: Vec::new() };
        for path in [PATH, COPY] {
            match read(store, path) {
                Ok(Some(header)) => found.headers.push(header),
                Ok(None) => {}
                Err(problem) => found.problems.push(passing(problem)?),
            }
        }
        Ok(found)
    }

    /// Why there is no header.
    fn refusal(self, store: &dyn Store) -> Result<BackupError, BackupError> {
        let newer = |p: &BackupError| matches!(p, BackupError::Unsupported { .. });
        let mut problems = self.problems;
        problems.sort_by_key(|p| !newer(p));
        match problems.into_iter().next() {
            Some(problem) => Ok(problem),
            None if repository_ids(store)?.is_empty() => Ok(BackupError::NotARepository),
            None => Ok(BackupError::Missing { object: PATH.into() }),
        }
    }
}

fn read(store: &dyn Store, path: &str) -> Result<Option<Header>, BackupError> {
    match store.get(path, MAX_HEADER) {
        Err(StoreError::NotFound(_)) => Ok(None),
        bytes => Header::parse(&bytes?).map(Some).map_err(BackupError::sealed(path)),
    }
}

/// The header that `key` made, and what was wrong on the way to it.
///
/// # Errors
/// As [`Repository::open_with_key`].
pub(super) fn open(
    store: &dyn Store,
    key: &BackupKey,
) -> Result<(Header, Vec<String>), BackupError> {
    let mut found = Candidates::read(store)?;
    let mut whole: Vec<Header> = Vec::new();
    let mut wrong_key = false;
    let mut changed = false;
    for header in std::mem::take(&mut found.headers) {
        match header.verify(key) {
            Ok(()) => whole.push(header),
            Err(KeyError::WrongKey(_)) => {
                wrong_key = true;
                changed |= header.succeeds(key);
            }
            Err(problem) => found.problems.push(BackupError::sealed(PATH)(problem)),
        }
    }
    // Also if the other file is still as it was before: a crash, or somebody who wants the old key
    // back.
    if changed {
        return Err(BackupError::KeyChanged);
    }
    if whole.iter().any(|h| h.repository != whole[0].repository) {
        // One of them is from another backup of the same person: the one that the other files do
        // not belong to.
        let mut ours = Vec::new();
        for header in whole {
            match opens_something(store, &header, key)? {
                true => ours.push(header),
                false => {
                    found.problems.push(BackupError::damaged(PATH, "it belongs to another backup"))
                }
            }
        }
        whole = ours;
    }
    whole.sort_by_key(|h| h.generation);
    let told = |problems: &[BackupError]| problems.iter().map(ToString::to_string).collect();
    if let Some(header) = whole.pop() {
        return Ok((header, told(&found.problems)));
    }
    if let Some(header) = without_header(store, key)? {
        let mut problems: Vec<String> = told(&found.problems);
        problems.push(format!("{PATH} and its copy cannot be used"));
        return Ok((header, problems));
    }
    match wrong_key {
        true => Err(BackupError::WrongKey { object: PATH.into() }),
        false => Err(found.refusal(store)?),
    }
}

/// The backup key, from a slot of either file.
pub(super) fn open_slot(
    store: &dyn Store,
    kind: SlotKind,
    slot_key: &SlotKey,
) -> Result<BackupKey, BackupError> {
    let found = Candidates::read(store)?;
    let mut refusal = None;
    for header in &found.headers {
        match header.open_with(kind.clone(), slot_key) {
            Ok(key) => return Ok(key),
            Err(KeyError::NoSuchSlot) => {}
            Err(error) => refusal = Some(BackupError::sealed(PATH)(error)),
        }
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None if found.headers.is_empty() => Err(found.refusal(store)?),
        None => Err(BackupError::WrongKey { object: PATH.into() }),
    }
}

/// Replaces both files.
pub(super) fn write(store: &dyn Store, header: &Header) -> Result<(), BackupError> {
    let bytes = header.to_bytes();
    store.put(PATH, &bytes)?;
    store.put(COPY, &bytes)?;
    Ok(())
}

/// A crash between the two writes of [`write`] leaves the copy as it was before, or none.
pub(super) fn copy_is_behind(store: &dyn Store, header: &Header) -> Result<bool, BackupError> {
    match read(store, COPY) {
        Ok(None) => Ok(true),
        Ok(Some(copy)) => {
            Ok(copy.generation < header.generation && copy.repository == header.repository)
        }
        Err(problem) => passing(problem).map(|_| false),
    }
}

/// What is wrong with the header files, for a check.
pub(super) fn problems(
    store: &dyn Store,
    key: &BackupKey,
    repository: RepositoryId,
) -> Result<Vec<BackupError>, BackupError> {
    let mut problems = Vec::new();
    let mut headers = Vec::new();
    for path in [PATH, COPY] {
        let header = match read(store, path) {
            Ok(Some(header)) if header.repository != repository => {
                Err(BackupError::damaged(path, "it belongs to another backup"))
            }
            Ok(Some(header)) => {
                header.verify(key).map(|()| Some(header)).map_err(BackupError::sealed(path))
            }
            other => other,
        };
        match header {
            Ok(header) => headers.push(header),
            Err(problem) => problems.push(passing(problem)?),
        }
    }
    if let [Some(main), copy] = headers.as_slice()
        && main.has_copies()
        && copy.is_none()
    {
        problems.push(BackupError::Missing { object: COPY.into() });
    }
    if let [None, ..] = headers.as_slice() {
        problems.push(BackupError::Missing { object: PATH.into() });
    }
    Ok(problems)
}

/// Who has the key needs no header: the repository's id is at the head of every other file. The
/// header's copy in a pack is taken if there is one; else a header without slots, which is not
/// written anywhere.
pub(super) fn without_header(
    store: &dyn Store,
    key: &BackupKey,
) -> Result<Option<Header>, BackupError> {
    for repository in repository_ids(store)? {
        let bare = Header::create(RepositoryId(repository), 0, key);
        if opens_something(store, &bare, key)? {
            return Ok(Some(from_packs(store, key, &bare)?.unwrap_or(bare)));
        }
    }
    Ok(None)
}

/// Ids that stand in clear at the head of files.
fn repository_ids(store: &dyn Store) -> Result<BTreeSet<[u8; 16]>, BackupError> {
    let mut ids = BTreeSet::new();
    for folder in ["snapshots", "copies", "index", "packs"] {
        for file in store.list(folder)?.into_iter().take(ASKED) {
            let path = format!("{folder}/{}", file.name);
            let head = match store.get_range(&path, 0, FILE_HEAD) {
                Err(StoreError::NotFound(_)) => continue,
                head => head?,
            };
            let ours = head.starts_with(b"KEEPSNP1")
                || head.starts_with(b"KEEPIDX1")
                || head.starts_with(b"KEEPPAK1");
            if let (true, Some(id)) = (ours, head.last_chunk::<16>()) {
                ids.insert(*id);
            }
        }
    }
    Ok(ids)
}

/// Whether the key opens any file of this repository.
fn opens_something(
    store: &dyn Store,
    header: &Header,
    key: &BackupKey,
) -> Result<bool, BackupError> {
    let keys = key.repository_keys(header.repository);
    for kind in [FileKind::Snapshot, FileKind::Index] {
        for file in from_both_ends(store.list(kind.folder())?) {
            let path = format!("{}/{}", kind.folder(), file.name);
            let sealed_as = SnapshotName::parse(&file.name)
                .filter(|_| kind == FileKind::Snapshot)
                .map_or(file.name, |name| name.sealed_as());
            let opened = store.get(&path, kind.limit()).map_err(BackupError::from);
            match opened.and_then(|bytes| open_file(&keys, kind, &sealed_as, &bytes)) {
                Ok(_) => return Ok(true),
                Err(problem) => drop(passing(problem)?),
            }
        }
    }
    for file in store.list("packs")?.into_iter().take(ASKED) {
        let Some(id) = PackId::from_name(&file.name) else { continue };
        match read_directory(store, &keys, id, file.len) {
            Ok(_) => return Ok(true),
            Err(problem) => drop(passing(problem)?),
        }
    }
    Ok(false)
}

/// The oldest and the newest files: if the key was changed, it opens only some.
fn from_both_ends(mut files: Vec<StoreEntry>) -> impl Iterator<Item = StoreEntry> {
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let newest = files.split_off(files.len() - files.len().min(ASKED));
    newest.into_iter().rev().chain(files.into_iter().take(ASKED))
}

/// The youngest header among the packs' objects.
fn from_packs(
    store: &dyn Store,
    key: &BackupKey,
    bare: &Header,
) -> Result<Option<Header>, BackupError> {
    let keys = key.repository_keys(bare.repository);
    let index = Index::load(store, &keys)?;
    let mut reader = ObjectReader::new(store, &keys, &index);
    let mut found = Vec::new();
    for id in index.of_kind(ObjectKind::Header) {
        match reader.read(ObjectKind::Header, id) {
            Ok(bytes) => found.extend(Header::parse(&bytes).ok().filter(|h| h.verify(key).is_ok())),
            Err(problem) => drop(passing(problem)?),
        }
    }
    Ok(found.into_iter().max_by_key(|h| h.generation))
}
