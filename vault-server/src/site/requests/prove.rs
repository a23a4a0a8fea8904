//! The device's own word for a verifier's nonce, and this site's counts, now.

use crate::accounts::AccountStore;
use crate::site::Site;
use std::time::Duration;
use vault_protocol::{Answer, Refusal, Response};

/// Four operations that change the device's memory, each of up to a second, behind those that wait.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn prove<S: AccountStore>(site: &Site<S>, nonce: [u8; 32]) -> Response {
    let none = Refusal::Unavailable { reason: "this site's device keeps no log".into() };
    let ledger = site.0.ports.ledger.as_ref().ok_or(none)?;
    site.0.limits.statement()?;
    let late = || Refusal::Unavailable { reason: "the site's device is away".into() };
    let proof = tokio::time::timeout(PATIENCE, ledger.prove(nonce)).await;
    Ok(Answer::Proof(Box::new(proof.map_err(|_| late())??)))
}
