//! A client tells facts, and asks what this site acknowledges.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::steps::Done;
use vault_protocol::{AccountId, News, Refusal, Response, RoundEndProof};
use vault_state::SiteAccount;

pub(super) async fn learn<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
    news: News,
) -> Response {
    let held = site.read(account).await?.ok_or(Refusal::NoSuchAccount)?;
    news.check_shape().map_err(|_| Refusal::Malformed)?;
    if is_owners_change(&held, &news) {
        site.0.limits.known_account(account)?;
    }
    let ring = site.keyring_for([], &news).await?;
    let learned = site.step(account, ring, move |site, before, now| {
        let Some(mut account) = before else {
            return Done::new(Err(Refusal::NoSuchAccount), None);
        };
        let learned = site.learn(&mut account, &news, now);
        let answer = Ok((account.clone(), learned.worth_telling));
        Done::new(answer, Some(account)).having_learned(learned)
    });
    let (stored, worth_telling) = learned.await??;
    let acknowledged = site.acknowledge(&stored);
    if worth_telling {
        site.push(stored);
    }
    Ok(acknowledged)
}

/// Whether it may be a change that an owner can sign as often as they like: each is written at
/// every site.
fn is_owners_change(held: &SiteAccount, news: &News) -> bool {
    let facts = &held.facts;
    let reset = news.round_end.as_ref().is_some_and(|end| {
        matches!(end.proof, RoundEndProof::Reset { .. }) && end.round >= facts.round()
    });
    let removal = news.removal.is_some() && !facts.is_removed();
    let roster = news.roster.is_some() && facts.roster() != news.roster.as_ref();
    reset || removal || roster
}
