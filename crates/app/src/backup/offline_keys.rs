use crate::archive::blocking;
use crate::clock::unix_now;
use crate::model::OfflineKeyView;
use crate::places::{self, address};
use crate::{Keepsake, RecoverySecret, Result};
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

pub(super) fn typed(secret: &RecoverySecret) -> Result<OfflineKey> {
    Ok(OfflineKey::parse(secret.expose())?)
}
