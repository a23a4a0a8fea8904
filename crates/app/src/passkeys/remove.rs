//! Taking a passkey away: its boxes are destroyed at every site, its slots go from the backups, its secrets from here.

use super::add::{digests, list_of};
use super::holders::this_computer;
use super::kept::{Kept, names, unknown};
use super::person::Person;
use crate::fleet::connect;
use crate::model::{PasskeyPlace, PasskeyRemoved};
use crate::ownership::AccountAt;
use crate::watch::step;
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch, places};
use passkey_unlock::PasskeyError;
use vault_client::Owner;
use vault_protocol::{OwnerKey, PasskeyDigest, PasskeyList};

const STEPS: u64 = 3;

/// Removes a passkey for good. `pin` erases what this computer keeps of its own; `last_way_in` is the person's word that
/// they know that no other way in is left.
pub async fn remove_passkey(
    keepsake: &Keepsake,
    id: &str,
    pin: Option<RecoverySecret>,
    last_way_in: bool,
    watch: &dyn Watch,
) -> Result<PasskeyRemoved> {
    let at = account_of(keepsake, id)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect(keepsake, &at.fleet_url).await?;
    let list = list_of(&connected, at.account).await?;
    let target = Target::find(keepsake, &list, id)?;
    if !last_way_in && target.is_last(keepsake, &at, &list)? {
        return Err(last_way(&target));
    }
    // First here, where a wrong PIN may stop it: the fleet's part is gone for good.
    erase_here(keepsake, &target, pin, watch).await?;
    step(watch, "Removing it at every site", 1, STEPS);
    if let Some(digest) = target.in_fleet {
        let owner = keepsake.backup_key()?.ok_or_else(AppError::no_backup_key)?.owner_key();
        let owner = Owner { key: OwnerKey(owner.public()), sign: &|message| owner.sign(message) };
        let stay: Vec<_> = digests(&list).into_iter().filter(|d| *d != digest).collect();
        connected.fleet().remove_passkeys(at.account, list.change + 1, &stay, &owner).await?;
    }
    step(watch, "Updating your backups", 2, STEPS);
    forget(keepsake, &target)?;
    let warnings = places::renew_ways_back(keepsake).await;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyRemoved { name: target.name(), mock: connected.verified.mock(), warnings })
}

/// The account that the passkey belongs to: an earlier one of this computer, or the current.
fn account_of(keepsake: &Keepsake, id: &str) -> Result<AccountAt> {
    match keepsake.passkey(id) {
        Ok(kept) => AccountAt::of_passkey(&kept.slot),
        Err(_) => keepsake.account_at()?.ok_or_else(|| unknown(id)),
    }
}

struct Target {
    kept: Option<Kept>,
    in_fleet: Option<PasskeyDigest>,
    credential: String,
}

impl Target {
    fn find(keepsake: &Keepsake, list: &PasskeyList, id: &str) -> Result<Self> {
        let kept = keepsake.passkeys()?.kept.into_iter().find(|k| names(id, &k.digest));
        let listed = list.passkeys.iter().find(|p| names(id, &hex::encode(p.digest)));
        let credential = match (&kept, listed) {
            (Some(kept), _) => kept.slot.credential.clone(),
            (None, Some(listed)) => hex::encode(&listed.credential),
            (None, None) => return Err(unknown(id)),
        };
        Ok(Self { kept, in_fleet: listed.map(|p| p.digest), credential })
    }

    fn name(&self) -> String {
        self.kept.as_ref().map_or_else(|| "The passkey of another computer".into(), |k| k.name.clone())
    }

    /// Whether only this computer would open the backups afterwards.
    fn is_last(&self, keepsake: &Keepsake, at: &AccountAt, list: &PasskeyList) -> Result<bool> {
        let others = list.passkeys.iter().any(|p| Some(p.digest) != self.in_fleet);
        let kept = keepsake.passkeys()?.kept;
        let elsewhere = kept.iter().any(|k| k.slot.account != at.account.to_string());
        Ok(self.in_fleet.is_some() && !others && !elsewhere && keepsake.account_slot()?.is_none())
    }
}

/// What this computer keeps of a passkey of its own. A security key keeps its part, which opens nothing any more.
async fn erase_here(
    keepsake: &Keepsake,
    target: &Target,
    pin: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<()> {
    let Some(kept) = target.kept.as_ref().filter(|k| k.place == PasskeyPlace::ThisComputer) else { return Ok(()) };
    let here = this_computer(keepsake);
    let erased = match pin {
        Some(pin) => here.remove(&kept.credential()?, &Person { pin: &pin, watch }).await,
        None if here.list().await?.len() > 1 => return Err(pin_needed()),
        None => here.erase_all().await,
    };
    match erased {
        Ok(()) | Err(PasskeyError::NoPasskey | PasskeyError::Wiped) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn pin_needed() -> AppError {
    AppError::new(
        "pin_needed",
        "Other passkeys are kept on this computer too: without the PIN they would be erased as well.",
        "Nothing was removed.",
        "Give the PIN, or remove the others first.",
    )
}

fn forget(keepsake: &Keepsake, target: &Target) -> Result<()> {
    let mut passkeys = keepsake.passkeys()?;
    passkeys.kept.retain(|k| k.slot.credential != target.credential);
    passkeys.removed.push(target.credential.clone());
    keepsake.keep_passkeys(&passkeys)
}

fn last_way(target: &Target) -> AppError {
    let here = target.kept.as_ref().is_some_and(|k| k.place == PasskeyPlace::ThisComputer);
    let then = if here { "only this computer's own key is left" } else { "losing this computer is losing the backup" };
    AppError::new(
        "last_way_in",
        format!("{} is the last way in that the vault keeps: without it, {then}.", target.name()),
        "Nothing was removed.",
        "Add a recovery code or another passkey first, or confirm that you mean it (--last-way-in).",
    )
}
