//! The device's own word for a verifier's nonce, and this site's counts, now.

use crate::accounts::AccountStore;
use crate::site::Site;
use vault_protocol::{Answer, Refusal, Response};

pub(super) async fn prove<S: AccountStore>(site: &Site<S>, nonce: [u8; 32]) -> Response {
    let none = Refusal::Unavailable { reason: "this site's device keeps no log".into() };
    let ledger = site.0.ports.ledger.as_ref().ok_or(none)?;
    site.0.limits.statement()?;
    Ok(Answer::Proof(Box::new(ledger.prove(nonce).await?)))
}
