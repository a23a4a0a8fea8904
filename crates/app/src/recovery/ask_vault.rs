//! What the fleet says of a backup's account, before anything is tried.

use super::header::account_of;
use super::{caught, header_of, newest_code};
use crate::backup::destinations::address;
use crate::fleet::{FleetFingerprint, FleetPin, connect_examined, pinned};
use crate::model::BackupVault;
use crate::{Keepsake, Result};
use sealed_keys::KeyError;
use vault_client::Code;

/// Tries left and waiting time of a backup's code, from the fleet that the person named. Spends no
/// try. The fleet's evidence is examined here already: who types a code next knows whom it goes to.
///
/// # Errors
/// As [`super::recover`], but for the code.
pub async fn ask_vault(
    keepsake: &Keepsake,
    repo: &str,
    fleet: Option<&FleetPin>,
) -> Result<BackupVault> {
    let header = header_of(keepsake, &address(repo)?).await?;
    // Of an old vault's code and passkeys, the code's reason is told.
    let code = newest_code(&header);
    let readable = code.as_ref().ok().and_then(|code| code.as_ref()).map(|(slot, _)| slot);
    let Some(at) = account_of(&header, readable) else {
        code?;
        return Err(KeyError::NoSuchSlot.into());
    };
    let connected = connect_examined(keepsake, &pinned(keepsake, fleet, &at)?).await?;
    let seen = connected.fleet().look(at.account).await.map_err(|e| connected.refusal(e, &at))?;
    let (tries_left, frozen_until) = match seen.code() {
        Code::Open { tries_left } => (Some(tries_left), None),
        Code::Frozen { seconds } => (Some(0), Some(keepsake.now().saturating_add(seconds))),
        Code::Destroyed | Code::Removed => (Some(0), None),
        Code::None => (None, None),
    };
    Ok(BackupVault {
        fleet_url: connected.url.clone(),
        fingerprint: FleetFingerprint::of(&connected.verified.trust_id()).to_string(),
        fleet_id: connected.verified.bundle().fleet_id.to_string(),
        mock: connected.verified.mock(),
        tries_left: tries_left.filter(|_| readable.is_some()),
        wait_seconds: seen.wait_seconds(),
        frozen_until,
        caught: caught(connected.verified.bundle(), &seen.notes),
    })
}
