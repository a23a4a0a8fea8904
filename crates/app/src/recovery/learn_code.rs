//! The recovery code that another computer made, from the copy that the backup holds for whoever
//! has its key.

use super::{newest_code, unlock};
use crate::backup::destinations;
use crate::fleet::{Connected, connect_examined, is_known};
use crate::home::{Account, belongs_to};
use crate::progress::blocking;
use crate::{Keepsake, Result, Unwatched, Watch};
use sealed_keys::{BackupKey, Header, KeyError, RecoverySlot, SlotKind};

/// With the copy this computer learns what a code's recovery would have told it, so that drills,
/// new codes and backups go on as before. The header was opened and verified by now: what it says
/// is its owner's word.
pub(crate) async fn learn_code(
    keepsake: &Keepsake,
    connected: &Connected,
    header: &Header,
    key: &BackupKey,
    watch: &dyn Watch,
) -> Result<()> {
    if keepsake.account_slot()?.is_some() {
        return Ok(());
    }
    let Some((slot, registered)) = newest_code(header)? else { return Ok(()) };
    let id = header
        .slots_of(&SlotKind::RecoveryCode)
        .find(|s| s.created == registered)
        .map(|s| s.id.clone());
    let code = header.reveal_code(key, &id.ok_or(KeyError::NoSuchSlot)?)?;
    let other = match slot.at.trust == connected.verified.trust_id() {
        true => None,
        false => Some(connect_examined(keepsake, &slot.at.fleet_url).await?),
    };
    let connected = other.as_ref().unwrap_or(connected);
    let (vault_key, _) = unlock(keepsake, connected, &slot, &code, watch).await?;
    keepsake.keep_account(&Account { slot, registered, code, vault_key })
}

/// After another computer gave the backups a new key: its new code comes to this one, too. Does
/// nothing where a code is known, and asks no fleet that this computer does not know.
pub(crate) async fn learn_missing_code(keepsake: &Keepsake) -> Result<()> {
    if keepsake.account_at()?.is_some() || keepsake.former_backup_keys()?.is_empty() {
        return Ok(());
    }
    let Some((header, key, slot)) = backup_with_code(keepsake).await? else { return Ok(()) };
    let connected = connect_examined(keepsake, &slot.at.fleet_url).await?;
    learn_code(keepsake, &connected, &header, &key, &Unwatched).await
}

/// A backup that can be reached now, with this computer's key and a code of it.
async fn backup_with_code(
    keepsake: &Keepsake,
) -> Result<Option<(Header, BackupKey, RecoverySlot)>> {
    let keepsake = keepsake.clone();
    blocking(move || {
        let Some(key) = keepsake.backup_key()? else { return Ok(None) };
        for place in keepsake.destinations()? {
            let Ok(repository) = destinations::open(&keepsake, &place.url) else { continue };
            let header = repository.header();
            let code = newest_code(header).ok().flatten().map(|(slot, _)| slot);
            let ours = code
                .filter(|slot| belongs_to(&slot.at, &key) && is_known(&keepsake, &slot.at.trust));
            if let Some(slot) = ours.filter(|_| *repository.key() == key) {
                return Ok(Some((header.clone(), key, slot)));
            }
        }
        Ok(None)
    })
    .await
}
