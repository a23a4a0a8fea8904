//! The owner stores a code, or replaces it.

use crate::accounts::AccountStore;
use crate::site::steps::Done;
use crate::site::{Origin, Site};
use vault_protocol::{Admission, News, Refusal, Response, SealedRecord};
use vault_state::{Learned, SiteAccount};

pub(super) async fn register<S: AccountStore>(
    site: &Site<S>,
    origin: Origin,
    record: SealedRecord,
    admission: Option<Admission>,
    news: News,
) -> Response {
    let account = record.signed.record.account();
    if admission.as_ref().is_some_and(|admission| !admission.is_bounded()) {
        return Err(Refusal::Malformed);
    }
    let held = site.read(account).await?;
    let is_stored = |held: &SiteAccount| held.facts.record() == Some(&record.signed);
    // The same again costs nobody anything.
    if !held.as_ref().is_some_and(is_stored) {
        super::permit_change(site, origin, account, held.is_some(), admission.as_ref())?;
    }
    store(site, record, admission, news).await
}

async fn store<S: AccountStore>(
    site: &Site<S>,
    record: SealedRecord,
    admission: Option<Admission>,
    news: News,
) -> Response {
    let account = record.signed.record.account();
    let tickets: Vec<_> = admission.iter().flat_map(Admission::statements).copied().collect();
    let ring = site.keyring_for(tickets, &news).await?;
    let stored = site.step(account, ring, move |site, before, now| {
        let mut known = before.clone();
        let mut learned = Learned::default();
        if let Some(account) = &mut known {
            learned = site.learn(account, &news, now);
        }
        match site.register(known.clone(), &record, admission.as_ref(), now) {
            Ok(account) => {
                let changed = before.as_ref() != Some(&account);
                Done::new(Ok((account.clone(), changed)), Some(account)).having_learned(learned)
            }
            Err(refusal) => Done::new(Err(refusal), known).having_learned(learned),
        }
    });
    let (stored, changed): (SiteAccount, bool) = stored.await??;
    let acknowledged = site.acknowledge(&stored);
    if changed {
        site.push(stored);
    }
    Ok(acknowledged)
}
