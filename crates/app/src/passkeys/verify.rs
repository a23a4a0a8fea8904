//! Proving that a passkey works, without restoring anything.

use super::kept::Kept;
use super::release::{Unlocked, Wanted, unlock};
use crate::fleet::{Connected, connect};
use crate::model::PasskeyUsed;
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};

/// Goes through a whole release with the passkey and compares what comes back. Spends no try of the code.
pub async fn drill_passkey(
    keepsake: &Keepsake,
    id: &str,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<PasskeyUsed> {
    let kept = keepsake.passkey(id)?;
    let (unlocked, _) = check(keepsake, &kept, &pin, watch).await?;
    step(watch, "Done", super::release::STEPS, super::release::STEPS);
    Ok(PasskeyUsed { name: kept.name, ..unlocked.told })
}

/// The fleet verified this very passkey, and it makes the key that it made before.
pub(super) async fn check(
    keepsake: &Keepsake,
    kept: &Kept,
    pin: &RecoverySecret,
    watch: &dyn Watch,
) -> Result<(Unlocked, Connected)> {
    step(watch, "Verifying the fleet", 0, super::release::STEPS);
    let connected = connect(keepsake, &kept.slot.fleet_url).await?;
    let wanted = Wanted { slots: std::slice::from_ref(&kept.slot), place: kept.place };
    let unlocked = unlock(keepsake, &connected, &wanted, pin, watch).await?;
    if unlocked.unlock_key != kept.unlock_key(keepsake)? {
        return Err(AppError::new(
            "other_key",
            "The fleet accepted the passkey, but together they make another key than this computer has.",
            "Nothing was changed.",
            "Remove this passkey and add it again, then back up.",
        ));
    }
    Ok((unlocked, connected))
}
