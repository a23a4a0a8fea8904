//! Proving that the code works, without restoring anything.

use super::own_tries::note_own_try;
use super::unsaved::note_saved;
use super::{carry_on_with, unlock};
use crate::fleet::connect_examined;
use crate::model::Recovered;
use crate::protection::note_proof;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use sealed_keys::RecoveryCode;

/// Goes through a whole recovery with the typed code and compares what comes back. Only a code of
/// the person's own that is wrong spends a try; a right one gives all tries back.
///
/// # Errors
/// As [`super::recover`]; `other_key`.
pub async fn drill(
    keepsake: &Keepsake,
    code: RecoverySecret,
    watch: &dyn Watch,
) -> Result<Recovered> {
    let account = keepsake.account()?.ok_or_else(AppError::not_enrolled)?;
    let typed = RecoveryCode::parse(account.slot.code, code.expose())?;
    let connected = connect_examined(keepsake, &account.slot.at.fleet_url).await?;
    let trying = unlock(keepsake, &connected, &account.slot, &typed, watch);
    let (vault_key, recovered) = match carry_on_with(keepsake, &connected, trying).await {
        Ok(unlocked) => unlocked,
        Err(error) => {
            // A try that cannot be counted as this computer's own is told as somebody else's later:
            // no harm.
            if error.code == "wrong_code"
                && let Ok(seen) = connected.fleet().look(account.slot.at.account).await
                && seen.next_slot() > 1
            {
                let _ = note_own_try(keepsake, account.slot.at.account, seen.round());
            }
            return Err(error);
        }
    };
    if vault_key != account.vault_key {
        return Err(AppError::new(
            "other_key",
            "The code was right, but the vault gave another key than this computer has.",
            "Nothing was changed.",
            NextStep::MakeCodeAndBackUp,
        ));
    }
    note_saved(keepsake)?;
    note_proof(keepsake)?;
    Ok(recovered)
}
