//! The owner adds a passkey, or strikes some off.

use crate::site::refusal;
use crate::{Site, SiteAccount};
use vault_protocol::{Admission, PasskeyRecord, Refusal, SignedRoster};

impl Site<'_> {
    /// Takes a roster that its owner signed, and the passkey that it adds.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::NotOwner`], [`Refusal::Unproved`],
    /// [`Refusal::WrongKeys`]; [`Refusal::NotAdmitted`] for an account that is not here yet;
    /// [`Refusal::Removed`]; [`Refusal::WrongRoster`] if it is not newer than the one that is here;
    /// [`Refusal::PasskeyInvalid`] if the registration does not hold.
    pub fn set_roster(
        &self,
        account: Option<SiteAccount>,
        signed: &SignedRoster,
        added: Option<&PasskeyRecord>,
        admission: Option<&Admission>,
        now: u64,
    ) -> Result<SiteAccount, Refusal> {
        let mut account = match (account, added) {
            (Some(account), _) => account,
            (None, Some(_)) => self.admitted(signed.roster.claim, admission, now)?,
            // Only a passkey claims an account: an empty roster for an unknown one would be a free
            // entry.
            (None, None) => return Err(Refusal::NoSuchAccount),
        };
        if account.facts.is_removed() {
            return Err(Refusal::Removed);
        }
        account.facts.join_roster(&self.proofs, signed).map_err(|e| refusal(&e))?;
        let in_force = account.facts.roster();
        if in_force != Some(signed) {
            let current = in_force.map_or(0, |held| held.roster.number);
            return Err(Refusal::WrongRoster { current });
        }
        if let Some(passkey) = added {
            self.add(&mut account, signed, passkey, now)?;
        }
        self.settle(&mut account, now);
        Ok(account)
    }

    fn add(
        &self,
        account: &mut SiteAccount,
        signed: &SignedRoster,
        passkey: &PasskeyRecord,
        now: u64,
    ) -> Result<(), Refusal> {
        if !signed.roster.passkeys.contains(&passkey.digest()) {
            return Err(Refusal::Malformed);
        }
        let other =
            |p: &PasskeyRecord| p.head.credential == passkey.head.credential && p != passkey;
        if account.facts.passkeys().iter().any(other) {
            return Err(Refusal::Malformed);
        }
        self.join_passkey(account, passkey, now).map_err(|e| match e {
            vault_facts::FactError::Unproved(_) => Refusal::PasskeyInvalid,
            other => refusal(&other),
        })?;
        Ok(())
    }
}
