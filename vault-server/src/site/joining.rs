//! Joining what other sites tell of an account.

use super::Site;
use super::rules::Rules;
use super::steps::Done;
use super::vote_keys::Keyring;
use crate::accounts::AccountStore;
use vault_protocol::{AccountId, Refusal, SiteFacts};
use vault_state::{Learned, SiteAccount};

impl<S: AccountStore> Site<S> {
    /// Joins whatever of it proves itself; gives the account as it then is. Nothing is stored where
    /// nothing is new.
    pub(super) async fn join(
        &self,
        account: AccountId,
        told: Vec<SiteFacts>,
    ) -> Result<Option<SiteAccount>, Refusal> {
        let of_account = |facts: &SiteFacts| facts.account == account;
        let told: Vec<_> = told.into_iter().filter(of_account).collect();
        let held = self.read(account).await?;
        if told.is_empty() {
            return Ok(held);
        }
        let certificates: Vec<_> =
            told.iter().flat_map(|facts| &facts.news.certificates).copied().collect();
        let statements: Vec<_> = told.iter().flat_map(SiteFacts::statements).copied().collect();
        let ring = self.keyring(&statements, &certificates).await?;
        if !self.is_new(&ring, held.as_ref(), &told) {
            return Ok(held);
        }
        self.step(account, ring, move |site, before, now| {
            let (joined, learned) = join_all(site, before, &told, now);
            Done::new(joined.clone(), joined).having_learned(learned)
        })
        .await
    }

    /// Whether joining would change anything: without a turn at the store.
    fn is_new(&self, ring: &Keyring, held: Option<&SiteAccount>, told: &[SiteFacts]) -> bool {
        let rules: &Rules = &self.0.rules;
        let site = rules.with(&ring.keys);
        let (joined, learned) = join_all(&site, held.cloned(), told, self.now());
        joined.as_ref() != held || !learned.equivocations.is_empty()
    }
}

fn join_all(
    site: &vault_state::Site<'_>,
    before: Option<SiteAccount>,
    told: &[SiteFacts],
    now: u64,
) -> (Option<SiteAccount>, Learned) {
    let mut account = before;
    let mut learned = Learned::default();
    for facts in told {
        if let Ok((joined, news)) = site.learn_from_site(account.clone(), facts, now) {
            account = Some(joined);
            learned.equivocations.extend(news.equivocations);
        }
    }
    (account, learned)
}
