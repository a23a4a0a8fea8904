//! Keys of 64 digits, or 24 words, that open a backup without the vault.

use super::typed_key::typed;
use crate::backup::destinations::{self, Destination, address, existing_store};
use crate::home::unix_now;
use crate::kit::note_removed;
use crate::model::{OfflineKeyEntry, OfflineKeyView};
use crate::progress::blocking;
use crate::protection::note_proof;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result};
use backup_engine::Repository;
use rand_core::OsRng;
use sealed_keys::{Header, OfflineKey, SlotKind};

/// Adds a 64-digit key that opens the backup without the vault. Shown once.
pub async fn add_offline_key(keepsake: &Keepsake, repo: &str) -> Result<OfflineKeyView> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let mut repository = destinations::open_to_write(&keepsake, &url)?;
        let key = repository.key().clone();
        let offline = OfflineKey::generate(&mut OsRng);
        let add = |header: &mut Header| {
            let parameters = serde_json::json!({});
            header.add_slot(
                &key,
                SlotKind::OfflineKey,
                parameters,
                &offline.slot_key(),
                unix_now(),
                &mut OsRng,
            )
        };
        repository.update_header(&key, add)?;
        destinations::remember(&keepsake, &url, &repository, None)?;
        Ok(OfflineKeyView {
            key: offline.display().expose().to_string(),
            words: offline.words().expose().to_string(),
        })
    })
    .await
}

/// The offline keys that open a backup, oldest first.
///
/// # Errors
/// As for any backup: `damaged`, `wrong_key`, ….
pub async fn offline_keys(keepsake: &Keepsake, repo: &str) -> Result<Vec<OfflineKeyEntry>> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let repository = destinations::open(&keepsake, &url)?;
        let slots = repository.header().slots_of(&SlotKind::OfflineKey);
        let mut keys: Vec<_> =
            slots.map(|s| OfflineKeyEntry { id: s.id.0.clone(), made: s.created }).collect();
        keys.sort_by_key(|key| key.made);
        Ok(keys)
    })
    .await
}

/// From now on the offline key `id` does not open the backup, as it is there. Who opened it before
/// may have its backup key, and older copies of the backup still open.
///
/// # Errors
/// `not_found`; `last_way_in`.
pub async fn remove_offline_key(keepsake: &Keepsake, repo: &str, id: &str) -> Result<()> {
    let (keepsake, url, id) = (keepsake.clone(), address(repo)?, id.to_string());
    blocking(move || {
        let mut repository = destinations::open(&keepsake, &url)?;
        let key = keepsake.backup_key_or_new()?;
        let slot = repository.header().slots_of(&SlotKind::OfflineKey).find(|s| s.id.0 == id);
        let Some(slot) = slot.map(|s| s.id.clone()) else { return Err(no_such_key(&id)) };
        note_removed(&keepsake, repository.header(), &slot)?;
        repository.update_header(&key, |header| header.remove_slot(&key, &slot))?;
        destinations::remember(&keepsake, &url, &repository, None)
    })
    .await
}

fn no_such_key(id: &str) -> AppError {
    let happened = format!("There is no offline key {id}.");
    AppError::new("not_found", happened, "Nothing was changed.", NextStep::SeeOfflineKeys)
}

/// Brings the key of a backup back with its offline key, and keeps it on this computer. Asks
/// nobody: no vault, no network.
///
/// # Errors
/// `offline_key_typo`; `wrong_key`; `other_backup_key` if this home makes backups with another key.
pub async fn recover_with_offline_key(
    keepsake: &Keepsake,
    repo: &str,
    key: RecoverySecret,
) -> Result<()> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    let digits = typed(&key)?;
    blocking(move || {
        let (repository, key) =
            Repository::open_offline(existing_store(&keepsake, &url)?, &digits)?;
        keepsake.keep_key_of(repository.header(), &key)?;
        if keepsake.destination(&url)?.is_none() {
            keepsake.keep_destination(Destination::new(url))?;
        }
        note_proof(&keepsake)
    })
    .await
}
