//! Opening a backup: with this computer's key, with one that it had before, or with one that
//! another computer passes on.

use super::computers::KnownComputer;
use super::{Destination, existing_store};
use crate::key_change::{bring_forward, drop_overtaken, settle_home};
use crate::{AppError, Keepsake, NextStep, Result};
use backup_engine::{BackupError, Repository, Store};
use sealed_keys::{BackupKey, ComputerId, Header, KeyError};
use std::sync::Arc;

/// Opens a backup with this computer's backup key, and refuses an older state than was seen here.
///
/// A backup that has still a former key of this computer's is opened with that. If another computer
/// gave it a new key, this computer takes it, or says that it was removed.
pub(crate) fn open(keepsake: &Keepsake, address: &str) -> Result<Repository> {
    open_in(keepsake, address, existing_store(keepsake, address)?)
}

fn open_in(keepsake: &Keepsake, address: &str, store: Arc<dyn Store>) -> Result<Repository> {
    let repository = open_unseen_in(keepsake, address, store)?;
    if let Some(seen) =
        keepsake.destination(address)?.and_then(|p| p.seen).and_then(|s| s.to_seen())
    {
        repository.verify_seen(&seen)?;
    }
    Ok(repository)
}

/// As [`open`], to write: a backup with a former key gets the present one first, so that nothing
/// new is sealed under what somebody else may have.
pub(crate) fn open_to_write(keepsake: &Keepsake, address: &str) -> Result<Repository> {
    open_to_write_in(keepsake, address, existing_store(keepsake, address)?)
}

/// As [`open_to_write`], in the store at that address.
pub(crate) fn open_to_write_in(
    keepsake: &Keepsake,
    address: &str,
    store: Arc<dyn Store>,
) -> Result<Repository> {
    let mut repository = open_in(keepsake, address, store)?;
    bring_forward(keepsake, address, &mut repository)?;
    Ok(repository)
}

/// As [`open`], whatever was seen here.
pub(crate) fn open_unseen(keepsake: &Keepsake, address: &str) -> Result<Repository> {
    open_unseen_in(keepsake, address, existing_store(keepsake, address)?)
}

fn open_unseen_in(keepsake: &Keepsake, address: &str, store: Arc<dyn Store>) -> Result<Repository> {
    // A header that is damaged or gone is no obstacle for who has the key.
    if let Err(refused @ (BackupError::NotARepository | BackupError::Unsupported { .. })) =
        Repository::read_header(store.as_ref())
    {
        return Err(refused.into());
    }
    settle_home(keepsake)?;
    let key = keepsake.backup_key()?.ok_or_else(AppError::no_backup_key)?;
    match Repository::open_with_key(store.clone(), &key) {
        Err(BackupError::KeyChanged) => take_new_key(keepsake, address, store, &key),
        Err(wrong @ BackupError::WrongKey { .. }) => {
            open_with_former(keepsake, address, store, wrong)
        }
        opened => Ok(opened?),
    }
}

fn open_with_former(
    keepsake: &Keepsake,
    address: &str,
    store: Arc<dyn Store>,
    wrong: BackupError,
) -> Result<Repository> {
    for key in keepsake.former_backup_keys()? {
        match Repository::open_with_key(store.clone(), &key) {
            Err(BackupError::WrongKey { .. }) => {}
            // Two computers changed the key, and the other one came first here.
            Err(BackupError::KeyChanged) => return take_new_key(keepsake, address, store, &key),
            opened => return Ok(opened?),
        }
    }
    Err(wrong.into())
}

/// The backup has a new key. It is taken from one of the person's computers, as this one knew them,
/// and from nobody else: whoever had the old key can make a header, too.
fn take_new_key(
    keepsake: &Keepsake,
    address: &str,
    store: Arc<dyn Store>,
    old: &BackupKey,
) -> Result<Repository> {
    let header = Repository::read_header(store.as_ref())?;
    let mut place =
        keepsake.destination(address)?.unwrap_or_else(|| Destination::new(address.to_string()));
    let own = keepsake.local_key().computer_key();
    let trusted: Vec<ComputerId> = place.computers.iter().map(|c| c.id.clone()).collect();
    let new = match header.open_computer(&own, &trusted) {
        Ok(new) => new,
        Err(KeyError::NoSuchSlot) => return Err(left_out(&place, &own.id())),
        Err(error) => return Err(error.into()),
    };
    if !header.former_keys(&new)?.iter().any(|former| former.key == *old) {
        return Err(AppError::header_altered("which key it had before"));
    }
    place.notices.push(notice(&header, &new, &place.computers, &own.id())?);
    keepsake.keep_destination(place)?;
    // First: what belongs to the old key must never get a slot under the new one.
    keepsake.set_account_aside()?;
    keepsake.replace_backup_key(&new)?;
    drop_overtaken(keepsake)?;
    Ok(Repository::open_with_key(store, &new)?)
}

/// Says who did it and who is gone: if it was a thief on a stolen computer, the person finds out
/// here.
fn notice(
    header: &Header,
    key: &BackupKey,
    before: &[KnownComputer],
    own: &ComputerId,
) -> Result<String> {
    let now = header.computers(key)?;
    let gone: Vec<&str> = before
        .iter()
        .filter(|b| !now.iter().any(|n| n.id == b.id))
        .map(|b| b.name.as_str())
        .collect();
    let by = now.iter().find(|c| c.id == *own).map(|c| &c.by);
    let by =
        before.iter().find(|b| Some(&b.id) == by).map_or("another computer", |b| b.name.as_str());
    let left = match gone.as_slice() {
        [] => String::new(),
        gone => format!(" Removed: {}.", gone.join(", ")),
    };
    Ok(format!(
        "The key of this backup was changed on {by}, and this computer took the new one.{left} Your old recovery code and passkeys open nothing any more; the new code was shown on {by}. If that was not you, back up to another folder and change the key there."
    ))
}

fn left_out(place: &Destination, own: &ComputerId) -> AppError {
    let happened = match place.computers.iter().any(|c| c.id == *own) {
        true => format!("This computer was removed from the backup in {}.", place.url),
        false => format!(
            "The key of the backup in {} was changed, and this computer is not among those that got the new one.",
            place.url
        ),
    };
    AppError::new(
        "computer_removed",
        happened,
        "The chats on this computer are as they were. Nothing was written to the backup.",
        NextStep::RecoverOrLeaveBackup,
    )
}
