//! The passkeys of the account, as this computer and the fleet know them.

use super::add::{Roster, roster_of};
use super::authenticators::holders;
use super::known_passkeys::{ID_DIGITS, Kept};
use crate::fleet::connect;
use crate::home::AccountAt;
use crate::model::{PasskeyHolder, PasskeyOverview, PasskeyPlace, PasskeyView};
use crate::{AppError, Keepsake, Result};
use vault_client::SeenPasskey;

/// Everything about passkeys: which there are, and what could hold a new one. If the fleet cannot be asked, what this
/// computer remembers.
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
        Err(error) => (kept.iter().map(|k| remembered(k, kept.len(), ways)).collect(), Some(error.happened)),
    };
    let can_reveal_code = has_code && passkeys.iter().any(|p: &PasskeyView| p.place.is_some());
    Ok(PasskeyOverview { passkeys, holders, has_code, can_reveal_code, mock, problem })
}

/// This computer holds one passkey for an account; a security key tells by itself, when it is asked.
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

/// What there is beside one passkey.
#[derive(Clone, Copy)]
struct Ways {
    has_code: bool,
    /// A passkey that outlives this computer.
    has_key: bool,
}

impl Ways {
    fn beside(kept: &[Kept], has_code: bool) -> Self {
        Self { has_code, has_key: kept.iter().any(|k| k.place == PasskeyPlace::SecurityKey) }
    }

    fn last(self, passkeys: usize) -> bool {
        !self.has_code && passkeys == 1
    }

    fn what_if(self, place: PasskeyPlace) -> &'static str {
        match place {
            PasskeyPlace::ThisComputer if self.has_code || self.has_key => {
                "It is lost with this computer. On a new computer you will need your recovery code or a security key."
            }
            PasskeyPlace::ThisComputer => {
                "It is lost with this computer, and then nothing opens your backups: add a recovery code or a security key."
            }
            PasskeyPlace::SecurityKey => "On a new computer you will need this security key and its PIN.",
        }
    }
}

/// Those the fleet has, in its order, then those that only this computer remembers.
fn merged(kept: &[Kept], roster: &Roster, at: Option<&AccountAt>, ways: Ways) -> Vec<PasskeyView> {
    let count = roster.digests.len();
    let digest = |status: &SeenPasskey| hex::encode(status.head.digest());
    let here = |status: &SeenPasskey| kept.iter().find(|k| k.digest == digest(status));
    let known = roster.passkeys.iter().map(|status| PasskeyView {
        last_used: status.last_used,
        in_fleet: Some(true),
        last_way_in: ways.last(count),
        ..here(status).map_or_else(|| elsewhere(status), |k| remembered(k, count, ways))
    });
    let gone = |k: &&Kept| !roster.digests.iter().any(|digest| hex::encode(digest) == k.digest);
    let lost = kept.iter().filter(gone).map(|k| match at {
        Some(at) if k.slot.at.account == at.address.account => PasskeyView {
            in_fleet: Some(false),
            what_if: "The vault does not know it any more: it opens nothing. Remove it.".into(),
            ..view(k, ways)
        },
        // Of an earlier account, which was not asked.
        _ => view(k, ways),
    });
    known.chain(lost).collect()
}

/// A passkey as this computer remembers it, with what there is beside it.
pub(super) fn view_of(keepsake: &Keepsake, kept: &Kept) -> Result<PasskeyView> {
    let has_code = keepsake.account_slot()?.is_some();
    Ok(view(kept, Ways::beside(&keepsake.passkeys()?.kept, has_code)))
}

fn view(kept: &Kept, ways: Ways) -> PasskeyView {
    PasskeyView {
        id: kept.id(),
        name: kept.name.clone(),
        place: Some(kept.place),
        added: kept.added,
        last_used: None,
        in_fleet: None,
        last_way_in: false,
        what_if: ways.what_if(kept.place).into(),
        mock: kept.mock,
    }
}

fn remembered(kept: &Kept, count: usize, ways: Ways) -> PasskeyView {
    PasskeyView { last_way_in: ways.last(count), ..view(kept, ways) }
}

fn elsewhere(status: &SeenPasskey) -> PasskeyView {
    PasskeyView {
        id: hex::encode(status.head.digest()).chars().take(ID_DIGITS).collect(),
        name: "Added on another computer".into(),
        place: None,
        added: status.added,
        last_used: status.last_used,
        in_fleet: Some(true),
        last_way_in: false,
        what_if: "It was added on another computer, which knows where it is kept.".into(),
        mock: false,
    }
}
