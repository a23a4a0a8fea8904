//! An account's history at this site.

use crate::accounts::AccountStore;
use crate::site::Site;
use vault_protocol::{AccountId, Answer, Refusal, Response};

pub(super) async fn events<S: AccountStore>(site: &Site<S>, account: AccountId) -> Response {
    let held = site.read(account).await?.ok_or(Refusal::NoSuchAccount)?;
    Ok(Answer::Events(held.own.events.lines()))
}
