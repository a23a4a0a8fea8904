//! What makes each fact hold.

use crate::{FactError, FleetKeys, Signatures, VoteKeys};
use std::collections::BTreeSet;
use vault_protocol::{
    AccessKey, AccountId, Acknowledgement, Admission, Certificate, Equivocation, Removal, RoundEnd,
    RoundEndProof, SignedRecord, SignedRoster, SiteIndex, Statement, StatementOf, Try, TryId,
    removal_message, reset_message,
};

/// Everything that proofs are checked against.
#[derive(Clone, Copy)]
pub struct Proofs<'a> {
    /// Of the fleet.
    pub keys: &'a FleetKeys,
    /// Known to be the sites' own.
    pub vote_keys: &'a VoteKeys,
    /// Checks signatures; a model has simpler ones.
    pub signatures: &'a dyn Signatures,
}

impl Proofs<'_> {
    /// Whether a site of the fleet said this, with a vote key that its device certified.
    pub fn said(&self, of: &StatementOf<'_>, statement: &Statement) -> bool {
        let Statement { site, key, signature } = statement;
        let message = || of.message(&self.keys.digest, *site);
        self.vote_keys.knows(*site, key) && self.signatures.ed25519(&key.0, &message(), signature)
    }

    /// The different sites that said this.
    pub fn sayers(&self, of: &StatementOf<'_>, statements: &[Statement]) -> BTreeSet<SiteIndex> {
        let bounded = statements.iter().take(self.keys.sites());
        bounded.filter(|s| self.said(of, s)).map(|s| s.site).collect()
    }

    /// Whether a site acknowledges a subject.
    pub fn acknowledged(&self, account: AccountId, word: &Acknowledgement) -> bool {
        let of = StatementOf::Acknowledgement { account, subject: &word.subject };
        self.said(&of, &word.statement)
    }

    /// # Errors
    /// [`FactError::Malformed`]; [`FactError::OtherKeys`]; [`FactError::Unproved`] if the owner did
    /// not sign it.
    pub fn record(&self, signed: &SignedRecord) -> Result<(), FactError> {
        let SignedRecord { record, signature } = signed;
        record.check_shape().map_err(|_| FactError::Malformed("the record"))?;
        if record.keys != self.keys.digest {
            return Err(FactError::OtherKeys(record.keys));
        }
        let owner = &record.claim.owner.0;
        let holds = self.signatures.ed25519(owner, &record.message(), signature);
        proved(holds, "the record")
    }

    /// # Errors
    /// [`FactError::Unproved`] if the owner did not sign it.
    pub fn removal(&self, removal: &Removal) -> Result<(), FactError> {
        let message = removal_message(&self.keys.digest, &removal.claim.account());
        let owner = &removal.claim.owner.0;
        proved(self.signatures.ed25519(owner, &message, &removal.signature), "the removal")
    }

    /// # Errors
    /// [`FactError::Malformed`]; [`FactError::Unproved`] if the owner did not sign it.
    pub fn roster(&self, signed: &SignedRoster) -> Result<(), FactError> {
        let SignedRoster { roster, signature } = signed;
        roster.check_shape().map_err(|_| FactError::Malformed("the roster"))?;
        let message = roster.message(&self.keys.digest);
        let owner = &roster.claim.owner.0;
        proved(self.signatures.ed25519(owner, &message, signature), "the roster")
    }

    /// t different sites saw the right tag for one try of the round, or the owner ended it.
    ///
    /// # Errors
    /// [`FactError::Unproved`]
    pub fn round_end(
        &self,
        account: AccountId,
        owner: &[u8; 32],
        end: &RoundEnd,
    ) -> Result<(), FactError> {
        let holds = match &end.proof {
            RoundEndProof::Receipts { version, tried, receipts } => {
                let of = StatementOf::Receipt {
                    account,
                    version: *version,
                    tried: *tried,
                    round: end.round,
                };
                self.sayers(&of, receipts).len() >= self.keys.threshold()
            }
            RoundEndProof::Reset { signature } => {
                let message = reset_message(&self.keys.digest, &account, end.round);
                self.signatures.ed25519(owner, &message, signature)
            }
        };
        proved(holds, "the end of a round")
    }

    /// t different sites were asked for the account, or evaluated a right code of it.
    ///
    /// # Errors
    /// [`FactError::Unproved`]
    pub fn admission(&self, account: AccountId, admission: &Admission) -> Result<(), FactError> {
        let holds = match admission {
            Admission::Tickets(tickets) => {
                let of = StatementOf::Ticket { account };
                self.sayers(&of, tickets).len() >= self.keys.threshold()
            }
            Admission::Confirmed(end) => {
                // An owner's reset shows nothing about sites: nobody but t sites admits an account.
                let receipts = matches!(end.proof, RoundEndProof::Receipts { .. });
                receipts && self.round_end(account, &[0; 32], end).is_ok()
            }
        };
        proved(holds, "the admission")
    }

    /// Whether the holder of the account's access key asks for this try.
    pub fn asked(&self, tried: &Try, access: &AccessKey) -> bool {
        let message = tried.message(&self.keys.digest);
        self.signatures.ed25519(&access.0, &message, &tried.signature)
    }

    /// Whether one site voted for two different tries in one slot.
    pub fn equivocation(&self, shown: &Equivocation) -> bool {
        let Equivocation { slot, first, second } = shown;
        let voted = |(tried, statement): &(TryId, Statement)| {
            self.said(&StatementOf::Vote { slot: *slot, tried: *tried }, statement)
        };
        first.0 != second.0 && first.1.site == second.1.site && voted(first) && voted(second)
    }

    /// The votes of a certificate that hold, one of each site.
    pub fn votes(&self, certificate: &Certificate) -> Vec<Statement> {
        let Certificate { tried, votes } = certificate;
        let keys = &self.keys.digest;
        let of = StatementOf::Vote { slot: tried.slot_id(keys), tried: tried.id(keys) };
        let mut holding: Vec<Statement> = Vec::new();
        for vote in votes.iter().take(self.keys.sites()) {
            if holding.iter().all(|known| known.site != vote.site) && self.said(&of, vote) {
                holding.push(*vote);
            }
        }
        holding
    }
}

fn proved(holds: bool, what: &'static str) -> Result<(), FactError> {
    if holds { Ok(()) } else { Err(FactError::Unproved(what)) }
}
