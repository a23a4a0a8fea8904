//! Showing the recovery code again, to who has a passkey.

use super::proof::prove;
use crate::fleet::FleetFingerprint;
use crate::model::RevealedCode;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};

/// The recovery code, after the fleet has verified the passkey: whoever only sits down at this
/// computer does not get it.
pub async fn reveal_code(
    keepsake: &Keepsake,
    id: &str,
    pin: RecoverySecret,
    watch: &dyn Watch,
) -> Result<RevealedCode> {
    let kept = keepsake.passkey(id)?;
    if keepsake.account_slot()?.is_none() {
        return Err(no_code());
    }
    let (_, connected) = prove(keepsake, &kept, &pin, watch).await?;
    let account = keepsake.account()?.ok_or_else(no_code)?;
    Ok(RevealedCode {
        code: account.code.display().expose().to_string(),
        fingerprint: FleetFingerprint::of(&account.slot.at.trust).to_string(),
        fleet_url: account.slot.at.fleet_url,
        mock: connected.verified.mock(),
    })
}

fn no_code() -> AppError {
    AppError::new(
        "no_code",
        "This computer knows no recovery code that it could show.",
        "Nothing was changed.",
        NextStep::MakeCode,
    )
}
