//! What this computer has. No site is asked.

use crate::fleet::{FleetFingerprint, remembered_fleet};
use crate::model::{BackupPlace, Status, VaultSummary};
use crate::recovery::{pending_at, warning};
use crate::{Keepsake, Result};
use sealed_keys::CodeKind;

/// Chats, recovery code and backups, as this computer knows them.
pub async fn status(keepsake: &Keepsake) -> Result<Status> {
    let places = keepsake.destinations()?;
    let (vault, vault_problem) = match vault(keepsake) {
        Ok(vault) => (vault, None),
        Err(error) if error.code == "old_vault" => (None, Some(error.happened)),
        Err(error) => return Err(error),
    };
    let kept = if vault_problem.is_some() { 0 } else { keepsake.passkeys()?.kept.len() };
    let passkeys = u32::try_from(kept).unwrap_or(u32::MAX);
    let kits = keepsake.present_kits()?.iter().filter(|kit| kit.saved.is_some()).count();
    let kits = u32::try_from(kits).unwrap_or(u32::MAX);
    let device_key = keepsake.key_store();
    keepsake
        .with_archive(move |archive| {
            let head = archive.latest_cursor()?.0;
            let all = archive.conversations()?;
            let sum =
                |count: fn(&chat_archive::ConversationSummary) -> u64| all.iter().map(count).sum();
            let backup = |place: crate::backup::destinations::Destination| BackupPlace {
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
                vault_problem,
                passkeys,
                kits,
                backups: places.into_iter().map(backup).collect(),
            })
        })
        .await
}

fn vault(keepsake: &Keepsake) -> Result<Option<VaultSummary>> {
    let Some(at) = keepsake.account_at()? else { return Ok(None) };
    let address = at.address;
    let remembered = remembered_fleet(keepsake, &address.fleet_url)?;
    Ok(Some(VaultSummary {
        fingerprint: FleetFingerprint::of(&address.trust).to_string(),
        fleet_id: address.fleet_id.to_string(),
        epoch: remembered.bundle.as_ref().map_or(0, |b| b.epoch),
        mock: remembered.mock,
        warning: remembered.bundle.and_then(|b| warning(&address.keys, &b)),
        code_version: at.code_version,
        generated_code: keepsake
            .account_slot()?
            .is_some_and(|slot| slot.code == CodeKind::Generated),
        pending: pending_at(keepsake, &address.account)?,
        fleet_url: address.fleet_url,
    }))
}
