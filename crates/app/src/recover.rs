//! Coming back: a code, and the key of a backup is on this computer again.

use crate::archive::blocking;
use crate::code::account_id;
use crate::drill::unlock;
use crate::fleet::connect;
use crate::model::{BackupPreview, Recovered};
use crate::ownership::{Account, AccountAt};
use crate::passkeys::passkey_places;
use crate::places::{Place, address, existing_store, ways_back};
use crate::vault_status::status_of;
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};
use backup_engine::Repository;
use fleet_evidence::FleetUrl;
use sealed_keys::{CodeKind, Header, RecoveryCode, RecoverySlot, SlotKey, SlotKind};

const STEPS: u64 = 3;

/// What can be learned of a backup before it is opened: ways in, and tries left. Spends no try. `fleet` refuses any
/// other fleet than the one on the recovery sheet, before it is asked anything.
pub async fn preview_backup(keepsake: &Keepsake, repo: &str, fleet: Option<&str>) -> Result<BackupPreview> {
    let url = address(repo)?;
    let header = header_of(&url).await?;
    let mut preview = BackupPreview {
        ways_back: ways_back(&header),
        url,
        fleet_url: None,
        fleet_id: None,
        mock: false,
        generated_code: false,
        passkey_places: passkey_places(&header),
        tries_left: None,
        wait_seconds: 0,
        problem: None,
    };
    let code = newest_slot(&header)?.map(|(slot, _)| slot);
    let Some(at) = account_of(&header, code.as_ref())? else { return Ok(preview) };
    refuse_other_fleet(fleet, &at.fleet_url)?;
    preview.fleet_url = Some(at.fleet_url.clone());
    preview.fleet_id = Some(at.fleet_id.clone());
    preview.generated_code = code.as_ref().is_some_and(|slot| slot.code == CodeKind::Generated);
    let status = async { status_of(&connect(keepsake, &at.fleet_url).await?, &at).await };
    match status.await {
        Ok(status) => {
            preview.mock = status.mock;
            preview.tries_left = code.map(|_| if status.destroyed { 0 } else { status.tries_left });
            preview.wait_seconds = status.wait_seconds;
        }
        Err(error) => preview.problem = Some(error.happened),
    }
    Ok(preview)
}

/// Brings the backup key back with the recovery code, and keeps it on this computer. `fleet` refuses any other fleet
/// than the one on the recovery sheet. A typing mistake in a generated code is found before a try is spent.
pub async fn recover(
    keepsake: &Keepsake,
    repo: &str,
    fleet: Option<&str>,
    code: RecoverySecret,
    watch: &dyn Watch,
) -> Result<Recovered> {
    let url = address(repo)?;
    let header = header_of(&url).await?;
    let (slot, registered) = newest_slot(&header)?.ok_or(sealed_keys::KeyError::NoSuchSlot)?;
    let code = RecoveryCode::parse(slot.code, code.expose())?;
    refuse_other_fleet(fleet, &slot.fleet_url)?;
    account_id(&slot)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect(keepsake, &slot.fleet_url).await?;
    step(watch, "Trying the code", 1, STEPS);
    let (vault_key, recovered) = unlock(&connected, &slot, &code).await?;
    step(watch, "Opening the backup", 2, STEPS);
    let key = header.open_with(SlotKind::RecoveryCode, &SlotKey::new(vault_key.clone()))?;
    keepsake.keep_backup_key(&key)?;
    let keys_since = Some(connected.verified.bundle().keys_since());
    keepsake.keep_account(&Account { slot, keys_since, registered, code, vault_key })?;
    if keepsake.place(&url)?.is_none() {
        keepsake.keep_place(Place { url, last_backup: None, cursor: 0, seen: None })?;
    }
    step(watch, "Done", STEPS, STEPS);
    Ok(recovered)
}

pub(crate) async fn header_of(url: &str) -> Result<Header> {
    let url = url.to_string();
    blocking(move || Ok(Repository::read_header(existing_store(&url)?.as_ref())?)).await
}

/// Whom the vault is asked about: the account of the code, or else of the newest passkey.
fn account_of(header: &Header, code: Option<&RecoverySlot>) -> Result<Option<AccountAt>> {
    if let Some(slot) = code {
        return AccountAt::of_code(slot).map(Some);
    }
    let newest = header.slots_of(&SlotKind::Passkey).max_by_key(|slot| slot.created);
    newest.map(|slot| AccountAt::of_passkey(&slot.passkey()?)).transpose()
}

/// The youngest recovery code's slot, and when it was registered.
pub(crate) fn newest_slot(header: &Header) -> Result<Option<(RecoverySlot, u64)>> {
    let newest = header.slots_of(&SlotKind::RecoveryCode).max_by_key(|s| s.created);
    Ok(newest.map(|s| s.recovery().map(|slot| (slot, s.created))).transpose()?)
}

/// Whether two addresses name the same trust document.
pub(crate) fn same_fleet(wanted: &str, named: &str) -> Result<bool> {
    let read = |url: &str| FleetUrl::parse(url).map_err(|e| AppError::fleet_url(&e.to_string()));
    Ok(read(wanted)?.pin.is_some_and(|pin| read(named).is_ok_and(|u| u.pin == Some(pin))))
}

/// The header's fleet address is the storage provider's word until the backup is open; the recovery sheet's is not.
pub(crate) fn refuse_other_fleet(wanted: Option<&str>, named: &str) -> Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    if same_fleet(wanted, named)? {
        return Ok(());
    }
    Err(AppError::new(
        "other_fleet",
        "This backup names another fleet than the one you gave.",
        "No code was sent anywhere.",
        "Compare the fleet's address with your recovery sheet. If the sheet is right, somebody changed the backup.",
    ))
}
