//! Taking a passkey away: its boxes are destroyed at every site, its slots go from the backups, its
//! secrets from here.

use super::authenticators::this_computer;
use super::known_passkeys::{Kept, names, unknown};
use super::prompts::Person;
use super::roster::{Roster, roster_of};
use crate::backup::destinations;
use crate::fleet::{Connected, connect};
use crate::home::AccountAt;
use crate::model::{PasskeyPlace, PasskeyRemoved, SpreadView};
use crate::progress::step;
use crate::recovery::{keep_errand, revoking};
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use passkey_unlock::PasskeyError;
use vault_protocol::PasskeyDigest;

const STEPS: u64 = 3;

/// Removes a passkey for good. `pin` erases what this computer keeps of its own; `last_way_in` is
/// the person's word that they know that no other way in is left.
///
/// # Errors
/// `not_found`, `last_way_in`, `pin_needed`, `wrong_pin`, `passkeys_changed`, `too_few_sites`, …
pub async fn remove_passkey(
    keepsake: &Keepsake,
    id: &str,
    pin: Option<RecoverySecret>,
    last_way_in: bool,
    watch: &dyn Watch,
) -> Result<PasskeyRemoved> {
    let at = account_of(keepsake, id)?;
    step(watch, "Verifying the fleet", 0, STEPS);
    let connected = connect(keepsake, &at.address.fleet_url).await?;
    let roster = roster_of(&connected, &at.address).await?;
    let target = Target::find(keepsake, &roster, id)?;
    if !last_way_in && target.is_last(keepsake, &at, &roster)? {
        return Err(last_way(&target));
    }
    // First here, where a wrong PIN may stop it: the fleet's part is gone for good.
    erase_here(keepsake, &target, pin, watch).await?;
    step(watch, "Removing it at every site", 1, STEPS);
    let spread = strike_off(keepsake, &connected, &at, &roster, &target).await?;
    step(watch, "Updating your backups", 2, STEPS);
    forget(keepsake, &target)?;
    let warnings = destinations::renew_ways_back(keepsake).await;
    step(watch, "Done", STEPS, STEPS);
    Ok(PasskeyRemoved { name: target.name(), mock: connected.verified.mock(), spread, warnings })
}

/// The account that the passkey belongs to: an earlier one of this computer, or the current.
fn account_of(keepsake: &Keepsake, id: &str) -> Result<AccountAt> {
    match keepsake.passkey(id) {
        Ok(kept) => Ok(AccountAt::of_passkey(kept.slot.at)),
        Err(_) => keepsake.account_at()?.ok_or_else(|| unknown(id)),
    }
}

/// Tells the sites of the roster without it; `None` if it was on none.
async fn strike_off(
    keepsake: &Keepsake,
    connected: &Connected,
    at: &AccountAt,
    roster: &Roster,
    target: &Target,
) -> Result<Option<SpreadView>> {
    let Some(digest) = target.in_fleet else { return Ok(None) };
    let owned = keepsake.owner_of(&at.address)?;
    let stay: Vec<_> = roster.digests.iter().copied().filter(|d| *d != digest).collect();
    let carried = connected.fleet().leave_passkeys(&owned.as_owner(), roster.next(), &stay).await;
    let spread = &carried.spread;
    keep_errand(keepsake, connected, spread, carried.errand.as_ref())?;
    if !spread.is_stored() {
        let needed = spread.sites() / 2 + 1;
        return Err(AppError::too_few_sites(
            spread.count(),
            needed,
            spread.sites(),
            &carried.notes,
        ));
    }
    Ok(Some(revoking(spread)))
}

struct Target {
    kept: Option<Kept>,
    in_fleet: Option<PasskeyDigest>,
    credential: String,
}

impl Target {
    fn find(keepsake: &Keepsake, roster: &Roster, id: &str) -> Result<Self> {
        let kept = keepsake.passkeys()?.kept.into_iter().find(|k| names(id, &k.digest));
        let listed = roster.passkeys.iter().find(|p| names(id, &hex::encode(p.head.digest())));
        let credential = match (&kept, listed) {
            (Some(kept), _) => kept.slot.credential.clone(),
            (None, Some(listed)) => hex::encode(&listed.head.credential),
            (None, None) => return Err(unknown(id)),
        };
        Ok(Self { kept, in_fleet: listed.map(|p| p.head.digest()), credential })
    }

    fn name(&self) -> String {
        self.kept
            .as_ref()
            .map_or_else(|| "The passkey of another computer".into(), |k| k.name.clone())
    }

    /// Whether only this computer would open the backups afterwards.
    fn is_last(&self, keepsake: &Keepsake, at: &AccountAt, roster: &Roster) -> Result<bool> {
        let others = roster.digests.iter().any(|digest| Some(*digest) != self.in_fleet);
        let kept = keepsake.passkeys()?.kept;
        let elsewhere = kept.iter().any(|k| k.slot.at.account != at.address.account);
        Ok(self.in_fleet.is_some() && !others && !elsewhere && keepsake.account_slot()?.is_none())
    }
}

/// What this computer keeps of a passkey of its own. A security key keeps its part, which opens
/// nothing any more.
async fn erase_here(
    keepsake: &Keepsake,
    target: &Target,
    pin: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<()> {
    let Some(kept) = target.kept.as_ref().filter(|k| k.place == PasskeyPlace::ThisComputer) else {
        return Ok(());
    };
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
        NextStep::GivePinOrRemoveOthers,
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
    let then = if here {
        "only this computer's own key is left"
    } else {
        "losing this computer is losing the backup"
    };
    AppError::new(
        "last_way_in",
        format!("{} is the last way in that the vault keeps: without it, {then}.", target.name()),
        "Nothing was removed.",
        NextStep::ConfirmLastWayIn,
    )
}
