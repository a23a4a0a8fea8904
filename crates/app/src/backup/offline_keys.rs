use crate::archive::blocking;
use crate::clock::unix_now;
use crate::model::OfflineKeyView;
use crate::places::{self, Place, address, existing_store};
use crate::{AppError, Keepsake, RecoverySecret, Result};
use backup_engine::Repository;
use rand_core::OsRng;
use sealed_keys::{Header, OfflineKey, SlotKind};

/// Adds a 64-digit key that opens the backup without the vault. Shown once.
pub async fn add_offline_key(keepsake: &Keepsake, repo: &str) -> Result<OfflineKeyView> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let mut repository = places::open_to_write(&keepsake, &url)?;
        let key = repository.key().clone();
        let offline = OfflineKey::generate(&mut OsRng);
        let add = |header: &mut Header| {
            let parameters = serde_json::json!({});
            header.add_slot(&key, SlotKind::OfflineKey, parameters, &offline.slot_key(), unix_now(), &mut OsRng)
        };
        repository.update_header(&key, add)?;
        places::remember(&keepsake, &url, &repository, None)?;
        Ok(OfflineKeyView { key: offline.display().expose().to_string() })
    })
    .await
}

/// Brings the key of a backup back with its offline key, and keeps it on this computer. Asks nobody: no vault, no network.
///
/// # Errors
/// `offline_key_typo`; `wrong_key`; `other_backup_key` if this home makes backups with another key.
pub async fn recover_with_offline_key(keepsake: &Keepsake, repo: &str, key: RecoverySecret) -> Result<()> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    let digits = typed(&key)?;
    blocking(move || {
        let (repository, key) = Repository::open_offline(existing_store(&url)?, &digits)?;
        keepsake.keep_key_of(repository.header(), &key)?;
        if keepsake.place(&url)?.is_none() {
            keepsake.keep_place(Place::new(url))?;
        }
        Ok(())
    })
    .await
}

pub(super) fn typed(secret: &RecoverySecret) -> Result<OfflineKey> {
    OfflineKey::parse(secret.expose()).map_err(|error| {
        let happened = format!("That cannot be an offline key: {error}.");
        let next = "Compare it with your paper, four characters at a time: 64 of 0 to 9 and a to f.";
        AppError::new("offline_key_typo", happened, "Nothing was changed.", next)
    })
}
