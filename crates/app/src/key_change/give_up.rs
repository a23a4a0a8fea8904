//! A change of the key that is not to be, and one that is not at its end.

use super::plan::Plan;
use crate::fleet::connect;
use crate::home::OwnedAccount;
use crate::model::KeyChangeGoingOn;
use crate::recovery::keep_errand;
use crate::{AppError, Keepsake, NextStep, Result};

/// The change that was begun, if it has not come to its end. Asks nobody.
///
/// # Errors
/// `damaged`.
pub fn key_change_going_on(keepsake: &Keepsake) -> Result<Option<KeyChangeGoingOn>> {
    let going_on = |plan: Plan| KeyChangeGoingOn {
        since: i64::try_from(plan.since).unwrap_or(i64::MAX),
        prepared_only: !plan.decided,
        waiting: plan.waiting.clone(),
    };
    Ok(Plan::read(keepsake)?.map(going_on))
}

/// Forgets the new key and the new ways in, which open nothing so far. The old ones go on as they
/// were.
///
/// # Errors
/// `too_late` once the change was made; the disk. Where nothing was prepared there is nothing to
/// forget.
pub async fn give_up_key_change(keepsake: &Keepsake) -> Result<()> {
    let Some(plan) = Plan::read(keepsake)? else { return Ok(()) };
    if plan.decided {
        return Err(AppError::new(
            "too_late",
            "The change of the backup key has been made.",
            "Your new code and key are in force; some backups may still have to get them.",
            NextStep::FinishKeyChange,
        ));
    }
    // If the fleet cannot be told now, an account stays there that opens nothing.
    let _ = remove_new_account(keepsake, &plan).await;
    Plan::delete(keepsake)
}

async fn remove_new_account(keepsake: &Keepsake, plan: &Plan) -> Result<()> {
    let Some(account) = plan.account()? else { return Ok(()) };
    let connected = connect(keepsake, &account.slot.at.fleet_url).await?;
    let owner = OwnedAccount::with_claim(&plan.key()?, plan.claim);
    let carried = connected.fleet().remove(&owner.as_owner()).await;
    keep_errand(keepsake, &connected, &carried.spread, carried.errand.as_ref())
}
