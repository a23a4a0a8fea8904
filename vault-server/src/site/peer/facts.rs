//! Everything that this site knows of an account, boxes and access key included.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::ports::PeerAnswer;
use vault_protocol::{AccountId, Refusal};

pub(super) async fn facts<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
) -> Result<PeerAnswer, Refusal> {
    let Some(account) = site.read(account).await? else { return Ok(PeerAnswer::Facts(None)) };
    let ring = site.keyring_of(&account).await?;
    let facts = site.0.rules.with(&ring.keys).tell(&account);
    Ok(PeerAnswer::Facts(Some(Box::new(facts))))
}
