//! The owner adds a passkey, or strikes some off.

use super::own_nonce_is_listed;
use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::{Conversation, NonceFor};
use crate::site::steps::Done;
use crate::webauthn::has_extension_results;
use vault_protocol::{Admission, News, PasskeyRecord, Refusal, Response, SignedRoster};
use vault_state::{Learned, SiteAccount};

pub(super) async fn set<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    news: News,
    added: Option<PasskeyRecord>,
    admission: Option<Admission>,
) -> Response {
    let bounded = admission.as_ref().is_none_or(Admission::is_bounded);
    let roster = news.roster.clone().filter(|_| bounded).ok_or(Refusal::Malformed)?;
    news.check_shape().map_err(|_| Refusal::Malformed)?;
    let account = roster.roster.claim.account();
    let held = site.read(account).await?;
    if let Some(passkey) = &added {
        if has_extension_results(&passkey.registration) {
            return Err(Refusal::ExtensionResults);
        }
        let nonces = &passkey.nonces;
        own_nonce_is_listed(site, conversation, NonceFor::Registration, account, nonces)?;
    }
    let is_known = held.as_ref().is_some_and(|held| held.facts.roster() == Some(&roster));
    if !is_known {
        let origin = conversation.origin;
        super::permit_change(site, origin, account, held.is_some(), admission.as_ref())?;
    }
    store(site, roster, news, added, admission).await
}

async fn store<S: AccountStore>(
    site: &Site<S>,
    roster: SignedRoster,
    news: News,
    added: Option<PasskeyRecord>,
    admission: Option<Admission>,
) -> Response {
    let account = roster.roster.claim.account();
    let tickets: Vec<_> = admission.iter().flat_map(Admission::statements).copied().collect();
    let ring = site.keyring_for(tickets, &news).await?;
    let stored = site.step(account, ring, move |site, before, now| {
        // The roster is judged by itself, so that its refusal is told.
        let others = News { roster: None, ..news };
        let mut known = before.clone();
        let mut learned = Learned::default();
        if let Some(account) = &mut known {
            learned = site.learn(account, &others, now);
        }
        match site.set_roster(known.clone(), &roster, added.as_ref(), admission.as_ref(), now) {
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
