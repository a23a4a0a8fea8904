//! Proving that a kit works, without restoring anything.

use crate::backup::destinations::existing_store;
use crate::backup::typed_offline_key;
use crate::model::KitDrill;
use crate::progress::blocking;
use crate::protection::note_proof;
use crate::{Keepsake, RecoverySecret, Result};
use backup_engine::{BackupError, Repository};
use sealed_keys::{KeyError, OfflineKey};

/// Opens each backup of this computer with the typed key, as a new computer would. Asks nobody and
/// changes no backup.
///
/// # Errors
/// `offline_key_typo`; `wrong_key` if no backup opens with it; why none could be reached.
pub async fn drill_kit(keepsake: &Keepsake, key: RecoverySecret) -> Result<KitDrill> {
    let offline = typed_offline_key(&key)?;
    let keepsake = keepsake.clone();
    blocking(move || {
        let drill = open_each(&keepsake, &offline)?;
        note_proved(&keepsake, &offline)?;
        note_proof(&keepsake)?;
        Ok(drill)
    })
    .await
}

fn open_each(keepsake: &Keepsake, offline: &OfflineKey) -> Result<KitDrill> {
    let mut drill = KitDrill { opened: vec![], not_opened: vec![], not_reached: vec![] };
    let mut refused = None;
    for place in keepsake.destinations()? {
        let opened = existing_store(keepsake, &place.url)
            .and_then(|store| Ok(Repository::open_offline(store, offline)?));
        match opened {
            Ok(_) => drill.opened.push(place.url),
            Err(error) if error.code == "wrong_key" => drill.not_opened.push(place.url),
            Err(error) => {
                drill.not_reached.push(place.url);
                refused = Some(error);
            }
        }
    }
    match refused {
        _ if !drill.opened.is_empty() => Ok(drill),
        Some(error) if drill.not_opened.is_empty() => Err(error),
        _ => Err(BackupError::from(KeyError::WrongKey("your backups".into())).into()),
    }
}

/// A key that was not made here, or is of a former backup key, is proved to the person alone.
fn note_proved(keepsake: &Keepsake, offline: &OfflineKey) -> Result<()> {
    let now = keepsake.now();
    for kit in keepsake.present_kits()? {
        if kit.offline_key(keepsake)? == *offline {
            return keepsake.change_kit(&kit.id, |kit| {
                kit.proved = Some(now);
                kit.saved.get_or_insert(now);
            });
        }
    }
    Ok(())
}
