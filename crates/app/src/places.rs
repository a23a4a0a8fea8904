//! Where this computer's backups are, and what it last saw there.

use crate::ownership::Account;
use crate::{AppError, Keepsake, Result};
use backup_engine::{BackupError, FolderStore, Repository, Seen, Store};
use rand_core::OsRng;
use sealed_keys::{BackupKey, Header, KeyError, SlotKind};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

const MAX_PLACES_FILE: u64 = 1024 * 1024;

/// One backup of this computer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub url: String,
    /// Unix seconds.
    pub last_backup: Option<u64>,
    /// Archive cursor that the last backup reached.
    pub cursor: u64,
    pub seen: Option<SeenFile>,
}

/// The newest snapshot seen: an older state must not come back unnoticed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SeenFile {
    sequence: u64,
    hash: String,
    generation: u64,
}

impl From<Seen> for SeenFile {
    fn from(seen: Seen) -> Self {
        Self { sequence: seen.sequence, hash: hex::encode(seen.hash), generation: seen.generation }
    }
}

impl SeenFile {
    pub fn to_seen(&self) -> Option<Seen> {
        let mut hash = [0; 32];
        hex::decode_to_slice(&self.hash, &mut hash).ok()?;
        Some(Seen { sequence: self.sequence, hash, generation: self.generation })
    }
}

impl Keepsake {
    pub(crate) fn places(&self) -> Result<Vec<Place>> {
        let Some(bytes) = self.read("places.json", MAX_PLACES_FILE)? else { return Ok(vec![]) };
        let next = "Move the file away; the next backup makes it again.";
        serde_json::from_slice(&bytes).map_err(|e| AppError::damaged("places.json", e, next))
    }

    pub(crate) fn place(&self, url: &str) -> Result<Option<Place>> {
        Ok(self.places()?.into_iter().find(|p| p.url == url))
    }

    pub(crate) fn keep_place(&self, place: Place) -> Result<()> {
        let mut places = self.places()?;
        places.retain(|p| p.url != place.url);
        places.push(place);
        self.write("places.json", &serde_json::to_vec_pretty(&places).expect("plain data"))
    }
}

/// A folder path or `file://` address, made absolute so that it means the same place from anywhere.
pub(crate) fn address(repo: &str) -> Result<String> {
    let refused = |why: String| {
        let next = "Give a folder, such as /media/disk/keepsake.";
        AppError::new("bad_place", why, "Nothing was written.", next)
    };
    let path = match repo.split_once("://") {
        None => repo,
        Some(("file", path)) => path,
        Some((scheme, _)) => return Err(refused(format!("Backups to {scheme}:// are not possible yet."))),
    };
    if path.is_empty() {
        return Err(refused("No place for the backup was given.".into()));
    }
    let path = std::path::absolute(path).map_err(|e| refused(format!("{path} is not a usable path: {e}.")))?;
    match path.to_str() {
        Some(path) => Ok(path.to_string()),
        None => Err(refused("The path is not valid text.".into())),
    }
}

/// The store of a backup that must be there already.
pub(crate) fn existing_store(address: &str) -> Result<Arc<dyn Store>> {
    if !PathBuf::from(address).is_dir() {
        return Err(AppError::from(BackupError::NotARepository));
    }
    store(address)
}

pub(crate) fn store(address: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(FolderStore::new(address).map_err(BackupError::from)?))
}

/// Opens a backup with this computer's backup key, and refuses an older state than was seen here.
pub(crate) fn open(keepsake: &Keepsake, address: &str) -> Result<Repository> {
    let store = existing_store(address)?;
    Repository::read_header(store.as_ref())?;
    let key = keepsake.backup_key()?.ok_or_else(AppError::no_backup_key)?;
    let repository = Repository::open_with_key(store, &key)?;
    if let Some(seen) = keepsake.place(address)?.and_then(|p| p.seen).and_then(|s| s.to_seen()) {
        repository.verify_seen(&seen)?;
    }
    Ok(repository)
}

/// Makes the header's recovery slot the current account's, if it is not. Slots of older codes go: they open nothing.
pub(crate) fn renew_slots(
    repository: &mut Repository,
    key: &BackupKey,
    account: Option<&Account>,
    now: u64,
) -> Result<()> {
    let Some(account) = account else { return Ok(()) };
    if has_slot(repository.header(), account) {
        return Ok(());
    }
    repository.update_header(key, |header| {
        add_recovery_slot(header, key, account, now)?;
        remove_older(header, key, account)
    })?;
    Ok(())
}

pub(crate) fn add_recovery_slot(
    header: &mut Header,
    key: &BackupKey,
    account: &Account,
    now: u64,
) -> std::result::Result<(), KeyError> {
    header.add_recovery_code(key, &account.slot, (&account.code, &account.slot_key()), now, &mut OsRng).map(|_| ())
}

fn remove_older(header: &mut Header, key: &BackupKey, account: &Account) -> std::result::Result<(), KeyError> {
    let old = |slot: &&sealed_keys::Slot| slot.recovery().is_ok_and(|r| r != account.slot);
    let ids: Vec<_> = header.slots_of(&SlotKind::RecoveryCode).filter(old).map(|s| s.id.clone()).collect();
    ids.iter().try_for_each(|id| header.remove_slot(key, id))
}

fn has_slot(header: &Header, account: &Account) -> bool {
    header.slots_of(&SlotKind::RecoveryCode).any(|s| s.recovery().is_ok_and(|r| r == account.slot))
}

/// Gives every known backup the current code's slot. One that is away gets it with its next backup.
pub(crate) async fn renew_ways_back(keepsake: &Keepsake) -> Result<()> {
    let keepsake = keepsake.clone();
    crate::archive::blocking(move || {
        let (account, key) = (keepsake.account()?, keepsake.backup_key_or_new()?);
        for place in keepsake.places()? {
            if let Ok(mut repository) = open(&keepsake, &place.url) {
                renew_slots(&mut repository, &key, account.as_ref(), crate::clock::unix_now())?;
            }
        }
        Ok(())
    })
    .await
}

/// `recovery_code`, `offline_key`, …: the ways into a backup, each once.
pub(crate) fn ways_back(header: &Header) -> Vec<String> {
    let mut ways: Vec<String> = header.slots.iter().map(|s| s.kind.clone()).collect();
    ways.sort();
    ways.dedup();
    ways
}
