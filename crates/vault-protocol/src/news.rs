//! What one party carries to another about an account: facts that prove themselves.

use crate::DecodeError;
use crate::guess::{RoundEnd, RoundEndProof, SlotVote};
use crate::ids::AccountId;
use crate::limits::{MAX_CERTIFICATES, MAX_SITES, MAX_VOTES};
use crate::passkey::{PasskeyRecord, SignedRoster};
use crate::record::{Claim, SealedRecord, Signature64};
use crate::statement::{Statement, VoteKeyCertificate};
use serde::{Deserialize, Serialize};

/// Facts that anyone who knows the account may see and carry. Nothing in it is secret, and nothing
/// is believed unproved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Of the vote keys that the rest is signed with.
    pub certificates: Vec<VoteKeyCertificate>,
    /// The last round that ended.
    pub round_end: Option<RoundEnd>,
    /// Of the round after it.
    pub votes: Vec<SlotVote>,
    /// The owner ended the account.
    pub removal: Option<Removal>,
    /// The newest list of passkeys that the site has.
    pub roster: Option<SignedRoster>,
}

/// The owner's last word on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Removal {
    /// Shows that the owner's key is this account's.
    pub claim: Claim,
    /// Ed25519 over [`crate::removal_message`].
    pub signature: Signature64,
}

/// Why a site took an account that it did not know: t sites were asked for it first, so a stranger,
/// or one bad site, cannot fill the others' disks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Admission {
    /// Of t different sites.
    Tickets(Vec<Statement>),
    /// A code was shown to be right once: t sites evaluated it.
    Confirmed(RoundEnd),
}

/// Everything that one site knows of an account and may show another site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteFacts {
    /// Which account.
    pub account: AccountId,
    /// Why the site took it.
    pub admission: Option<Admission>,
    /// The newest code's, if there is a code.
    pub record: Option<SealedRecord>,
    /// Those on the roster.
    pub passkeys: Vec<PasskeyRecord>,
    /// All else, which proves itself too.
    pub news: News,
}

impl News {
    /// Checks counts: nothing here may make a reader work without end.
    ///
    /// # Errors
    /// Too many of anything.
    pub fn check_shape(&self) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("news", why.to_string()));
        if self.certificates.len() > MAX_CERTIFICATES {
            return bad("too many vote keys");
        }
        if self.votes.len() > MAX_VOTES {
            return bad("too many votes");
        }
        if self.round_end.as_ref().is_some_and(|end| !end.is_bounded()) {
            return bad("too many receipts");
        }
        if self.roster.as_ref().is_some_and(|signed| signed.roster.check_shape().is_err()) {
            return bad("the roster is malformed");
        }
        Ok(())
    }

    /// Everything here that a site signed.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        let receipts = self.round_end.iter().flat_map(RoundEnd::statements);
        self.votes.iter().map(|vote| &vote.statement).chain(receipts)
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Admission {
    /// What sites signed in it.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        let statements: &[Statement] = match self {
            Self::Tickets(tickets) => tickets,
            Self::Confirmed(end) => end.statements(),
        };
        statements.iter()
    }

    /// Whether a reader may look at it: at most one statement a site.
    pub fn is_bounded(&self) -> bool {
        match self {
            Self::Tickets(tickets) => tickets.len() <= MAX_SITES,
            Self::Confirmed(end) => end.is_bounded(),
        }
    }
}

impl SiteFacts {
    /// Everything here that a site signed.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        let admission = self.admission.iter().flat_map(Admission::statements);
        admission.chain(self.news.statements())
    }
}

impl RoundEnd {
    /// Its receipts; none if the owner ended the round.
    pub fn statements(&self) -> &[Statement] {
        match &self.proof {
            RoundEndProof::Receipts { receipts, .. } => receipts,
            RoundEndProof::Reset { .. } => &[],
        }
    }

    pub(crate) fn is_bounded(&self) -> bool {
        self.statements().len() <= MAX_SITES
    }
}
