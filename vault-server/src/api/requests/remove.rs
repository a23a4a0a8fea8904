//! Destroying an account at its owner's word.

use super::{commit, known_account};
use crate::api::{Site, now};
use vault_protocol::{AccountId, Answer, Response, Signature64, Version};
use vault_state::{Command, check_removal};

pub(super) async fn remove(site: &Site, account: AccountId, version: Version, signature: Signature64) -> Response {
    let held = known_account(site, account).await?;
    check_removal(&site.keys, &held, &account, version, &signature)?;
    commit(site, Command::Remove { account, version, signature, at: now() }).await?;
    site.open_boxes.forget(account, version);
    Ok(Answer::Removed)
}
