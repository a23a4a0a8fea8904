//! Making the way back: registering a code in the vault.

use crate::clock::unix_now;
use crate::code::{account_id, choose, stretch};
use crate::fleet::{Connected, connect, connect_examined};
use crate::model::NewCode;
use crate::ownership::{Account, AccountAt};
use crate::recover::same_fleet;
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch, places};
use sealed_keys::{Argon2Params, BackupKey, CodeKind, RecoveryCode, RecoverySlot, Secret};
use vault_client::{Attempt, Enrolment, VaultError};
use vault_protocol::{AccountId, AccountStatus, OwnerKey};

const STEPS: u64 = 4;

/// Registers this computer's backup key with the fleet, under a generated code or the person's own, and proves with one
/// full recovery that the code works.
pub async fn enroll(
    keepsake: &Keepsake,
    fleet_url: &str,
    own_code: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<NewCode> {
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, fleet_url).await?;
    refuse_second_account(keepsake).await?;
    let (account, version) = place_in_vault(keepsake, &connected).await?;
    let code = choose(own_code)?;
    let slot = slot(&connected, account.to_string(), version, code.kind());
    register(keepsake, &connected, slot, code, watch).await
}

/// Replaces the code by a new one; the old one is dead at every site from then on. Tries already spent stay spent until
/// the new code has been proved, which this does at once.
pub async fn rotate_code(keepsake: &Keepsake, own_code: Option<RecoverySecret>, watch: &dyn Watch) -> Result<NewCode> {
    let account = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, &account.fleet_url).await?;
    let status = connected.fleet().status(account_id(&account)?).await;
    let status = status.map_err(|e| connected.refusal(e))?.value;
    refuse_unprovable(&status)?;
    let code = choose(own_code)?;
    let slot = slot(&connected, account.account, status.version + 1, code.kind());
    register(keepsake, &connected, slot, code, watch).await
}

/// Where the code goes: into the account of this computer's passkeys, or into a new one. An account whose code the limit
/// destroyed takes no other.
async fn place_in_vault(keepsake: &Keepsake, connected: &Connected) -> Result<(AccountId, u32)> {
    let new = || (AccountAt::new_id(), 1);
    let Some(at) = keepsake.account_at()? else { return Ok(new()) };
    if !same_fleet(&connected.url, &at.fleet_url)? {
        return Err(passkeys_elsewhere());
    }
    match connected.fleet().status(at.account).await {
        Ok(look) if look.value.destroyed => Ok(new()),
        Ok(look) => Ok((at.account, look.value.version + 1)),
        Err(VaultError::NoSuchAccount) => Ok(new()),
        Err(error) => Err(error.into()),
    }
}

/// The code would not be a way into what the passkeys open, and each account has its own count of tries.
fn passkeys_elsewhere() -> AppError {
    AppError::new(
        "other_fleet",
        "The passkeys of this computer are at another fleet than the one you gave.",
        "Nothing was registered; the passkeys keep working.",
        "Add the code at their fleet (`keepsake status` names it). To leave that fleet, use `keepsake vault enroll --replace`.",
    )
}

/// Forgets the account in the vault, so that a new one can be made, at this fleet or another. What the old code and
/// passkeys open at the old fleet they go on opening, as long as a backup still names it.
pub fn forget_account(keepsake: &Keepsake) -> Result<()> {
    keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    keepsake.set_account_aside()
}

/// A new code that could not be proved now would leave the person with none: then the old one stays.
fn refuse_unprovable(status: &AccountStatus) -> Result<()> {
    if status.destroyed || status.tries_left == 0 {
        return Err(VaultError::Destroyed.into());
    }
    if status.next_try_at > unix_now() {
        return Err(VaultError::TooSoon { at: status.next_try_at }.into());
    }
    Ok(())
}

async fn register(
    keepsake: &Keepsake,
    connected: &Connected,
    slot: RecoverySlot,
    code: RecoveryCode,
    watch: &dyn Watch,
) -> Result<NewCode> {
    let backup_key = keepsake.backup_key_or_new()?;
    let stretched = stretch(&code, &slot).await?;
    if watch.cancelled() {
        return Err(AppError::cancelled("Nothing was registered; an earlier code keeps working."));
    }
    step(watch, "Registering the code at every site", 1, STEPS);
    let stored = store(connected, &slot, &stretched, &backup_key).await;
    let (vault_key, sites) = stored.map_err(|error| in_doubt(error, slot.version))?;
    // From here on the new code counts: whatever fails now is a warning beside it, never instead of it.
    let keys_since = Some(connected.verified.bundle().keys_since());
    let account = Account { slot, keys_since, registered: unix_now(), code, vault_key };
    let mut warnings = Vec::new();
    warnings.extend(keepsake.keep_account(&account).err().map(|e| format!("{} Make a new code soon.", e.happened)));
    step(watch, "Proving that the code works", 2, STEPS);
    let proved = prove(connected, &account.slot, &stretched, &account.vault_key).await;
    warnings
        .extend(proved.err().map(|e| format!("The code could not be proved yet: {} Run a drill later.", e.happened)));
    step(watch, "Updating your backups", 3, STEPS);
    warnings.extend(places::renew_ways_back(keepsake).await);
    warnings.extend(missing_sites(connected, sites));
    step(watch, "Done", STEPS, STEPS);
    let generated = account.slot.code == CodeKind::Generated;
    Ok(NewCode {
        code: generated.then(|| account.code.display().expose().to_string()),
        fleet_url: account.slot.fleet_url,
        account: account.slot.account,
        version: account.slot.version,
        mock: connected.verified.mock(),
        sites_registered: sites,
        warnings,
    })
}

/// A registration without a clear answer may have happened all the same.
fn in_doubt(error: VaultError, version: u32) -> AppError {
    let unclear = matches!(error, VaultError::TooFewSites { .. });
    let mut error = AppError::from(error);
    if unclear {
        error.safe = match version {
            1 => "Your chats and backups are untouched.".into(),
            _ => "Your chats and backups are untouched, but the code you had may not work any more.".into(),
        };
        error.next = "Try again until it succeeds, and use only the code that is shown then.".into();
    }
    error
}

fn missing_sites(connected: &Connected, registered: u8) -> Option<String> {
    let all = connected.verified.bundle().sites.len();
    let away = all.saturating_sub(usize::from(registered));
    (away > 0).then(|| {
        format!("{away} of {all} sites were away and hold no part of this code. Make a new code when they are back, so that it survives more outages.")
    })
}

async fn store(
    connected: &Connected,
    slot: &RecoverySlot,
    stretched: &Secret<32>,
    backup_key: &BackupKey,
) -> std::result::Result<(Secret<32>, u8), VaultError> {
    let owner = backup_key.owner_key();
    let enrolment = Enrolment {
        account: AccountId::from_hex(&slot.account).ok_or(VaultError::NoSuchAccount)?,
        version: slot.version,
        parameters: slot.argon2.into(),
        stretched: stretched.expose(),
        owner: OwnerKey(owner.public()),
        sign: &|message| owner.sign(message),
    };
    let enrolled = connected.fleet().enroll(&enrolment).await?;
    let sites = u8::try_from(enrolled.sites.len()).unwrap_or(u8::MAX);
    Ok((Secret::new(*enrolled.vault_key.expose()), sites))
}

/// One full recovery with the new code. Its confirmation also gives all tries back.
async fn prove(
    connected: &Connected,
    slot: &RecoverySlot,
    stretched: &Secret<32>,
    vault_key: &Secret<32>,
) -> Result<()> {
    let attempt = Attempt { account: account_id(slot)?, version: slot.version, stretched: stretched.expose() };
    let recovered = connected.fleet().recover(&attempt).await?;
    if Secret::new(*recovered.vault_key.expose()) != *vault_key {
        return Err(VaultError::Registration("the code did not bring the key back".into()).into());
    }
    Ok(())
}

fn slot(connected: &Connected, account: String, version: u32, code: CodeKind) -> RecoverySlot {
    RecoverySlot {
        account,
        version,
        trust: hex::encode(connected.verified.trust_id()),
        fleet_id: connected.verified.bundle().fleet_id.to_string(),
        fleet_url: connected.url.clone(),
        argon2: Argon2Params::default(),
        code,
    }
}

/// A second account is made only when the first is gone: each account has its own count of tries.
async fn refuse_second_account(keepsake: &Keepsake) -> Result<()> {
    let Some(known) = keepsake.account_slot()? else { return Ok(()) };
    let status = async {
        Ok::<_, AppError>(connect(keepsake, &known.fleet_url).await?.fleet().status(account_id(&known)?).await)
    };
    let safe = match status.await {
        Ok(Err(VaultError::Destroyed | VaultError::NoSuchAccount)) => return keepsake.set_code_aside(),
        Ok(Ok(look)) if look.value.destroyed => return keepsake.set_code_aside(),
        Ok(Ok(_)) => "The code you have keeps working.",
        Ok(Err(_)) | Err(_) => "Its fleet does not answer now, so nothing is known about the code you have.",
    };
    Err(AppError::new(
        "already_enrolled",
        "This computer already has a recovery code in a vault.",
        safe,
        "To get a new code there, use `keepsake vault rotate-code`, or \"New code\" on the Recovery page. To move to another fleet, use `keepsake vault enroll --replace`.",
    ))
}
