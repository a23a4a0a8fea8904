//! The owner adds a passkey, or strikes some off.

use super::change::change;
use super::own_nonce_is_listed;
use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::{Conversation, NonceFor};
use crate::webauthn::has_extension_results;
use vault_protocol::{Admission, News, PasskeyRecord, Refusal, Response};

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
    // The roster is judged by itself, so that its refusal is told.
    let others = News { roster: None, ..news };
    change(site, account, admission, others, move |site, known, admission, now| {
        site.set_roster(known, &roster, added.as_ref(), admission, now)
    })
    .await
}
