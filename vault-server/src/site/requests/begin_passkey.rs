//! A nonce towards registering a passkey, with this site's ticket.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::{Conversation, NonceFor};
use vault_facts::VoteKeys;
use vault_protocol::{AccountId, Answer, Refusal, Response};

pub(super) async fn begin<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    account: AccountId,
) -> Response {
    let held = site.read(account).await?;
    if held.as_ref().is_some_and(|held| held.facts.is_removed()) {
        return Err(Refusal::Removed);
    }
    super::permit_change(site, conversation.origin, account, held.is_some(), None)?;
    let randomness = &*site.0.ports.randomness;
    let nonce = conversation.give_nonce(randomness, NonceFor::Registration, account);
    let keys = VoteKeys::default();
    let ticket = site.0.rules.with(&keys).ticket(account);
    Ok(Answer::Nonce { nonce, ticket, certificate: site.certificate() })
}
