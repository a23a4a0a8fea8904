//! Throwing a code away that nobody has on paper.

use super::unsaved::has_unsaved_code;
use super::{keep_errand, revoking};
use crate::backup::destinations::{self, Destination};
use crate::fleet::connect;
use crate::model::SpreadView;
use crate::progress::blocking;
use crate::{AppError, Keepsake, NextStep, Result};
use sealed_keys::{RecoverySlot, SlotId, SlotKind};
use vault_protocol::AccountId;

/// Undoes the registration of a first code that was never confirmed: the account ends at the vault,
/// unless passkeys are in it, and backups lose the code's slot. Says how far the sites know the
/// account's end.
///
/// # Errors
/// `not_enrolled`; `code_in_use` if it was confirmed, or replaced another one; `too_few_sites`, ….
pub async fn discard_code(keepsake: &Keepsake) -> Result<Option<SpreadView>> {
    let slot = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    let account = slot.at.account;
    let has_passkeys = keepsake.passkeys()?.kept.iter().any(|k| k.slot.at.account == account);
    if !has_unsaved_code(keepsake)? || (slot.version > 1 && !has_passkeys) {
        return Err(code_in_use());
    }
    let spread = if has_passkeys { None } else { Some(end_account(keepsake, &slot).await?) };
    let home = keepsake.clone();
    blocking(move || {
        home.set_code_aside()?;
        // A backup that is away loses its slot with the next code. If this computer learns the code
        // from there, it is still noted as one that nobody has on paper.
        for place in home.destinations()? {
            let _ = drop_slots(&home, &place, account);
        }
        Ok(())
    })
    .await?;
    Ok(spread)
}

async fn end_account(keepsake: &Keepsake, slot: &RecoverySlot) -> Result<SpreadView> {
    let owned = keepsake.owner_of(&slot.at)?;
    let connected = connect(keepsake, &slot.at.fleet_url).await?;
    let carried = connected.fleet().remove(&owned.as_owner()).await;
    let spread = &carried.spread;
    if spread.count() == 0 {
        return Err(AppError::too_few_sites(0, 1, spread.sites(), &carried.notes));
    }
    keep_errand(keepsake, &connected, spread, carried.errand.as_ref())?;
    Ok(revoking(spread))
}

fn drop_slots(keepsake: &Keepsake, place: &Destination, account: AccountId) -> Result<()> {
    let mut repository = destinations::open_to_write(keepsake, &place.url)?;
    let key = repository.key().clone();
    let codes = repository.header().slots_of(&SlotKind::RecoveryCode);
    let stale: Vec<SlotId> = codes
        .filter(|slot| slot.recovery().is_ok_and(|code| code.at.account == account))
        .map(|slot| slot.id.clone())
        .collect();
    repository.update_header(&key, |header| {
        stale.iter().try_for_each(|id| header.remove_slot(&key, id))
    })?;
    destinations::remember(keepsake, &place.url, &repository, None)
}

fn code_in_use() -> AppError {
    AppError::new(
        "code_in_use",
        "This code was typed from paper before, or took the place of another one.",
        "It keeps working.",
        NextStep::ReplaceCode,
    )
}
