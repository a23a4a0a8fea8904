//! Proving that a passkey works, without restoring anything.

use super::known_passkeys::Kept;
use super::release::{STEPS, Unlocked, Wanted, unlock};
use crate::fleet::{Connected, connect_examined};
use crate::model::PasskeyUsed;
use crate::progress::step;
use crate::recovery::carry_on_with;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};

/// Goes through a whole release with the passkey and compares what comes back. Spends no try of the code.
///
/// # Errors
/// What the holder or the fleet refuses; `other_key`.
pub async fn drill_passkey(
    keepsake: &Keepsake,
    id: &str,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<PasskeyUsed> {
    let kept = keepsake.passkey(id)?;
    let (unlocked, _) = check(keepsake, &kept, &pin, watch).await?;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyUsed { name: kept.name, ..unlocked.told })
}

/// The fleet verified this very passkey, and it makes the key that it made before.
pub(super) async fn check(
    keepsake: &Keepsake,
    kept: &Kept,
    pin: &RecoverySecret,
    watch: &dyn Watch,
) -> Result<(Unlocked, Connected)> {
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, &kept.slot.at.fleet_url).await?;
    let wanted = Wanted { slots: std::slice::from_ref(&kept.slot), place: kept.place };
    let unlocking = unlock(keepsake, &connected, &wanted, pin, watch);
    let unlocked = carry_on_with(keepsake, &connected, unlocking).await?;
    if unlocked.unlock_key != kept.unlock_key(keepsake)? {
        return Err(AppError::new(
            "other_key",
            "The fleet accepted the passkey, but together they make another key than this computer has.",
            "Nothing was changed.",
            NextStep::AddPasskeyAgain,
        ));
    }
    Ok((unlocked, connected))
}
