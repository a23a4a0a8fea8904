//! The passkeys of the account, as this computer and the fleet know them.

use super::authenticators::holders;
use super::known_passkeys::Kept;
use super::roster::{Roster, roster_of};
use super::views::{Ways, merged, remembered};
use crate::fleet::connect;
use crate::home::AccountAt;
use crate::model::{PasskeyHolder, PasskeyOverview, PasskeyPlace, PasskeyView};
use crate::{AppError, Keepsake, Result};

/// Everything about passkeys: which there are, and what could hold a new one. If the fleet cannot
/// be asked, what this computer remembers.
pub async fn passkeys(keepsake: &Keepsake) -> Result<PasskeyOverview> {
    let kept = keepsake.passkeys()?.kept;
    let has_code = keepsake.account_slot()?.is_some();
    let at = keepsake.account_at()?;
    let mut holders = holders(keepsake).await;
    holders.iter_mut().for_each(|holder| refuse_second(holder, &kept, at.as_ref()));
    let (fleet, mock) = match &at {
        Some(at) => ask(keepsake, at).await,
        None => (Ok(Roster::default()), false),
    };
    let ways = Ways::beside(&kept, has_code);
    let (passkeys, problem) = match fleet {
        Ok(roster) => (merged(&kept, &roster, at.as_ref(), ways), None),
        Err(error) => {
            (kept.iter().map(|k| remembered(k, kept.len(), ways)).collect(), Some(error.happened))
        }
    };
    let can_reveal_code = has_code && passkeys.iter().any(|p: &PasskeyView| p.place.is_some());
    Ok(PasskeyOverview { passkeys, holders, has_code, can_reveal_code, mock, problem })
}

/// This computer holds one passkey for an account; a security key tells by itself, when it is
/// asked.
fn refuse_second(holder: &mut PasskeyHolder, kept: &[Kept], at: Option<&AccountAt>) {
    let account = at.map(|at| at.address.account);
    let same = |k: &Kept| k.place == holder.place && Some(k.slot.at.account) == account;
    if holder.place == PasskeyPlace::ThisComputer && kept.iter().any(same) {
        holder.available = false;
        holder.problem = Some(AppError::from(passkey_unlock::PasskeyError::AlreadyThere).happened);
    }
}

async fn ask(keepsake: &Keepsake, at: &AccountAt) -> (Result<Roster>, bool) {
    match connect(keepsake, &at.address.fleet_url).await {
        Ok(connected) => (roster_of(&connected, &at.address).await, connected.verified.mock()),
        Err(error) => (Err(error), false),
    }
}
