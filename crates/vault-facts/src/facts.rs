//! The facts of one account, as a join-semilattice.

mod join;
mod parts;

pub use parts::FactsParts;

use crate::{FleetKeys, VoteKeys};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use vault_protocol::{
    AccountId, Admission, Claim, Equivocation, News, PasskeyDigest, PasskeyRecord, Removal, Round,
    RoundEnd, RoundEndProof, Sealed, Signature64, SignedRecord, SignedRoster, SiteIndex, Slot,
    SlotVote, Statement, Subject, TryId,
};

/// What is known of an account. Everything in it was proved when it was joined; nothing is secret
/// but the boxes and the access key, which only sites have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    claim: Claim,
    admission: Option<Admission>,
    record: Option<SignedRecord>,
    sealed: Option<Sealed>,
    removal: Option<Signature64>,
    roster: Option<SignedRoster>,
    /// Of those on the roster, the ones that are known; in its order.
    passkeys: Vec<PasskeyRecord>,
    round_end: Option<RoundEnd>,
    /// Of the running round: by slot and site, at most two, which then prove the site bad.
    votes: BTreeMap<Slot, BTreeMap<SiteIndex, Vec<(TryId, Statement)>>>,
}

/// What joining did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The facts are not what they were.
    pub changed: bool,
    /// A site is shown to have voted twice.
    pub equivocation: Option<Equivocation>,
}

impl AccountFacts {
    /// Nothing but whose it is.
    pub fn claimed(claim: Claim) -> Self {
        Self {
            claim,
            admission: None,
            record: None,
            sealed: None,
            removal: None,
            roster: None,
            passkeys: Vec::new(),
            round_end: None,
            votes: BTreeMap::new(),
        }
    }

    /// Whose account it is.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// The account's id, which follows from the claim.
    pub fn account(&self) -> AccountId {
        self.claim.account()
    }

    /// The newest record; none if there is no code, or the owner ended the account.
    pub fn record(&self) -> Option<&SignedRecord> {
        self.record.as_ref()
    }

    /// Access key and boxes of the newest record, where they are known.
    pub fn sealed(&self) -> Option<&Sealed> {
        self.sealed.as_ref()
    }

    /// Whether the owner ended it.
    pub fn is_removed(&self) -> bool {
        self.removal.is_some()
    }

    /// The owner's word that ended it.
    pub fn removal(&self) -> Option<Removal> {
        self.removal.map(|signature| Removal { claim: self.claim, signature })
    }

    /// The newest roster of passkeys.
    pub fn roster(&self) -> Option<&SignedRoster> {
        self.roster.as_ref()
    }

    /// The passkeys of the roster that are known here.
    pub fn passkeys(&self) -> &[PasskeyRecord] {
        &self.passkeys
    }

    /// Whether the newest roster has this passkey on it.
    pub fn names(&self, digest: &PasskeyDigest) -> bool {
        self.roster.as_ref().is_some_and(|signed| signed.roster.passkeys.contains(digest))
    }

    /// The passkey that a roster names so.
    pub fn passkey(&self, digest: &PasskeyDigest) -> Option<&PasskeyRecord> {
        self.passkeys.iter().find(|p| p.digest() == *digest)
    }

    /// The running round: how many have ended.
    pub fn round(&self) -> Round {
        self.round_end.as_ref().map_or(0, |end| end.round.saturating_add(1))
    }

    /// The newest end of a round.
    pub fn round_end(&self) -> Option<&RoundEnd> {
        self.round_end.as_ref()
    }

    /// Why the account may be taken by a site that does not know it.
    pub fn admission(&self) -> Option<Admission> {
        let receipts = |end: &&RoundEnd| matches!(end.proof, RoundEndProof::Receipts { .. });
        let confirmed = self.round_end.as_ref().filter(receipts);
        confirmed.map(|end| Admission::Confirmed(end.clone())).or_else(|| self.admission.clone())
    }

    /// Whether both are of the same round, as admitted and as ended as each other.
    pub fn stands_as(&self, other: &Self) -> bool {
        self.admission == other.admission
            && self.removal == other.removal
            && self.round_end == other.round_end
    }

    /// Sites whose votes for a slot of the running round are known.
    pub fn voters(&self, slot: Slot) -> BTreeSet<SiteIndex> {
        self.votes.get(&slot).map(|votes| votes.keys().copied().collect()).unwrap_or_default()
    }

    /// A site's first known vote for a slot of the running round.
    pub fn vote_of(&self, slot: Slot, site: SiteIndex) -> Option<SlotVote> {
        let (tried, statement) = *self.votes.get(&slot)?.get(&site)?.first()?;
        Some(SlotVote { round: self.round(), slot, tried, statement })
    }

    /// Votes for one try in a slot of the running round.
    pub fn votes_for(&self, slot: Slot, tried: &TryId) -> Vec<Statement> {
        let of_site = |votes: &Vec<(TryId, Statement)>| {
            votes.iter().find(|(id, _)| id == tried).map(|(_, statement)| *statement)
        };
        self.votes
            .get(&slot)
            .into_iter()
            .flat_map(|sites| sites.values())
            .filter_map(of_site)
            .collect()
    }

    /// t different sites voted in this slot, for whatever tries: no more than one of these can
    /// still be the owner's only way, and the next slot is open.
    pub fn is_spent(&self, keys: &FleetKeys, slot: Slot) -> bool {
        self.votes.get(&slot).is_some_and(|sites| sites.len() >= keys.threshold())
    }

    /// The first slot of the running round that is not spent; one beyond `max` if all are.
    pub fn next_slot(&self, keys: &FleetKeys, max: Slot) -> Slot {
        (1..=max).find(|slot| !self.is_spent(keys, *slot)).unwrap_or(max.saturating_add(1))
    }

    /// What these facts let their holder acknowledge.
    pub fn subjects(&self, keys: &FleetKeys) -> Vec<Subject> {
        if self.is_removed() {
            return vec![Subject::Removed];
        }
        let record = self.record.as_ref().map(|signed| Subject::Record {
            version: signed.record.version,
            digest: signed.record.digest(),
        });
        let roster = self.roster.as_ref().map(|signed| Subject::Roster {
            number: signed.roster.number,
            digest: signed.roster.digest(&keys.digest),
        });
        let round = Some(Subject::Round(self.round()));
        record.into_iter().chain(roster).chain(round).collect()
    }

    /// All that anyone may see, with the certificates of the vote keys that it is signed with.
    pub fn news(&self, vote_keys: &VoteKeys) -> News {
        let votes = self.slot_votes();
        let receipts = self.round_end.iter().flat_map(RoundEnd::statements);
        let signed = votes.iter().map(|v| &v.statement).chain(receipts);
        let mut certificates: Vec<_> = signed.filter_map(|s| vote_keys.certificate_of(s)).collect();
        certificates.sort_unstable();
        certificates.dedup();
        News {
            certificates,
            round_end: self.round_end.clone(),
            votes,
            removal: self.removal(),
            roster: self.roster.clone(),
        }
    }

    /// Everything here that a site signed: votes, receipts, tickets.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        let votes = self.votes.values().flat_map(BTreeMap::values).flatten();
        let receipts = self.round_end.iter().flat_map(RoundEnd::statements);
        let admission = self.admission.iter().flat_map(Admission::statements);
        votes.map(|(_, statement)| statement).chain(receipts).chain(admission)
    }

    /// A site destroys its boxes: the record stays, and with it that there was a code.
    pub fn forget_sealed(&mut self) {
        self.sealed = None;
    }

    fn slot_votes(&self) -> Vec<SlotVote> {
        let round = self.round();
        let votes = self.votes.iter().flat_map(|(slot, sites)| {
            sites.values().flatten().map(move |(tried, statement)| SlotVote {
                round,
                slot: *slot,
                tried: *tried,
                statement: *statement,
            })
        });
        votes.collect()
    }
}
