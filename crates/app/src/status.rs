//! What this computer has. No site is asked.

use crate::fleet::remembered_fleet;
use crate::model::{BackupPlace, Status, VaultSummary};
use crate::old_keys::warning;
use crate::{Keepsake, Result};
use sealed_keys::{CodeKind, RecoverySlot};

/// Chats, recovery code and backups, as this computer knows them.
pub async fn status(keepsake: &Keepsake) -> Result<Status> {
    let (vault, places) = (keepsake.account_slot()?.map(|slot| vault(keepsake, slot)).transpose()?, keepsake.places()?);
    let device_key = keepsake.device_key_place().to_string();
    keepsake
        .with_archive(move |archive| {
            let head = archive.latest_cursor()?.0;
            let all = archive.conversations()?;
            let sum = |count: fn(&chat_archive::ConversationSummary) -> u64| all.iter().map(count).sum();
            let backup = |place: crate::places::Place| BackupPlace {
                url: place.url,
                last_backup: place.last_backup.and_then(|at| i64::try_from(at).ok()),
                pending_changes: head.saturating_sub(place.cursor),
            };
            Ok(Status {
                conversations: all.len() as u64,
                messages: sum(|c| c.messages),
                attachments: sum(|c| c.attachments),
                missing_attachments: sum(|c| c.attachments_missing),
                device_key,
                vault,
                backups: places.into_iter().map(backup).collect(),
            })
        })
        .await
}

fn vault(keepsake: &Keepsake, slot: RecoverySlot) -> Result<VaultSummary> {
    let remembered = remembered_fleet(keepsake, &slot.fleet_url)?;
    let registered_with = keepsake.account_keys()?;
    Ok(VaultSummary {
        fleet_url: slot.fleet_url,
        fleet_id: slot.fleet_id,
        epoch: remembered.bundle.as_ref().map_or(0, |b| b.epoch),
        mock: remembered.mock,
        warning: remembered.bundle.and_then(|b| warning(registered_with, &b)),
        code_version: slot.version,
        generated_code: slot.code == CodeKind::Generated,
    })
}
