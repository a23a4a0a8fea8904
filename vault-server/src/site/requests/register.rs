//! The owner stores a code, or replaces it.

use super::change::change;
use crate::accounts::AccountStore;
use crate::site::{Origin, Site};
use vault_protocol::{Admission, News, Refusal, Response, SealedRecord};
use vault_state::SiteAccount;

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
    change(site, account, admission, news, move |site, known, admission, now| {
        site.register(known, &record, admission, now)
    })
    .await
}
