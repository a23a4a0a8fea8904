//! What a site signs with its vote key, and how that key is shown to be the site's.
//!
//! Votes, receipts, acknowledgements and tickets cost a device nothing: the device's receipt key
//! certifies the vote key once at each start of the program (spec/vault-protocol.md section 6).

use crate::ids::{AccountId, KeysDigest, Round, SiteIndex, SlotId, TryId, Version, VoteKey};
use crate::labelled::labelled;
use crate::passkey::RosterNumber;
use crate::record::Signature64;
use serde::{Deserialize, Serialize};

/// A site's signed word. What it says stands beside it; [`StatementOf`] gives the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Statement {
    /// Who says it.
    pub site: SiteIndex,
    /// The vote key that signs it.
    pub key: VoteKey,
    /// Ed25519.
    pub signature: Signature64,
}

/// A device's word that a key is its site's vote key from this start on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VoteKeyCertificate {
    /// Whose vote key it is.
    pub site: SiteIndex,
    /// Unix seconds of the start, by the site's clock.
    pub started: u64,
    /// The vote key.
    pub key: VoteKey,
    /// ECDSA P-256 SHA-256 of the site's receipt key, `r || s`.
    pub signature: Signature64,
}

impl VoteKeyCertificate {
    /// What the receipt key signs.
    pub fn message(keys: &KeysDigest, site: SiteIndex, started: u64, key: &VoteKey) -> Vec<u8> {
        labelled("vote-key", &[&keys.0, &[site.0], &started.to_be_bytes(), &key.0])
    }
}

/// Everything that a vote key ever signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementOf<'a> {
    /// This site's only vote for this slot is for this try.
    Vote {
        /// The place.
        slot: SlotId,
        /// The try that gets it.
        tried: TryId,
    },
    /// This site evaluated this try in this round and was then shown the right tag.
    Receipt {
        /// Whose code it is.
        account: AccountId,
        /// Of the code.
        version: Version,
        /// The try that was right.
        tried: TryId,
        /// The round of the try.
        round: Round,
    },
    /// This site's own state says so.
    Acknowledgement {
        /// Which account.
        account: AccountId,
        /// What the site acknowledges.
        subject: &'a Subject,
    },
    /// This site was asked to evaluate, or for a nonce, towards a first registration.
    Ticket {
        /// Which account.
        account: AccountId,
    },
}

impl StatementOf<'_> {
    /// The bytes that `site` signs.
    pub fn message(&self, keys: &KeysDigest, site: SiteIndex) -> Vec<u8> {
        let site = [site.0];
        match self {
            Self::Vote { slot, tried } => labelled("vote", &[&keys.0, &slot.0, &tried.0, &site]),
            Self::Receipt { account, version, tried, round } => {
                let version = version.to_be_bytes();
                let round = round.to_be_bytes();
                labelled("receipt", &[&keys.0, &account.0, &version, &tried.0, &round, &site])
            }
            Self::Acknowledgement { account, subject } => {
                let subject = postcard::to_allocvec(subject).expect("a subject is plain data");
                labelled("acknowledgement", &[&keys.0, &account.0, &subject, &site])
            }
            Self::Ticket { account } => labelled("ticket", &[&keys.0, &account.0, &site]),
        }
    }
}

/// What a site can say of its state of an account. Each stays true: facts only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// This record, or one that replaced it.
    Record {
        /// Of the code.
        version: Version,
        /// [`crate::Record::digest`]
        digest: [u8; 32],
    },
    /// This roster of passkeys, or one that replaced it.
    Roster {
        /// The roster's number.
        number: RosterNumber,
        /// [`crate::Roster::digest`]
        digest: [u8; 32],
    },
    /// The owner ended the account: nothing of it is left here but that.
    Removed,
    /// This many rounds have ended, or more.
    Round(Round),
}

/// A subject, and the word of one site on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// What is acknowledged.
    pub subject: Subject,
    /// Signs [`StatementOf::Acknowledgement`].
    pub statement: Statement,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_statement_can_stand_in_for_another() {
        let keys = KeysDigest([1; 32]);
        let account = AccountId([2; 16]);
        let tried = TryId([3; 32]);
        let removed = Subject::Removed;
        let round = Subject::Round(0);
        let all = [
            StatementOf::Vote { slot: SlotId([4; 32]), tried },
            StatementOf::Receipt { account, version: 1, tried, round: 0 },
            StatementOf::Acknowledgement { account, subject: &removed },
            StatementOf::Acknowledgement { account, subject: &round },
            StatementOf::Ticket { account },
        ];
        let mut messages: Vec<_> = [1, 2]
            .iter()
            .flat_map(|site| all.iter().map(|s| s.message(&keys, SiteIndex(*site))))
            .collect();
        messages.sort();
        messages.dedup();
        assert_eq!(messages.len(), 2 * all.len());
    }
}
