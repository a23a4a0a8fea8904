//! A site's word that it saw the right tag.

use crate::{Site, SiteAccount};
use vault_protocol::{Refusal, Statement, StatementOf, TryId, Version, confirm_proof_holds};

impl Site<'_> {
    /// The version of a try that this site evaluated in the running round.
    ///
    /// # Errors
    /// [`Refusal::UnknownTry`]; [`Refusal::WrongVersion`] if the code was replaced meanwhile.
    pub fn evaluated(&self, account: &SiteAccount, tried: &TryId) -> Result<Version, Refusal> {
        let current = account.record().ok_or(Refusal::UnknownTry)?.version;
        if account.facts.round() != account.own.round {
            return Err(Refusal::UnknownTry);
        }
        let of_try = |(id, _): &&(TryId, Version)| id == tried;
        let (_, version) =
            account.own.evaluated.values().find(of_try).ok_or(Refusal::UnknownTry)?;
        if *version == current { Ok(current) } else { Err(Refusal::WrongVersion { current }) }
    }

    /// Signs a receipt for a try that this site evaluated itself in this round, if the client shows
    /// that it knows the tag of this site's box.
    ///
    /// # Errors
    /// As [`Site::evaluated`]; [`Refusal::WrongTag`].
    pub fn receipt(
        &self,
        account: &SiteAccount,
        tried: &TryId,
        tag: &[u8; 32],
        proof: &[u8; 32],
    ) -> Result<Statement, Refusal> {
        let version = self.evaluated(account, tried)?;
        let keys = &self.proofs.keys.digest;
        if !confirm_proof_holds(tag, keys, tried, self.index.0, proof) {
            return Err(Refusal::WrongTag);
        }
        let of = StatementOf::Receipt {
            account: account.facts.account(),
            version,
            tried: *tried,
            round: account.facts.round(),
        };
        Ok(self.state(&of))
    }
}
