//! The account's passkeys, as this site has applied them.

use super::account;
use crate::api::Site;
use vault_protocol::{AccountId, Answer, Response};

pub(super) async fn passkeys(site: &Site, id: AccountId) -> Response {
    Ok(Answer::Passkeys(account(site, id).await?.passkeys.list()))
}
