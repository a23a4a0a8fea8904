//! The owner stores a code, or replaces it.

use crate::site::refusal;
use crate::{Site, SiteAccount};
use vault_protocol::{Admission, Refusal, SealedRecord};

impl Site<'_> {
    /// Takes a record that its owner signed. The count of tries stays as it is.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::NotOwner`], [`Refusal::Unproved`],
    /// [`Refusal::WrongKeys`]; [`Refusal::NotAdmitted`] for an account that is not here yet;
    /// [`Refusal::Removed`]; [`Refusal::WrongVersion`] if a newer one is here;
    /// [`Refusal::Destroyed`] if this site destroyed its box of this very version.
    pub fn register(
        &self,
        account: Option<SiteAccount>,
        whole: &SealedRecord,
        admission: Option<&Admission>,
        now: u64,
    ) -> Result<SiteAccount, Refusal> {
        let record = &whole.signed.record;
        let keys = self.proofs.keys;
        whole.check_shape(keys.sites(), keys.threshold).map_err(|_| Refusal::Malformed)?;
        let mut account = match account {
            Some(account) => account,
            None => self.admitted(record.claim, admission, now)?,
        };
        if account.facts.is_removed() {
            return Err(Refusal::Removed);
        }
        if account.own.destroyed == Some(record.version) {
            return Err(Refusal::Destroyed);
        }
        self.join_record(&mut account, whole, now).map_err(|e| refusal(&e))?;
        let held = account.record().map(|held| held.version);
        match (account.facts.record() == Some(&whole.signed), held) {
            (true, _) => Ok(account),
            (false, Some(current)) => Err(Refusal::WrongVersion { current }),
            (false, None) => Err(Refusal::Malformed),
        }
    }
}
