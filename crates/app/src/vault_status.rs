//! The account as the sites see it.

use crate::clock::unix_now;
use crate::fleet::{Connected, connect, site_status};
use crate::model::{SiteStatus, VaultEvent, VaultStatus};
use crate::ownership::AccountAt;
use crate::{AppError, Keepsake, Result};
use vault_client::{Look, SiteProblem};
use vault_protocol::limits::MAX_TRIES;
use vault_protocol::{AccountEvent, AccountStatus, EventKind, SiteIndex};

/// Tries left, waiting time, and which sites answer. Spends no try.
pub async fn vault_status(keepsake: &Keepsake) -> Result<VaultStatus> {
    let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    let connected = connect(keepsake, &at.fleet_url).await?;
    status_of(&connected, &at).await
}

/// What happened to the account, oldest first.
pub async fn vault_events(keepsake: &Keepsake) -> Result<Vec<VaultEvent>> {
    let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    let connected = connect(keepsake, &at.fleet_url).await?;
    let look = connected.fleet().events(at.account).await.map_err(|e| connected.refusal(e))?;
    Ok(look.value.into_iter().map(event).collect())
}

pub(crate) async fn status_of(connected: &Connected, at: &AccountAt) -> Result<VaultStatus> {
    let look = connected.fleet().status(at.account).await.map_err(|e| connected.refusal(e))?;
    let sites = sites(connected, &look);
    let passkeys = connected.fleet().passkeys(at.account).await?.value.passkeys.len();
    let AccountStatus { version, tries_left, next_try_at, destroyed, .. } = look.value;
    Ok(VaultStatus {
        fleet_id: at.fleet_id.clone(),
        epoch: connected.verified.epoch(),
        mock: connected.verified.mock(),
        tries_left,
        max_tries: MAX_TRIES,
        wait_seconds: next_try_at.saturating_sub(unix_now()),
        destroyed,
        code_version: version,
        warning: (version > at.code_version).then(|| newer_code(version, at.code_version)),
        passkeys: u32::try_from(passkeys).unwrap_or(u32::MAX),
        sites,
    })
}

fn newer_code(vault: u32, here: u32) -> String {
    if here == 0 {
        return "The vault holds a recovery code that this computer does not know. It was made on another computer."
            .into();
    }
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
        EventKind::PasskeyAdded => ("passkey_added", "A passkey was added".into()),
        EventKind::PasskeyUsed => ("passkey_used", "A passkey was used".into()),
        EventKind::PasskeyRemoved => ("passkey_removed", "A passkey was removed".into()),
        EventKind::PasskeyRefused => ("passkey_refused", "A passkey was refused at a site: it did not verify".into()),
    };
    VaultEvent { at: event.at, kind: kind.into(), text }
}
