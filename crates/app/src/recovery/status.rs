//! The account as the sites see it.

use super::own_tries::own_tries;
use super::{carry_on_with, learn_missing_code, pending_at};
use crate::fleet::{Connected, connect, site_status};
use crate::home::AccountAt;
use crate::model::{SiteStatus, VaultStatus};
use crate::{AppError, Keepsake, Result};
use vault_client::{Code, Seen};
use vault_protocol::CodeOrigin;
use vault_protocol::limits::MAX_TRIES;

/// Tries left, waiting time, what others did, and which sites answer. Spends no try.
///
/// # Errors
/// `not_enrolled`, `too_few_sites`, and why the fleet is not used.
pub async fn vault_status(keepsake: &Keepsake) -> Result<VaultStatus> {
    // What cannot be learned now leaves the person where they are: without an account here.
    let _ = learn_missing_code(keepsake).await;
    let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    let connected = connect(keepsake, &at.address.fleet_url).await?;
    let fleet = connected.fleet();
    let looked = carry_on_with(keepsake, &connected, fleet.look(at.address.account)).await;
    let seen = looked.map_err(|e| connected.refusal(e, &at.address))?;
    let code = code_of(&seen, keepsake.now());
    let elsewhere = tries_elsewhere(keepsake, &seen)?;
    let is_owner = keepsake.owner_of(&at.address).is_ok();
    Ok(VaultStatus {
        fleet_id: at.address.fleet_id.to_string(),
        epoch: connected.verified.epoch(),
        mock: connected.verified.mock(),
        tries_left: code.tries_left,
        max_tries: code.max_tries,
        wait_seconds: seen.wait_seconds(),
        frozen_until: code.frozen_until,
        destroyed: code.destroyed,
        removed: seen.is_removed(),
        code_version: seen.newest_version(),
        warning: newer_code(seen.newest_version(), &at),
        tries_elsewhere: elsewhere,
        tries_by_header: code.tries_by_header,
        can_reset: is_owner && code.can_be_reset(&seen),
        passkeys: u32::try_from(seen.passkeys().len()).unwrap_or(u32::MAX),
        pending: pending_at(keepsake, &at.address.account)?,
        sites: sites(&connected, &seen),
    })
}

struct CodeStatus {
    tries_left: u8,
    max_tries: u8,
    frozen_until: Option<u64>,
    destroyed: bool,
    tries_by_header: bool,
}

fn code_of(seen: &Seen, now: u64) -> CodeStatus {
    let policy = seen.facts().record().map(|signed| signed.record.policy);
    let (tries_left, frozen_until) = match seen.code() {
        Code::Open { tries_left } => (tries_left, None),
        Code::Frozen { seconds } => (0, Some(now.saturating_add(seconds))),
        Code::None | Code::Destroyed | Code::Removed => (0, None),
    };
    CodeStatus {
        tries_left,
        max_tries: policy.map_or(MAX_TRIES, |policy| policy.max_tries),
        frozen_until,
        destroyed: seen.code() == Code::Destroyed,
        tries_by_header: policy.is_some_and(|policy| policy.code == CodeOrigin::Own),
    }
}

impl CodeStatus {
    /// The owner's signature would bring tries back that open something.
    fn can_be_reset(&self, seen: &Seen) -> bool {
        match seen.code() {
            Code::Open { .. } => self.tries_left < self.max_tries,
            Code::Frozen { .. } => true,
            Code::None | Code::Destroyed | Code::Removed => false,
        }
    }
}

/// Tries of the running round that this computer did not make.
fn tries_elsewhere(keepsake: &Keepsake, seen: &Seen) -> Result<u8> {
    if seen.facts().record().is_none() {
        return Ok(0);
    }
    let spent = seen.next_slot().saturating_sub(1);
    Ok(spent.saturating_sub(own_tries(keepsake, &seen.account, seen.round())?))
}

fn newer_code(vault: u32, at: &AccountAt) -> Option<String> {
    let here = at.code_version;
    if vault <= here {
        return None;
    }
    if here == 0 {
        let text = "The vault holds a recovery code that this computer does not know. It was made on another computer.";
        return Some(text.into());
    }
    Some(format!(
        "The vault holds code number {vault}; this computer knows number {here}, which does not work any more. If you made the newer code on another computer, use that one. If not, make a new code now."
    ))
}

fn sites(connected: &Connected, seen: &Seen) -> Vec<SiteStatus> {
    let each = |site: &vault_protocol::Site| {
        let mut status = site_status(site);
        status.reachable = seen.views.contains_key(&site.index);
        status.problem = seen.notes.problems.get(&site.index).map(ToString::to_string);
        let caught = seen.notes.liars.get(&site.index);
        status.caught = caught.into_iter().flatten().map(ToString::to_string).collect();
        status
    };
    connected.verified.bundle().sites.iter().map(each).collect()
}
