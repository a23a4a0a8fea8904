//! Making the way back: registering a first code in the vault.

use super::code::choose;
use super::register::{Place, STEPS, register};
use crate::fleet::{Connected, connect, connect_examined, same_fleet};
use crate::home::OwnedAccount;
use crate::model::NewCode;
use crate::progress::step;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use sealed_keys::BackupKey;
use vault_client::{Code, VaultError};

/// Registers this computer's backup key with the fleet, under a generated code or the person's own,
/// and proves with one full recovery that the code works.
///
/// # Errors
/// `already_enrolled`, `weak_code`, `evidence_refused`, `too_few_sites`, …
pub async fn enroll(
    keepsake: &Keepsake,
    fleet_url: &str,
    own_code: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<NewCode> {
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, fleet_url).await?;
    refuse_second_account(keepsake).await?;
    let code = choose(own_code)?;
    let backup_key = keepsake.backup_key_or_new()?;
    let place = place_in_vault(keepsake, &connected, &backup_key).await?;
    register(keepsake, &connected, place, code, watch).await
}

/// Forgets the account in the vault, so that a new one can be made, at this fleet or another. What
/// the old code and passkeys open at the old fleet they go on opening, as long as a backup still
/// names it.
///
/// # Errors
/// `not_enrolled`
pub fn forget_account(keepsake: &Keepsake) -> Result<()> {
    match keepsake.account_at() {
        Ok(None) => Err(AppError::not_enrolled()),
        // Also one that this program does not read any more.
        Ok(Some(_)) | Err(_) => keepsake.set_account_aside(),
    }
}

/// Where the code goes: into the account of this computer's passkeys, or into a new one.
async fn place_in_vault(
    keepsake: &Keepsake,
    connected: &Connected,
    key: &BackupKey,
) -> Result<Place> {
    let new = || Place::new(OwnedAccount::new(key));
    let Some(at) = keepsake.account_at()? else { return Ok(new()) };
    if !same_fleet(&connected.url, &at.address.fleet_url)? {
        return Err(passkeys_elsewhere());
    }
    match connected.fleet().look(at.address.account).await {
        Ok(seen) => {
            Ok(Place::in_account(keepsake.owner_of(&at.address)?, &seen).unwrap_or_else(new))
        }
        Err(VaultError::NoSuchAccount) => Ok(new()),
        Err(error) => Err(error.into()),
    }
}

/// The code would not be a way into what the passkeys open, and each account has its own count of
/// tries.
fn passkeys_elsewhere() -> AppError {
    AppError::new(
        "other_fleet",
        "The passkeys of this computer are at another fleet than the one you gave.",
        "Nothing was registered; the passkeys keep working.",
        NextStep::AddCodeAtFleetOfPasskeys,
    )
}

/// A second account is made only when the first is gone: each account has its own count of tries.
async fn refuse_second_account(keepsake: &Keepsake) -> Result<()> {
    let known = match keepsake.account_slot() {
        Ok(None) => return Ok(()),
        Ok(Some(known)) => known,
        // There is no vault any more that this code could be at.
        Err(error) if error.code == "old_vault" => return keepsake.set_code_aside(),
        Err(error) => return Err(error),
    };
    let looked = async {
        let connected = connect(keepsake, &known.at.fleet_url).await?;
        let retired = connected.fleet().keys() != known.at.keys;
        Ok::<_, AppError>((connected.fleet().look(known.at.account).await, retired))
    };
    let safe = match looked.await {
        Ok((Ok(seen), _))
            if matches!(seen.code(), Code::Destroyed | Code::Removed | Code::None) =>
        {
            return keepsake.set_code_aside();
        }
        Ok((Err(VaultError::NoSuchAccount), _)) => return keepsake.set_code_aside(),
        Ok((Err(VaultError::OtherKeys { .. }), true)) => return keepsake.set_code_aside(),
        Ok((Ok(_), _)) => "The code you have keeps working.",
        Ok((Err(_), _)) | Err(_) => {
            "Its fleet does not answer now, so nothing is known about the code you have."
        }
    };
    Err(AppError::new(
        "already_enrolled",
        "This computer already has a recovery code in a vault.",
        safe,
        NextStep::ReplaceCode,
    ))
}
