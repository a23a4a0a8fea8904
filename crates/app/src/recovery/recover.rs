//! Coming back: a code, and the key of a backup is on this computer again.

use super::unsaved::note_saved;
use super::{header_of, newest_code, unlock};
use crate::backup::destinations::{Destination, address};
use crate::fleet::{FleetPin, connect_examined, pinned};
use crate::home::Account;
use crate::model::Recovered;
use crate::progress::step;
use crate::protection::note_proof;
use crate::{Keepsake, RecoverySecret, Result, Watch};
use sealed_keys::{KeyError, RecoveryCode, SlotKey, SlotKind};

const STEPS: u64 = 3;

/// Brings the backup key back with the recovery code, and keeps it on this computer. Nobody is
/// contacted but the fleet that `fleet` names, and no code is tried before its evidence was found
/// good and the backup's header was compared with what its owner signed. A typing mistake in a
/// generated code is found before anything.
///
/// # Errors
/// `fleet_needed`, `other_fleet`, `evidence_refused`, `header_altered`, `wrong_code`, …: each with
/// what is safe.
pub async fn recover(
    keepsake: &Keepsake,
    repo: &str,
    fleet: Option<&FleetPin>,
    code: RecoverySecret,
    watch: &dyn Watch,
) -> Result<Recovered> {
    let url = address(repo)?;
    let header = header_of(keepsake, &url).await?;
    let (slot, registered) = newest_code(&header)?.ok_or(KeyError::NoSuchSlot)?;
    let code = RecoveryCode::parse(slot.code, code.expose())?;
    let fleet_url = pinned(keepsake, fleet, &slot.at)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect_examined(keepsake, &fleet_url).await?;
    step(watch, "Trying the code", 1, STEPS);
    let (vault_key, recovered) = unlock(keepsake, &connected, &slot, &code, watch).await?;
    step(watch, "Opening the backup", 2, STEPS);
    let key = header.open_with(SlotKind::RecoveryCode, &SlotKey::new(vault_key.clone()))?;
    keepsake.keep_key_of(&header, &key)?;
    let account = Account { slot, registered, code, vault_key };
    // A backup that has still a key of before is no reason to forget the code of now.
    if keepsake.backup_key()?.is_some_and(|present| account.is_of(&present)) {
        keepsake.keep_account(&account)?;
    }
    if keepsake.destination(&url)?.is_none() {
        keepsake.keep_destination(Destination::new(url))?;
    }
    note_saved(keepsake)?;
    note_proof(keepsake)?;
    step(watch, "Done", STEPS, STEPS);
    Ok(recovered)
}
