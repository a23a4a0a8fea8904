//! Proving that a passkey works, without restoring anything.

use super::proof::prove;
use super::release::STEPS;
use crate::model::PasskeyUsed;
use crate::progress::step;
use crate::protection::note_proof;
use crate::{Keepsake, RecoverySecret, Result, Watch};

/// Goes through a whole release with the passkey and compares what comes back. Spends no try of the
/// code.
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
    let (unlocked, _) = prove(keepsake, &kept, &pin, watch).await?;
    note_proof(keepsake)?;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyUsed { name: kept.name, ..unlocked.told })
}
