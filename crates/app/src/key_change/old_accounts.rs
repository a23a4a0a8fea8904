//! The accounts of a former key, at the vault.

use super::plan::Plan;
use crate::fleet::{connect, is_known};
use crate::model::SpreadView;
use crate::recovery::{keep_errand, revoking};
use crate::{AppError, Keepsake, Result};
use sealed_keys::AccountAddress;

/// Those that this computer knows: of its code, and of its passkeys.
pub(super) fn old_accounts(keepsake: &Keepsake) -> Vec<AccountAddress> {
    let mut all: Vec<AccountAddress> = Vec::new();
    // What is of an old vault, or damaged, is at no fleet that could be told.
    let code = keepsake.account_slot().ok().flatten().map(|slot| slot.at);
    let passkeys = keepsake.passkeys().map(|p| p.kept).unwrap_or_default();
    for at in code.into_iter().chain(passkeys.into_iter().map(|kept| kept.slot.at)) {
        if !all.iter().any(|known| known.account == at.account) {
            all.push(at);
        }
    }
    all
}

/// Once every backup has the new key: has the owner's word that the old accounts are over brought
/// to every site, and ends the change. Does nothing while a backup waits. Returns how far the sites
/// know it.
pub(crate) async fn remove_old_accounts(keepsake: &Keepsake) -> Result<Option<SpreadView>> {
    let Some(mut plan) =
        Plan::read(keepsake)?.filter(|plan| plan.settled && plan.waiting.is_empty())
    else {
        return Ok(None);
    };
    let mut spread = None;
    let mut refused = None;
    for at in plan.old.clone() {
        match remove(keepsake, &plan, &at).await {
            Ok(far) => {
                spread = far.or(spread);
                plan.old.retain(|old| old.account != at.account);
                plan.write(keepsake)?;
            }
            Err(error) => refused = Some(error),
        }
    }
    if plan.is_done() {
        Plan::delete(keepsake)?;
    }
    refused.map_or(Ok(spread), Err)
}

/// `None` if the fleet has other keys by now: the account went with the old ones.
async fn remove(
    keepsake: &Keepsake,
    plan: &Plan,
    at: &AccountAddress,
) -> Result<Option<SpreadView>> {
    if !may_be_asked(keepsake, plan, at)? {
        return Ok(None);
    }
    let connected = connect(keepsake, &at.fleet_url).await?;
    let fleet = connected.fleet();
    if fleet.keys() != at.keys {
        return Ok(None);
    }
    let owned = keepsake.owner_of(at)?;
    let carried = fleet.remove(&owned.as_owner()).await;
    let acknowledged = carried.spread.count();
    if acknowledged == 0 {
        return Err(AppError::too_few_sites(0, 1, carried.spread.sites(), &carried.notes));
    }
    // From here on it is an errand like others, which this computer keeps at.
    keep_errand(keepsake, &connected, &carried.spread, carried.errand.as_ref())?;
    Ok(Some(revoking(&carried.spread)))
}

/// A fleet that only a backup's header named is asked nothing: whoever has the old key could have
/// named one.
fn may_be_asked(keepsake: &Keepsake, plan: &Plan, at: &AccountAddress) -> Result<bool> {
    let new = plan.account()?;
    let same = new.is_some_and(|new| new.slot.at.trust == at.trust);
    Ok(same || is_known(keepsake, &at.trust))
}
