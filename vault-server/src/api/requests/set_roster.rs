//! The owner adds a passkey, or strikes one off.

use super::{agreed, commit, own_nonce_is_listed, storage};
use crate::api::sessions::NonceFor;
use crate::api::{Site, now};
use crate::webauthn::{has_extension_results, verifier};
use vault_protocol::{Answer, Refusal, Response, RosterUpdate, SessionId};
use vault_state::{Command, RosterChange, check_roster};

pub(super) async fn set(site: &Site, session: &SessionId, update: RosterUpdate) -> Response {
    let (account, change) = (update.roster.account, update.roster.change);
    if let Some(record) = &update.added {
        if has_extension_results(&record.registration) {
            return Err(Refusal::ExtensionResults);
        }
        own_nonce_is_listed(site, session, NonceFor::Registration, account, &record.nonces)?;
    }
    if agreed(site, || decided(site, &update)).await? == RosterChange::Known {
        return Ok(Answer::RosterSet { change });
    }
    // An owner's changes are entries of every site's log too: they share the limit of registrations.
    site.limits.registration().map_err(|seconds| Refusal::Busy { seconds })?;
    commit(site, Command::SetRoster { update, at: now() }).await?;
    Ok(Answer::RosterSet { change })
}

async fn decided(site: &Site, update: &RosterUpdate) -> Result<RosterChange, Refusal> {
    let (held, pending) = site.cluster.reader().before_registration(update.roster.account).await.map_err(storage)?;
    check_roster(&site.keys, verifier(), held.as_ref(), &pending, update, now())
}
