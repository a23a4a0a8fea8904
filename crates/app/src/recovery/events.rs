//! What happened to the account, as its sites tell it.

use super::carry_on_with;
use super::own_attempts::which_are_own;
use crate::fleet::connect;
use crate::model::{VaultEvent, VaultEventKind};
use crate::{AppError, Keepsake, Result};
use vault_client::Event;
use vault_protocol::EventKind;

/// What happened to the account, oldest first. Nobody can prove a history: each line says how many
/// sites tell of it.
///
/// # Errors
/// `not_enrolled`, `too_few_sites`, and why the fleet is not used.
pub async fn vault_events(keepsake: &Keepsake) -> Result<Vec<VaultEvent>> {
    let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    let connected = connect(keepsake, &at.address.fleet_url).await?;
    let fleet = connected.fleet();
    let asked = carry_on_with(keepsake, &connected, fleet.events(at.address.account)).await;
    let history = asked.map_err(|e| connected.refusal(e, &at.address))?;
    let sites = connected.sites();
    let is_try = |event: &&Event| matches!(event.kind, EventKind::Tried { .. });
    let tries: Vec<u64> = history.events.iter().filter(is_try).map(|event| event.at).collect();
    let mut own = which_are_own(keepsake, at.address.account, &tries).into_iter();
    let told = |event: &Event| {
        let own = is_try(&event) && own.next().unwrap_or(false);
        line(event, own, sites)
    };
    Ok(history.events.iter().map(told).collect())
}

fn line(event: &Event, own: bool, sites: u8) -> VaultEvent {
    let (kind, text) = match event.kind {
        EventKind::Registered { version } => {
            (VaultEventKind::Registered, format!("Recovery code {version} was registered"))
        }
        EventKind::Replaced { version } => (
            VaultEventKind::Replaced,
            format!("A new recovery code replaced the old one (code {version})"),
        ),
        EventKind::Tried { .. } if own => {
            (VaultEventKind::Tried, "This computer tried the recovery code".into())
        }
        EventKind::Tried { slot, .. } => {
            (VaultEventKind::Tried, format!("A recovery code was tried (try {slot} of this count)"))
        }
        EventKind::Confirmed { .. } => {
            (VaultEventKind::Confirmed, "The right code was given; all tries are back".into())
        }
        EventKind::Reset { .. } => {
            (VaultEventKind::Reset, "A computer of yours gave all tries back".into())
        }
        EventKind::Frozen => (
            VaultEventKind::Frozen,
            "The last try was used; the code is frozen for seven days".into(),
        ),
        EventKind::Destroyed => (
            VaultEventKind::Destroyed,
            "The tries are used up and the vault destroyed its copy".into(),
        ),
        EventKind::Removed => (VaultEventKind::Removed, "The account was removed".into()),
        EventKind::PasskeyAdded => (VaultEventKind::PasskeyAdded, "A passkey was added".into()),
        EventKind::PasskeyUsed => (VaultEventKind::PasskeyUsed, "A passkey was used".into()),
        EventKind::PasskeyRemoved => {
            (VaultEventKind::PasskeyRemoved, "A passkey was removed".into())
        }
        EventKind::PasskeyRefused => (
            VaultEventKind::PasskeyRefused,
            "A passkey was refused at a site: it did not verify".into(),
        ),
    };
    let told_by = u8::try_from(event.sites.len()).unwrap_or(u8::MAX);
    VaultEvent { at: event.at, kind, text, own, told_by, sites }
}
