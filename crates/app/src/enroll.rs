//! Making the way back: registering a code in the vault.

use crate::clock::unix_now;
use crate::code::{account_id, choose, stretch};
use crate::fleet::{Connected, connect_examined};
use crate::model::NewCode;
use crate::ownership::Account;
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch, places};
use rand_core::{OsRng, RngCore};
use sealed_keys::{Argon2Params, BackupKey, CodeKind, RecoveryCode, RecoverySlot, Secret};
use vault_client::{Attempt, Enrolment, VaultError};
use vault_protocol::OwnerKey;

const STEPS: u64 = 4;

/// Registers this computer's backup key with the fleet, under a generated code or the person's own, and proves with one
/// full recovery that the code works before it is shown.
pub async fn enroll(
    keepsake: &Keepsake,
    fleet_url: &str,
    own_code: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<NewCode> {
    step(watch, "Verifying the fleet and its evidence", 0, STEPS);
    let connected = connect_examined(keepsake, fleet_url).await?;
    refuse_second_account(keepsake, &connected).await?;
    let code = choose(own_code)?;
    let mut account = [0; 16];
    OsRng.fill_bytes(&mut account);
    let slot = slot(&connected, hex::encode(account), 1, code.kind());
    register(keepsake, &connected, slot, code, watch).await
}

/// Replaces the code by a new one; the old one is dead at every site from then on. Tries already spent stay spent until
/// the new code has been proved, which this does at once.
pub async fn rotate_code(keepsake: &Keepsake, own_code: Option<RecoverySecret>, watch: &dyn Watch) -> Result<NewCode> {
    let account = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    step(watch, "Verifying the fleet and its evidence", 0, STEPS);
    let connected = connect_examined(keepsake, &account.fleet_url).await?;
    let status = connected.fleet().status(account_id(&account)?).await?.value;
    if status.destroyed {
        return Err(VaultError::Destroyed.into());
    }
    let code = choose(own_code)?;
    let slot = slot(&connected, account.account, status.version + 1, code.kind());
    register(keepsake, &connected, slot, code, watch).await
}

async fn register(
    keepsake: &Keepsake,
    connected: &Connected,
    slot: RecoverySlot,
    code: RecoveryCode,
    watch: &dyn Watch,
) -> Result<NewCode> {
    let backup_key = keepsake.backup_key_or_new()?;
    step(watch, "Registering the code at every site", 1, STEPS);
    let stretched = stretch(&code, &slot).await?;
    let (vault_key, sites) = store(connected, &slot, &stretched, &backup_key).await?;
    step(watch, "Proving that the code works", 2, STEPS);
    prove(connected, &slot, &stretched, &vault_key).await?;
    step(watch, "Updating your backups", 3, STEPS);
    let account = Account { slot, registered: unix_now(), code, vault_key };
    keepsake.keep_account(&account)?;
    places::renew_ways_back(keepsake).await?;
    step(watch, "Done", STEPS, STEPS);
    let generated = account.slot.code == CodeKind::Generated;
    Ok(NewCode {
        code: generated.then(|| account.code.display().expose().to_string()),
        fleet_url: account.slot.fleet_url,
        account: account.slot.account,
        version: account.slot.version,
        mock: connected.verified.mock(),
        sites_registered: sites,
    })
}

async fn store(
    connected: &Connected,
    slot: &RecoverySlot,
    stretched: &Secret<32>,
    backup_key: &BackupKey,
) -> Result<(Secret<32>, u8)> {
    let owner = backup_key.owner_key();
    let enrolment = Enrolment {
        account: account_id(slot)?,
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
async fn refuse_second_account(keepsake: &Keepsake, connected: &Connected) -> Result<()> {
    let Some(known) = keepsake.account_slot()? else { return Ok(()) };
    if known.fleet_id == connected.verified.bundle().fleet_id.to_string() {
        match connected.fleet().status(account_id(&known)?).await {
            Err(VaultError::Destroyed | VaultError::NoSuchAccount) => return Ok(()),
            Ok(look) if look.value.destroyed => return Ok(()),
            Ok(_) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(AppError::new(
        "already_enrolled",
        "This computer already has a recovery code in a vault.",
        "The code you have keeps working.",
        "To get a new code, use `keepsake vault rotate-code`, or \"New code\" on the Recovery page.",
    ))
}
