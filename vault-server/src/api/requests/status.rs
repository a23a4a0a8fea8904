//! Tries left, as this site has applied them.

use super::account;
use crate::api::Site;
use vault_protocol::{AccountId, Answer, Response};

pub(super) async fn status(site: &Site, id: AccountId) -> Response {
    Ok(Answer::Status(account(site, id).await?.status()))
}
