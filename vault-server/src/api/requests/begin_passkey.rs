//! A nonce towards registering a passkey. The fleet is told, so that a record cannot come from nowhere.

use super::{agreed, commit, storage};
use crate::api::sessions::NonceFor;
use crate::api::{Site, now};
use vault_protocol::{AccountId, Answer, Change, Refusal, Response, SessionId};
use vault_state::{Command, check_next_change};

pub(super) async fn begin(site: &Site, session: &SessionId, account: AccountId, change: Change) -> Response {
    agreed(site, || async {
        let held = site.cluster.reader().account(account).await.map_err(storage)?;
        match check_next_change(held.as_ref(), change) {
            // This site may not have applied the change before yet; the fleet decides.
            Err(Refusal::WrongChange { current }) if current < change => Ok(()),
            decided => decided,
        }
    })
    .await?;
    site.limits.registration().map_err(|seconds| Refusal::Busy { seconds })?;
    commit(site, Command::OpenPasskeyRegistration { account, change, site: site.index, at: now() }).await?;
    Ok(Answer::Nonce(site.sessions.give_nonce(session, NonceFor::Registration, account)?))
}
