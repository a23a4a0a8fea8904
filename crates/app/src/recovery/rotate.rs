//! Replacing the code.

use super::carry_on_with;
use super::code::choose;
use super::register::{Place, STEPS, register};
use crate::fleet::connect_examined;
use crate::model::NewCode;
use crate::progress::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};

/// Replaces the code by a new one; the old one is dead at every site that knows of the new one, and
/// this computer keeps at the others. Tries that were spent come back first, by the owner's
/// signature: a code that cannot be proved is none.
///
/// # Errors
/// `not_enrolled`, `removed`, `not_owner`, `weak_code`, `evidence_refused`, `too_few_sites`, …
pub async fn rotate_code(
    keepsake: &Keepsake,
    own_code: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<NewCode> {
    let at = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?.at;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, &at.fleet_url).await?;
    let fleet = connected.fleet();
    let looked = carry_on_with(keepsake, &connected, fleet.look(at.account)).await;
    let seen = looked.map_err(|e| connected.refusal(e, &at))?;
    let place = Place::in_account(keepsake.owner_of(&at)?, &seen).ok_or_else(AppError::removed)?;
    register(keepsake, &connected, place, choose(own_code)?, watch).await
}
