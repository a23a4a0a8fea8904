//! The right code is shown to this site, for one try: its receipt.

use super::opened_box;
use crate::accounts::AccountStore;
use crate::site::Site;
use vault_facts::VoteKeys;
use vault_protocol::{AccountId, Answer, Refusal, Response, TryId, box_of};

pub(super) async fn confirm<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
    tried: TryId,
    proof: [u8; 32],
) -> Response {
    let held = site.read(account).await?.ok_or(Refusal::NoSuchAccount)?;
    let keys = VoteKeys::default();
    let rules = site.0.rules.with(&keys);
    let version = rules.evaluated(&held, &tried)?;
    let boxes = held.facts.sealed().map(|sealed| &sealed.boxes).ok_or(Refusal::Destroyed)?;
    let sealed = box_of(boxes, rules.index, rules.serial).ok_or(Refusal::NoBox)?;
    let contents = opened_box(site, account, version, sealed.clone()).await?;
    rules.receipt(&held, &tried, &contents.tag, &proof).map(Answer::Receipt)
}
