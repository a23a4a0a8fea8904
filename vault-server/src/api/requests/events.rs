//! An account's history, as this site has applied it.

use super::account;
use crate::api::Site;
use vault_protocol::{AccountId, Answer, Response};

pub(super) async fn events(site: &Site, id: AccountId) -> Response {
    Ok(Answer::Events(account(site, id).await?.events.into()))
}
