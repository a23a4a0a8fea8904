//! A nonce towards one assertion.

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
    // A passkey that was struck off meanwhile is known to be so before a share is given.
    let asked = site.ask_peers(&mut conversation.asked, account);
    asked.ok_or(Refusal::Busy { seconds: 1 })?.await;
    let held = site.read(account).await?.ok_or(Refusal::NoSuchAccount)?;
    let keys = VoteKeys::default();
    let rules = site.0.rules.with(&keys);
    rules.may_release(&held, site.now())?;
    let randomness = &*site.0.ports.randomness;
    let nonce = conversation.give_nonce(randomness, NonceFor::Release, account);
    let ticket = rules.ticket(account);
    Ok(Answer::Nonce { nonce, ticket, certificate: site.certificate() })
}
