//! Proving that the code works, without restoring anything.

use crate::code::{account_id, stretch};
use crate::fleet::{Connected, connect};
use crate::model::Recovered;
use crate::{AppError, Keepsake, RecoverySecret, Result};
use sealed_keys::{RecoveryCode, RecoverySlot, Secret};
use std::time::Instant;
use vault_client::Attempt;

/// Goes through a whole recovery with the typed code and compares what comes back. Spends a try only if the code is
/// wrong: a right one gives all tries back.
pub async fn drill(keepsake: &Keepsake, code: RecoverySecret) -> Result<Recovered> {
    let account = keepsake.account()?.ok_or_else(AppError::not_enrolled)?;
    let typed = RecoveryCode::parse(account.slot.code, code.expose())?;
    let connected = connect(keepsake, &account.slot.fleet_url).await?;
    let (vault_key, recovered) = unlock(&connected, &account.slot, &typed).await?;
    if vault_key != account.vault_key {
        return Err(AppError::new(
            "other_key",
            "The code was right, but the vault gave another key than this computer has.",
            "Nothing was changed.",
            "Make a new recovery code (rotate-code) and back up again.",
        ));
    }
    Ok(recovered)
}

/// One try with a code: the key it brings back, and what to tell the person.
pub(crate) async fn unlock(
    connected: &Connected,
    slot: &RecoverySlot,
    code: &RecoveryCode,
) -> Result<(Secret<32>, Recovered)> {
    let began = Instant::now();
    let stretched = stretch(code, slot).await?;
    let attempt = Attempt { account: account_id(slot)?, version: slot.version, stretched: stretched.expose() };
    let recovered = connected.fleet().recover(&attempt).await.map_err(|e| connected.refusal(e))?;
    let sites = u8::try_from(connected.verified.bundle().sites.len()).unwrap_or(u8::MAX);
    let away = u8::try_from(recovered.problems.len()).unwrap_or(u8::MAX);
    let told = Recovered {
        tries_left: if recovered.confirmed { vault_protocol::limits::MAX_TRIES } else { recovered.tries_left },
        confirmed: recovered.confirmed,
        sites_answered: sites.saturating_sub(away),
        sites,
        mock: connected.verified.mock(),
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    Ok((Secret::new(*recovered.vault_key.expose()), told))
}
