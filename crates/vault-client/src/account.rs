//! Looking at an account, and ending it.

use crate::error::{SiteProblem, VaultError};
use crate::fleet::{Fleet, verdict};
use vault_protocol::{
    AccountEvent, AccountId, AccountStatus, Answer, Request, Signature64, SiteIndex, Version, removal_message,
};

/// What the sites say, and which of them said nothing.
#[derive(Debug)]
pub struct Look<T> {
    pub value: T,
    pub answered: Vec<SiteIndex>,
    pub problems: Vec<(SiteIndex, SiteProblem)>,
}

impl Fleet<'_> {
    /// The account as a majority sees it. Spends no try.
    pub async fn status(&self, account: AccountId) -> Result<Look<AccountStatus>, VaultError> {
        let read = |answer| if let Answer::Status(status) = answer { Some(status) } else { None };
        let look = self.look(&Request::Status { account }, read).await?;
        Ok(look.middle(|s| (s.version, std::cmp::Reverse(s.tries_left), s.next_try_at)))
    }

    /// The account's history, from the site that knows the most among those that agree best.
    pub async fn events(&self, account: AccountId) -> Result<Look<Vec<AccountEvent>>, VaultError> {
        let read = |answer| if let Answer::Events(events) = answer { Some(events) } else { None };
        let look = self.look(&Request::Events { account }, read).await?;
        Ok(look.middle(Vec::len))
    }

    /// Destroys the account's boxes at every site, for good.
    pub async fn remove(
        &self,
        account: AccountId,
        version: Version,
        sign: &(dyn Fn(&[u8]) -> [u8; 64] + Send + Sync),
    ) -> Result<(), VaultError> {
        let signature = Signature64(sign(&removal_message(&self.bundle().fleet_id, &account, version)));
        let request = Request::Remove { account, version, signature };
        self.look(&request, |answer| matches!(answer, Answer::Removed).then_some(())).await.map(|_| ())
    }

    pub(crate) async fn look<T>(
        &self,
        request: &Request,
        read: impl Fn(Answer) -> Option<T>,
    ) -> Result<Look<Vec<T>>, VaultError> {
        let mut look = Look { value: vec![], answered: vec![], problems: vec![] };
        for (index, outcome) in self.collect(request).await {
            match outcome.map(|(_, answer)| read(answer)) {
                Ok(Some(value)) => {
                    look.value.push(value);
                    look.answered.push(index);
                }
                Ok(None) => look.problems.push((index, SiteProblem::BadAnswer)),
                Err(problem) => look.problems.push((index, problem)),
            }
        }
        if look.value.len() < self.threshold() {
            let sites = self.bundle().sites.len();
            return Err(verdict(look.problems, look.value.len(), self.threshold(), sites));
        }
        Ok(look)
    }
}

impl<T> Look<Vec<T>> {
    /// The middle answer: with a majority honest, it lies between two honest ones.
    pub(crate) fn middle<K: Ord>(mut self, key: impl Fn(&T) -> K) -> Look<T> {
        self.value.sort_by_key(key);
        let middle = self.value.len() / 2;
        Look { value: self.value.swap_remove(middle), answered: self.answered, problems: self.problems }
    }
}
