//! What this computer has. No site is asked.

use crate::fleet::remembered_fleet;
use crate::model::{BackupPlace, Status, VaultSummary};
use crate::old_keys::warning;
use crate::ownership::AccountAt;
use crate::{Keepsake, Result};
use sealed_keys::CodeKind;

/// Chats, recovery code and backups, as this computer knows them.
pub async fn status(keepsake: &Keepsake) -> Result<Status> {
    let (vault, places) = (vault(keepsake)?, keepsake.places()?);
    let passkeys = u32::try_from(keepsake.passkeys()?.kept.len()).unwrap_or(u32::MAX);
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
                passkeys,
                backups: places.into_iter().map(backup).collect(),
            })
        })
        .await
}

fn vault(keepsake: &Keepsake) -> Result<Option<VaultSummary>> {
    let Some(at) = keepsake.account_at()? else { return Ok(None) };
    let remembered = remembered_fleet(keepsake, &at.fleet_url)?;
    let registered_with = keepsake.account_keys()?;
    let AccountAt { fleet_url, fleet_id, code_version, .. } = at;
    Ok(Some(VaultSummary {
        fleet_url,
        fleet_id,
        epoch: remembered.bundle.as_ref().map_or(0, |b| b.epoch),
        mock: remembered.mock,
        warning: remembered.bundle.and_then(|b| warning(registered_with, &b)),
        code_version,
        generated_code: keepsake.account_slot()?.is_some_and(|slot| slot.code == CodeKind::Generated),
    }))
}
