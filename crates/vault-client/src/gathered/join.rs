//! Joining what a site shows, and catching it at what does not prove itself.

use super::{Gathered, SiteView};
use crate::liars::Lie;
use std::collections::BTreeSet;
use std::time::Duration;
use vault_facts::{AccountFacts, FactError, Proofs, RealSignatures, VoteKeys};
use vault_protocol::{
    AccountId, Claim, News, PasskeyStatus, Round, Shown, SiteIndex, SlotVote, Statement,
    VoteKeyCertificate,
};

impl Gathered {
    /// A site showed the account.
    pub(crate) fn shown(&mut self, site: SiteIndex, shown: Shown, now: Duration) {
        let Shown { clock, certificate, record, news, passkeys, own } = shown;
        if news.check_shape().is_err() {
            return self.liars.caught(site, Lie::Unproved("more facts than there can be"));
        }
        self.learn_key(site, &certificate);
        let claims = [
            record.map(|signed| signed.record.claim),
            news.roster.as_ref().map(|signed| signed.roster.claim),
            news.removal.map(|removal| removal.claim),
        ];
        self.claim(site, claims.into_iter().flatten());
        let mut view = SiteView {
            clock,
            record: None,
            round: 0,
            roster: None,
            passkeys: Vec::new(),
            removed: false,
            own,
            votes: BTreeSet::new(),
        };
        if let Some(signed) = record
            && self.join(site, |facts, proofs| facts.join_record(proofs, &signed)).is_some()
        {
            let digest = signed.record.digest();
            view.record = Some((signed.record.version, digest));
            self.records.insert(digest, signed);
        }
        let proved = self.learn(site, &news);
        view.removed = proved.removal;
        view.roster = news.roster.map(|r| r.roster.number).filter(|_| proved.roster);
        view.round = proved.round;
        view.votes = proved.votes;
        view.passkeys = self.passkeys(passkeys);
        self.without.remove(&site);
        self.views.insert(site, (view, now));
    }

    /// A site says that it has no such account.
    pub(crate) fn has_none(&mut self, site: SiteIndex) {
        self.views.remove(&site);
        self.without.insert(site);
    }

    /// What a site showed before is not what it would show now. What was proved stays.
    pub(crate) fn forget(&mut self, site: SiteIndex) {
        self.views.remove(&site);
    }

    /// Joins what a site told; gives what of it holds.
    pub(crate) fn learn(&mut self, site: SiteIndex, news: &News) -> ProvedNews {
        let mut proved = ProvedNews::default();
        let signed: Vec<_> = news.statements().copied().collect();
        self.learn_keys(&signed, &news.certificates);
        if let Some(removal) = &news.removal {
            let joined = self.join(site, |facts, proofs| facts.join_removal(proofs, removal));
            proved.removal = joined.is_some();
        }
        if let Some(roster) = &news.roster {
            let joined = self.join(site, |facts, proofs| facts.join_roster(proofs, roster));
            proved.roster = joined.is_some();
        }
        if let Some(end) = &news.round_end {
            let joined = self.join(site, |facts, proofs| facts.join_round_end(proofs, end));
            proved.round = joined.map_or(0, |_| end.round.saturating_add(1));
        }
        for vote in &news.votes {
            if self.vote(site, vote) {
                proved.votes.insert((vote.slot, vote.statement.site, vote.tried));
            }
        }
        proved
    }

    /// Joins a vote that `site` showed; says whether it holds, or is of another round.
    pub(crate) fn vote(&mut self, site: SiteIndex, vote: &SlotVote) -> bool {
        let joined = self.join(site, |facts, proofs| facts.join_vote(proofs, vote));
        let equivocation = joined.as_ref().and_then(|joined| joined.equivocation);
        if let Some(equivocation) = equivocation {
            self.liars.caught(equivocation.first.1.site, Lie::VotedTwice);
        }
        joined.is_some()
    }

    /// Vote keys that are needed, and no others: each costs a verification.
    pub(crate) fn learn_keys(&mut self, signed: &[Statement], certificates: &[VoteKeyCertificate]) {
        let needed: BTreeSet<_> = signed.iter().map(|s| (s.site, s.key)).collect();
        let is_needed = |c: &&VoteKeyCertificate| needed.contains(&(c.site, c.key));
        for certificate in certificates.iter().filter(is_needed) {
            self.vote_keys.learn(&self.known.keys, &RealSignatures, certificate);
        }
    }

    /// The key that a site signs with now.
    pub(crate) fn learn_key(&mut self, site: SiteIndex, certificate: &VoteKeyCertificate) {
        let holds = certificate.site == site
            && self.vote_keys.learn(&self.known.keys, &RealSignatures, certificate);
        if !holds {
            self.liars.caught(site, Lie::Unproved("a vote key"));
        }
    }

    /// Whose account it is: its id is made of that.
    fn claim(&mut self, site: SiteIndex, claims: impl Iterator<Item = Claim>) {
        for claim in claims {
            if claim.account() != self.account {
                self.liars.caught(site, Lie::Unproved("whose account it is"));
            } else if self.facts.is_none() {
                self.facts = Some(AccountFacts::claimed(claim));
            }
        }
    }

    /// One fact; none if it does not hold, which is noted.
    fn join<T>(
        &mut self,
        site: SiteIndex,
        join: impl FnOnce(&mut AccountFacts, &Proofs<'_>) -> Result<T, FactError>,
    ) -> Option<T> {
        // Nobody said yet whose account it is: nothing can be joined, and nothing is a lie.
        let facts = self.facts.as_mut()?;
        let keys = &self.known.keys;
        let vote_keys: &VoteKeys = &self.vote_keys;
        let joined = join(facts, &Proofs { keys, vote_keys, signatures: &RealSignatures });
        match joined {
            Ok(joined) => Some(joined),
            Err(error) => {
                self.liars.caught(site, Lie::Unproved(what(&error)));
                None
            }
        }
    }

    /// Of the passkeys that a site shows those that the owner's newest roster names.
    fn passkeys(&self, shown: Vec<PasskeyStatus>) -> Vec<PasskeyStatus> {
        let roster = self.facts.as_ref().and_then(AccountFacts::roster);
        let Some(signed) = roster else { return Vec::new() };
        let account: AccountId = self.account;
        let named = |status: &PasskeyStatus| {
            let digest = status.head.digest();
            status.head.account == account
                && status.head.keys == self.known.keys.digest
                && signed.roster.passkeys.contains(&digest)
        };
        shown.into_iter().filter(named).collect()
    }
}

/// What of a site's news holds.
#[derive(Debug, Default)]
pub(crate) struct ProvedNews {
    removal: bool,
    roster: bool,
    round: Round,
    votes: BTreeSet<(vault_protocol::Slot, SiteIndex, vault_protocol::TryId)>,
}

fn what(error: &FactError) -> &'static str {
    match error {
        FactError::Unproved(what) | FactError::OtherAccount(what) | FactError::Malformed(what) => {
            what
        }
        FactError::OtherKeys(_) => "a record of other keys",
    }
}
