//! The account as the sites see it.

use crate::clock::unix_now;
use crate::code::account_id;
use crate::fleet::{Connected, connect, site_status};
use crate::model::{SiteStatus, VaultEvent, VaultStatus};
use crate::{AppError, Keepsake, Result};
use sealed_keys::RecoverySlot;
use vault_client::{Look, SiteProblem};
use vault_protocol::limits::MAX_TRIES;
use vault_protocol::{AccountEvent, AccountStatus, EventKind, SiteIndex};

/// Tries left, waiting time, and which sites answer. Spends no try.
pub async fn vault_status(keepsake: &Keepsake) -> Result<VaultStatus> {
    let slot = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    let connected = connect(keepsake, &slot.fleet_url).await?;
    status_of(&connected, &slot).await
}

/// What happened to the account, oldest first.
pub async fn vault_events(keepsake: &Keepsake) -> Result<Vec<VaultEvent>> {
    let slot = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    let connected = connect(keepsake, &slot.fleet_url).await?;
    let look = connected.fleet().events(account_id(&slot)?).await.map_err(|e| connected.refusal(e))?;
    Ok(look.value.into_iter().map(event).collect())
}

pub(crate) async fn status_of(connected: &Connected, slot: &RecoverySlot) -> Result<VaultStatus> {
    let look = connected.fleet().status(account_id(slot)?).await.map_err(|e| connected.refusal(e))?;
    let sites = sites(connected, &look);
    let AccountStatus { version, tries_left, next_try_at, destroyed, .. } = look.value;
    Ok(VaultStatus {
        fleet_id: slot.fleet_id.clone(),
        epoch: connected.verified.epoch(),
        mock: connected.verified.mock(),
        tries_left,
        max_tries: MAX_TRIES,
        wait_seconds: next_try_at.saturating_sub(unix_now()),
        destroyed,
        code_version: version,
        warning: (version > slot.version).then(|| newer_code(version, slot.version)),
        sites,
    })
}

fn newer_code(vault: u32, here: u32) -> String {
    format!(
        "The vault holds code number {vault}; this computer knows number {here}, which does not work any more. If you made the newer code on another computer, use that one. If not, make a new code now."
    )
}

fn sites(connected: &Connected, look: &Look<AccountStatus>) -> Vec<SiteStatus> {
    let problem = |index: SiteIndex| look.problems.iter().find(|(i, _)| *i == index).map(|(_, p): &(_, SiteProblem)| p);
    let each = |site| {
        let mut status = site_status(site);
        status.reachable = look.answered.contains(&site.index);
        status.problem = problem(site.index).map(ToString::to_string);
        status
    };
    connected.verified.bundle().sites.iter().map(each).collect()
}

fn event(event: AccountEvent) -> VaultEvent {
    let (kind, text) = match event.kind {
        EventKind::Registered { version } => ("registered", format!("Recovery code {version} was registered")),
        EventKind::Replaced { version } => {
            ("replaced", format!("A new recovery code replaced the old one (code {version})"))
        }
        EventKind::Tried { tries_left, .. } => {
            ("tried", format!("A recovery code was tried; {tries_left} tries were left"))
        }
        EventKind::Confirmed { .. } => ("confirmed", "The right code was given; all tries are back".into()),
        EventKind::Destroyed => ("destroyed", "The last try failed and the vault destroyed its copy".into()),
        EventKind::Removed => ("removed", "The account was removed".into()),
    };
    VaultEvent { at: event.at, kind: kind.into(), text }
}
