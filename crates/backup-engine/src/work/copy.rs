//! A backup once more at another place, as it is: nothing is opened, and no key is needed.

use crate::error::BackupError;
use crate::format::{FileKind, PackId, SnapshotName, is_index_name};
use crate::limits::{MAX_INDEX, MAX_PACK, MAX_REMOVAL};
use crate::port::{Observer, Progress, Stage};
use crate::repository::Repository;
use crate::store::{Store, StoreEntry, StoreError};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Files that are copied at the same time, of at most 40 MiB each: the next is read while one is
/// being written.
const AT_ONCE: usize = 3;

/// How often everything is listed again: a prune beside the copy moves what is needed to new packs.
const PASSES: usize = 4;

/// What snapshots need, and the largest file of each kind.
const NEEDED: [(&str, usize); 3] =
    [("packs", MAX_PACK), ("index", MAX_INDEX), ("removals", MAX_REMOVAL)];

/// What [`copy_backup`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyReport {
    pub files: u64,
    pub bytes: u64,
    /// That were there already.
    pub same: u64,
    pub snapshots: u64,
}

/// One file that is to be copied.
struct Item {
    path: String,
    len: u64,
    limit: usize,
}

/// Copies all that `to` does not have yet: an empty place, or a copy of the same backup. What is
/// only there stays. Snapshots come after all that they need, so that a copy that was stopped is
/// whole, and goes on where it stopped.
///
/// # Errors
/// `NotARepository`, `Missing`, `Damaged` (there is no backup at `from`), `AlreadyExists` (another
/// one is at `to`), `Cancelled`, `DiskFull`, `Store`.
pub fn copy_backup(
    from: &dyn Store,
    to: &dyn Store,
    observer: &dyn Observer,
) -> Result<CopyReport, BackupError> {
    let header = Repository::read_header(from)?;
    let there = match Repository::read_header(to) {
        Ok(there) if there.repository == header.repository => Some(there),
        Ok(_) => return Err(BackupError::AlreadyExists),
        Err(BackupError::NotARepository) => None,
        Err(problem) => return Err(problem),
    };
    let newer = there.as_ref().is_none_or(|there| there.generation < header.generation);
    if newer || !to.exists(Repository::HEADER_COPY)? {
        Repository::write_header_to(to, there.as_ref().filter(|_| !newer).unwrap_or(&header))?;
    }
    let mut report = CopyReport::default();
    for _ in 0..PASSES {
        from.refresh();
        let snapshots = listed(from, FileKind::Snapshot.folder())?;
        report.snapshots = snapshots.len() as u64;
        report.same = 0;
        let mut whole = true;
        for (folder, limit) in NEEDED {
            let needed = lacking(from, to, (folder, limit), &mut report.same)?;
            whole &= copy_all(from, to, &needed, observer, &mut report)?;
        }
        if !whole {
            // Something went away meanwhile: what took its place is listed now.
            continue;
        }
        for folder in [FileKind::Snapshot.folder(), "copies"] {
            let limit = FileKind::Snapshot.limit();
            let mut items = lacking(from, to, (folder, limit), &mut report.same)?;
            items.retain(|item| snapshots.iter().any(|s| item.path.ends_with(&s.name)));
            copy_all(from, to, &items, observer, &mut report)?;
        }
        return Ok(report);
    }
    Err(BackupError::Missing { object: "packs".into() })
}

fn listed(store: &dyn Store, folder: &str) -> Result<Vec<StoreEntry>, BackupError> {
    let is_ours = |name: &str| match folder {
        "copies" | "snapshots" => SnapshotName::parse(name).is_some(),
        "packs" => PackId::from_name(name).is_some(),
        _ => is_index_name(name),
    };
    Ok(store.list(folder)?.into_iter().filter(|file| is_ours(&file.name)).collect())
}

/// Files of a folder that are not at the other place, or shorter there.
fn lacking(
    from: &dyn Store,
    to: &dyn Store,
    (folder, limit): (&str, usize),
    same: &mut u64,
) -> Result<Vec<Item>, BackupError> {
    let there: HashSet<(String, u64)> =
        listed(to, folder)?.into_iter().map(|file| (file.name, file.len)).collect();
    let mut items = Vec::new();
    for file in listed(from, folder)? {
        if there.contains(&(file.name.clone(), file.len)) {
            *same += 1;
        } else {
            items.push(Item { path: format!("{folder}/{}", file.name), len: file.len, limit });
        }
    }
    Ok(items)
}

/// False if one of them is not there any more.
fn copy_all(
    from: &dyn Store,
    to: &dyn Store,
    items: &[Item],
    observer: &dyn Observer,
    report: &mut CopyReport,
) -> Result<bool, BackupError> {
    let bytes_total = items.iter().map(|item| item.len).sum();
    let (next, bytes, files) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let gone = AtomicBool::new(false);
    let copier = || {
        while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
            if observer.cancelled() {
                return Err(BackupError::Cancelled);
            }
            match from.get(&item.path, item.limit) {
                Err(StoreError::NotFound(_)) => gone.store(true, Relaxed),
                content => {
                    to.put(&item.path, &content?)?;
                    files.fetch_add(1, Relaxed);
                }
            }
            let bytes = bytes.fetch_add(item.len, Relaxed) + item.len;
            observer.progress(Progress { bytes, bytes_total, ..Progress::at(Stage::Copying) });
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let copiers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(copier)).collect();
        copiers.into_iter().try_for_each(|c| c.join().expect("copiers do not panic"))
    })?;
    report.files += files.into_inner();
    report.bytes += bytes.into_inner();
    Ok(!gone.into_inner())
}
