//! How every change of an account by its owner ends: the news is learnt, the change judged, and
//! what came of it stored, acknowledged and told to the other sites.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::steps::Done;
use vault_protocol::{AccountId, Admission, News, Refusal, Response};
use vault_state::{Learned, SiteAccount};

/// `judge` gets the account with the news, the admission, and the time.
pub(super) async fn change<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
    admission: Option<Admission>,
    news: News,
    judge: impl FnOnce(
        &vault_state::Site<'_>,
        Option<SiteAccount>,
        Option<&Admission>,
        u64,
    ) -> Result<SiteAccount, Refusal>
    + Send
    + 'static,
) -> Response {
    let tickets: Vec<_> = admission.iter().flat_map(Admission::statements).copied().collect();
    let ring = site.keyring_for(tickets, &news).await?;
    let stored = site.step(account, ring, move |site, before, now| {
        let mut known = before.clone();
        let mut learned = Learned::default();
        if let Some(account) = &mut known {
            learned = site.learn(account, &news, now);
        }
        match judge(site, known.clone(), admission.as_ref(), now) {
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
