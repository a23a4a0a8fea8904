//! A nonce towards one assertion.

use super::{known_account, storage};
use crate::api::sessions::NonceFor;
use crate::api::{Site, now};
use vault_protocol::{AccountId, Answer, Refusal, Response, SessionId};

pub(super) async fn begin(site: &Site, session: &SessionId, id: AccountId) -> Response {
    if known_account(site, id).await?.passkeys.held.is_empty() {
        return Err(Refusal::NoSuchPasskey);
    }
    let earliest = site.local.next_assertion_at(id).await.map_err(storage)?;
    if now() < earliest {
        return Err(Refusal::TooSoon { at: earliest });
    }
    Ok(Answer::Nonce(site.sessions.give_nonce(session, NonceFor::Release, id)?))
}
