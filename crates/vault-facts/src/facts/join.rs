//! How facts grow.
//!
//! Of two words of an owner with the same number the one with the larger encoding stays, so that
//! all sites agree. Of two proofs of the same the first stays: a bad site can make ever new ones,
//! and must not make others work for it.

use super::{AccountFacts, Joined};
use crate::{FactError, Proofs};
use vault_protocol::limits::MAX_TRIES;
use vault_protocol::{
    Admission, Equivocation, PasskeyRecord, Removal, Round, RoundEnd, RoundEndProof, SealedRecord,
    SignedRecord, SignedRoster, SlotVote, Statement, StatementOf, TryId, slot_id,
};

impl AccountFacts {
    /// # Errors
    /// [`FactError`]; so for all that follow. Nothing is changed then.
    pub fn join_admission(
        &mut self,
        proofs: &Proofs<'_>,
        admission: &Admission,
    ) -> Result<bool, FactError> {
        if self.admission().is_some() {
            return Ok(false);
        }
        proofs.admission(self.account(), admission)?;
        self.admission = Some(admission.clone());
        Ok(true)
    }

    /// A record as it is shown to everybody.
    pub fn join_record(
        &mut self,
        proofs: &Proofs<'_>,
        signed: &SignedRecord,
    ) -> Result<bool, FactError> {
        if signed.record.claim != self.claim {
            return Err(FactError::OtherAccount("the record"));
        }
        if self.record.as_ref() == Some(signed) {
            return Ok(false);
        }
        proofs.record(signed)?;
        let newer = self.record.as_ref().is_none_or(|known| known.rank() < signed.rank());
        if self.is_removed() || !newer {
            return Ok(false);
        }
        if !self.has_record(signed) {
            self.sealed = None;
        }
        self.record = Some(*signed);
        Ok(true)
    }

    /// A record with what only sites hold.
    pub fn join_sealed_record(
        &mut self,
        proofs: &Proofs<'_>,
        whole: &SealedRecord,
    ) -> Result<bool, FactError> {
        let SealedRecord { signed, sealed } = whole;
        let keys = proofs.keys;
        let shape = whole.check_shape(keys.sites(), keys.threshold);
        shape.map_err(|_| FactError::Malformed("the record"))?;
        let changed = self.join_record(proofs, signed)?;
        if self.has_record(signed) && self.sealed.is_none() {
            self.sealed = Some(sealed.clone());
            return Ok(true);
        }
        Ok(changed)
    }

    /// Whatever its signature: an owner may have signed it twice.
    fn has_record(&self, signed: &SignedRecord) -> bool {
        self.record.as_ref().is_some_and(|known| known.record == signed.record)
    }

    /// Ends the account: only that it ended is left.
    pub fn join_removal(
        &mut self,
        proofs: &Proofs<'_>,
        removal: &Removal,
    ) -> Result<bool, FactError> {
        if removal.claim != self.claim {
            return Err(FactError::OtherAccount("the removal"));
        }
        if self.is_removed() {
            return Ok(false);
        }
        proofs.removal(removal)?;
        let admission = self.admission();
        *self = Self { admission, removal: Some(removal.signature), ..Self::claimed(self.claim) };
        Ok(true)
    }

    /// Leaves exactly the passkeys that the newest roster names. One that an owner struck off and
    /// then names again may have to be shown again.
    pub fn join_roster(
        &mut self,
        proofs: &Proofs<'_>,
        signed: &SignedRoster,
    ) -> Result<bool, FactError> {
        if signed.roster.claim != self.claim {
            return Err(FactError::OtherAccount("the roster"));
        }
        if self.roster.as_ref() == Some(signed) {
            return Ok(false);
        }
        proofs.roster(signed)?;
        let newer = self.roster.as_ref().is_none_or(|known| known.rank() < signed.rank());
        if self.is_removed() || !newer {
            return Ok(false);
        }
        self.passkeys.retain(|p| signed.roster.passkeys.contains(&p.digest()));
        self.roster = Some(signed.clone());
        self.order_passkeys();
        Ok(true)
    }

    /// A passkey that the roster names. Whether its registration holds is for the caller to check.
    pub fn join_passkey(
        &mut self,
        proofs: &Proofs<'_>,
        passkey: &PasskeyRecord,
    ) -> Result<bool, FactError> {
        let keys = proofs.keys;
        let shape = passkey.check_shape(keys.sites(), keys.threshold);
        shape.map_err(|_| FactError::Malformed("the passkey"))?;
        if passkey.head.account != self.account() {
            return Err(FactError::OtherAccount("the passkey"));
        }
        if passkey.head.keys != keys.digest {
            return Err(FactError::OtherKeys(passkey.head.keys));
        }
        let digest = passkey.digest();
        if !self.names(&digest) || self.passkey(&digest).is_some() {
            return Ok(false);
        }
        self.passkeys.push(passkey.clone());
        self.order_passkeys();
        Ok(true)
    }

    fn order_passkeys(&mut self) {
        let order = self.roster.as_ref().map(|signed| signed.roster.passkeys.clone());
        let place = |p: &PasskeyRecord| {
            order.as_ref().and_then(|order| order.iter().position(|d| *d == p.digest()))
        };
        self.passkeys.sort_by_key(place);
    }

    /// The votes of all earlier rounds are of no use any more.
    pub fn join_round_end(
        &mut self,
        proofs: &Proofs<'_>,
        end: &RoundEnd,
    ) -> Result<bool, FactError> {
        if end.round < self.round() || end.round == Round::MAX || self.is_removed() {
            return self.join_past_round_end(proofs, end);
        }
        proofs.round_end(self.account(), &self.claim.owner.0, end)?;
        self.admission = match end.proof {
            // It shows more than the tickets did.
            RoundEndProof::Receipts { .. } => None,
            RoundEndProof::Reset { .. } => self.admission(),
        };
        self.round_end = Some(end.clone());
        self.votes.clear();
        Ok(true)
    }

    /// Of a round that is over, receipts show only that the account may be taken.
    fn join_past_round_end(
        &mut self,
        proofs: &Proofs<'_>,
        end: &RoundEnd,
    ) -> Result<bool, FactError> {
        match end.proof {
            RoundEndProof::Receipts { .. } => {
                self.join_admission(proofs, &Admission::Confirmed(end.clone()))
            }
            RoundEndProof::Reset { .. } => Ok(false),
        }
    }

    /// A vote of the running round; one of another round says nothing.
    pub fn join_vote(&mut self, proofs: &Proofs<'_>, vote: &SlotVote) -> Result<Joined, FactError> {
        let SlotVote { round, slot, tried, statement } = vote;
        if !(1..=MAX_TRIES).contains(slot) {
            return Err(FactError::Malformed("the vote"));
        }
        let known = |votes: &Vec<(TryId, Statement)>| votes.iter().any(|(id, _)| id == tried);
        let of_site = self.votes.get(slot).and_then(|sites| sites.get(&statement.site));
        // Two different ones show that the site is bad; more show nothing more.
        let full = |votes: &Vec<_>| votes.len() >= 2;
        let nothing_new = of_site.is_some_and(|votes| known(votes) || full(votes));
        if *round != self.round() || self.is_removed() || nothing_new {
            return Ok(Joined::default());
        }
        let place = slot_id(&proofs.keys.digest, &self.account(), *round, *slot);
        if !proofs.said(&StatementOf::Vote { slot: place, tried: *tried }, statement) {
            return Err(FactError::Unproved("the vote"));
        }
        let votes = self.votes.entry(*slot).or_default().entry(statement.site).or_default();
        votes.push((*tried, *statement));
        let equivocation = match votes[..] {
            [first, second] => Some(Equivocation { slot: place, first, second }),
            _ => None,
        };
        Ok(Joined { changed: true, equivocation })
    }
}
