//! One passkey that this computer knows, shown to the fleet and compared with what it made before.

use super::known_passkeys::Kept;
use super::release::{STEPS, Unlocked, Wanted, unlock};
use crate::fleet::{Connected, connect_examined};
use crate::progress::step;
use crate::recovery::carry_on_with;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};

/// The fleet verified this very passkey, and it makes the key that it made before.
pub(super) async fn prove(
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
