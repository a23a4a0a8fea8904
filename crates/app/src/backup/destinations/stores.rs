//! The store at an address.

use super::address::remote;
use crate::{AppError, Keepsake, NextStep, Result};
use backup_engine::{BackupError, FolderStore, RememberingStore, Store, StoreError};
use remote_stores::{Address, Credentials, Limits, OpenError, TrialError, try_out};
use sealed_keys::digest;
use std::path::Path;
use std::sync::Arc;

/// The store of a backup that must be there already.
pub(crate) fn existing_store(keepsake: &Keepsake, address: &str) -> Result<Arc<dyn Store>> {
    match Address::is_remote(address) {
        true => remote_store(keepsake, address),
        false => folder_store(address),
    }
}

/// The store of a backup that may have to be made: in a folder that is there, or a new one in a
/// folder that is. A place that is no folder is tried first, unless it was backed up to before.
pub(crate) fn new_store(keepsake: &Keepsake, address: &str) -> Result<Arc<dyn Store>> {
    if Address::is_remote(address) {
        let store = remote_store(keepsake, address)?;
        if keepsake.destination(address)?.is_none() {
            try_store(address, store.as_ref())?;
        }
        return Ok(store);
    }
    // Else a disk that is not plugged in would be taken for an empty folder on this computer's own.
    let there = |path: &Path| path.is_dir();
    if !there(Path::new(address)) && !Path::new(address).parent().is_some_and(there) {
        return Err(not_there(address));
    }
    folder(address)
}

/// A folder that must be there: of whoever has no home, and so no logins.
pub(crate) fn folder_store(address: &str) -> Result<Arc<dyn Store>> {
    if Address::is_remote(address) {
        let happened = format!("{address} is not a folder of this computer.");
        return Err(AppError::new(
            "bad_place",
            happened,
            "Nothing was written.",
            NextStep::DownloadBackup,
        ));
    }
    if !Path::new(address).is_dir() {
        return Err(not_there(address));
    }
    folder(address)
}

/// Tries the place at an address that is no folder, with this login.
pub(crate) fn try_place(address: &str, login: Option<&Credentials>) -> Result<()> {
    try_store(address, opened(address, login)?.as_ref())
}

fn try_store(address: &str, store: &dyn Store) -> Result<()> {
    try_out(store).map_err(|refused| not_usable(address, refused))
}

fn remote_store(keepsake: &Keepsake, address: &str) -> Result<Arc<dyn Store>> {
    let store = opened(address, keepsake.place_login(address)?.as_ref())?;
    let cache = keepsake.home().join("cache").join(hex::encode(&digest(address.as_bytes())[..16]));
    // Where nothing can be remembered, everything is asked for.
    Ok(match RememberingStore::on_disk(store.clone(), cache) {
        Ok(remembering) => Arc::new(remembering),
        Err(_) => Arc::new(RememberingStore::new(store)),
    })
}

fn opened(address: &str, login: Option<&Credentials>) -> Result<Arc<dyn Store>> {
    remote_stores::open(&remote(address)?, login, Limits::default()).map_err(|error| {
        let (code, next) = match &error {
            OpenError::NoCredentials => ("place_login_missing", NextStep::GivePlaceLogin),
            OpenError::NoRclone => ("no_rclone", NextStep::InstallRclone),
            OpenError::Rclone(_) => ("rclone", NextStep::SetUpRclone),
            OpenError::Unusable(_) => ("bad_place", NextStep::CheckPlaceAddress),
        };
        let happened = format!("{address}: {error}.");
        AppError::new(code, happened, "Nothing was changed.", next)
    })
}

fn folder(address: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(FolderStore::new(address).map_err(BackupError::from)?))
}

fn not_there(address: &str) -> AppError {
    AppError::new(
        "place_missing",
        format!("The folder {address} is not there."),
        "Nothing was changed: if it is on a disk or a share, the backup is there as it was.",
        NextStep::ConnectPlace,
    )
}

fn not_usable(address: &str, refused: TrialError) -> AppError {
    let (code, next) = match &refused {
        TrialError::List(error)
        | TrialError::Write(error)
        | TrialError::Read(error)
        | TrialError::Delete(error) => reason(error),
        TrialError::Altered | TrialError::Unlisted => {
            ("place_unsuitable", NextStep::ChooseAnotherPlace)
        }
    };
    let happened = format!("{address} was tried: {refused}.");
    AppError::new(code, happened, "Nothing was backed up there.", next)
}

fn reason(error: &StoreError) -> (&'static str, NextStep) {
    match error {
        StoreError::Full(_) => ("disk_full", NextStep::FreeSpaceThere),
        StoreError::NotFound(_) => ("place_missing", NextStep::CheckPlaceAddress),
        error => crate::error::no_access(error)
            .unwrap_or(("place_unsuitable", NextStep::ChooseAnotherPlace)),
    }
}
