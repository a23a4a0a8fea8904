//! Destroying an account at its owner's word.

use super::commit;
use crate::api::{Site, now};
use vault_protocol::{AccountId, Answer, Response, Signature64, Version};
use vault_state::Command;

pub(super) async fn remove(site: &Site, account: AccountId, version: Version, signature: Signature64) -> Response {
    commit(site, Command::Remove { account, version, signature, at: now() }).await?;
    site.open_boxes.forget(account, version);
    Ok(Answer::Removed)
}
