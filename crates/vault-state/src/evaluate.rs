//! A try that a quorum voted for is evaluated, once a slot.

use crate::{Site, SiteAccount};
use vault_protocol::{
    Certificate, CodeState, Point, Refusal, SealedBox, Statement, TryId, Version, box_of,
};

/// What the device has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The try that is evaluated.
    pub tried: TryId,
    /// Of its code.
    pub version: Version,
    /// The votes that allow it, of as many different sites as it needs.
    pub votes: Vec<Statement>,
    /// This site's box; its device opens it.
    pub sealed: SealedBox,
    /// This very try was evaluated before: its result may still be in memory, and doing it again is
    /// counted as a repeat.
    pub again: bool,
}

impl Site<'_> {
    /// Allows the evaluation of a certified try, and notes it.
    ///
    /// # Errors
    /// As [`Site::vote`], [`Refusal::NotCertified`], [`Refusal::SlotUsed`], [`Refusal::NoBox`], and
    /// [`Refusal::Malformed`] if `alpha` is not what was signed.
    pub fn evaluate(
        &self,
        account: &mut SiteAccount,
        certificate: &Certificate,
        alpha: &Point,
        now: u64,
    ) -> Result<Evaluation, Refusal> {
        self.destroy_if_due(account, now);
        match account.code_state(self.proofs.keys) {
            CodeState::Removed => return Err(Refusal::Removed),
            CodeState::Destroyed => return Err(Refusal::Destroyed),
            CodeState::None | CodeState::Open | CodeState::Frozen { .. } => {}
        }
        let tried = &certificate.tried;
        self.check_current(account, tried)?;
        let votes = self.check_certified(account, certificate, alpha)?;
        let boxes = account.facts.sealed().map(|sealed| &sealed.boxes);
        let sealed = boxes.and_then(|boxes| box_of(boxes, self.index, self.serial)).cloned();
        let sealed = sealed.ok_or(Refusal::NoBox)?;
        let id = tried.id(&self.proofs.keys.digest);
        let again = match account.own.evaluated.get(&tried.slot) {
            Some((evaluated, _)) if *evaluated == id => true,
            Some(_) => return Err(Refusal::SlotUsed),
            None => false,
        };
        self.learn_votes(account, certificate, now);
        account.own.evaluated.insert(tried.slot, (id, tried.version));
        Ok(Evaluation { tried: id, version: tried.version, votes, sealed, again })
    }

    fn check_certified(
        &self,
        account: &SiteAccount,
        certificate: &Certificate,
        alpha: &Point,
    ) -> Result<Vec<Statement>, Refusal> {
        let tried = &certificate.tried;
        if !tried.is_of(alpha) {
            return Err(Refusal::Malformed);
        }
        if !(1..=account.max_tries()).contains(&tried.slot) {
            let max = account.max_tries();
            return Err(Refusal::WrongSlot {
                next: account.facts.next_slot(self.proofs.keys, max),
            });
        }
        let sealed = account.facts.sealed().ok_or(Refusal::NoBox)?;
        if !self.proofs.asked(tried, &sealed.access.key) {
            return Err(Refusal::WrongAccess);
        }
        let needed = self.proofs.keys.quorum(tried.slot);
        let mut votes = self.proofs.votes(certificate);
        if votes.len() < needed {
            return Err(Refusal::NotCertified);
        }
        votes.truncate(needed);
        Ok(votes)
    }
}
