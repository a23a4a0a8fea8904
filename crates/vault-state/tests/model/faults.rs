//! A site as it should be, or with one planted fault.

use crate::support::*;
use vault_protocol::*;
use vault_state::{SiteAccount, Vote};

/// What could be wrong with a site. Each breaks a promise, and the model has to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    VotesTwice,
    LosesVotesInACrash,
    VotesBeyondTheLimit,
    VotesInAnySlot,
    VotesForUnsignedTries,
    EvaluatesWithTooFewVotes,
    CountsOneVoteTwice,
    AdoptsRoundsUnproved,
    TakesReceiptsOfAnotherRound,
    SignsReceiptsForWrongCodes,
    GoesBackARound,
    // The clocks' model.
    DelaysByTheClientsClock,
    DelaysFromTheFirstTry,
    BelievesTheClientsTime,
    // The revocations' model.
    GivesTriesBackForANewCode,
    ServesAnOldCode,
    TakesARemovedAccountBack,
    TakesADestroyedBoxBack,
    AcknowledgesBeforeItStores,
    DestroysAtOthersWord,
    TakesAnyonesRemoval,
}

/// One honest site of a fleet.
#[derive(Clone, Copy)]
pub(crate) struct HonestSite<'a> {
    pub fleet: &'a Fleet,
    pub person: &'a Person,
    pub index: u8,
    pub fault: Option<Fault>,
}

impl HonestSite<'_> {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Asks for a vote, after showing `news`.
    pub(crate) fn vote(
        &self,
        account: &mut SiteAccount,
        news: &News,
        tried: &Try,
        now: u64,
    ) -> Option<SlotVote> {
        let signer = ToySigner(self.index);
        let site = self.fleet.site(&signer);
        site.learn(account, news, now);
        if self.has(Fault::VotesInAnySlot) {
            self.pretend_spent(account, tried, now);
        }
        if self.has(Fault::VotesTwice) {
            return self.vote_again(account, tried, now);
        }
        match site.vote(account, tried, now) {
            Ok(Vote::For(vote)) => Some(vote),
            _ => None,
        }
    }

    /// As if every slot before this one had been spent.
    fn pretend_spent(&self, account: &mut SiteAccount, tried: &Try, now: u64) {
        let sites: Vec<u8> = (1..=self.person.sites).filter(|site| *site != self.index).collect();
        for slot in 1..tried.slot {
            let earlier = self.person.tried(tried.round, slot, 99, START);
            learn(self.fleet, self.index, account, votes(self.fleet.votes(&earlier, &sites)), now);
        }
    }

    /// As if it had not voted.
    fn vote_again(&self, account: &mut SiteAccount, tried: &Try, now: u64) -> Option<SlotVote> {
        let mut forgetful = registered(self.fleet, self.person, self.index);
        let mut news = account.facts.news(&self.fleet.vote_keys);
        news.votes.retain(|vote| vote.statement.site.0 != self.index);
        learn(self.fleet, self.index, &mut forgetful, news, now);
        let vote = vote(self.fleet, self.index, &mut forgetful, tried, now).ok()?;
        let Vote::For(vote) = vote else { return None };
        learn(self.fleet, self.index, account, votes(vec![vote]), now);
        Some(vote)
    }

    /// Whether the site lets its device evaluate.
    pub(crate) fn evaluate(
        &self,
        account: &mut SiteAccount,
        certificate: &Certificate,
        alpha: &Point,
        now: u64,
    ) -> bool {
        let mut certificate = certificate.clone();
        if self.is_content_with(&certificate) {
            // As if all sites had voted.
            let all: Vec<u8> = (1..=self.person.sites).collect();
            certificate = self.fleet.certificate(&certificate.tried, &all);
        }
        let signer = ToySigner(self.index);
        self.fleet.site(&signer).evaluate(account, &certificate, alpha, now).is_ok()
    }

    fn is_content_with(&self, certificate: &Certificate) -> bool {
        let quorum = self.fleet.keys.quorum(certificate.tried.slot);
        let votes = certificate.votes.len();
        match self.fault {
            Some(Fault::EvaluatesWithTooFewVotes) => votes + 1 >= quorum,
            Some(Fault::CountsOneVoteTwice) => 2 * votes >= quorum,
            _ => false,
        }
    }

    /// Whether the site signs a receipt for somebody who has the right tag, or has not.
    pub(crate) fn receipt(&self, account: &SiteAccount, tried: &TryId, has_tag: bool) -> bool {
        const TAG: [u8; 32] = [8; 32];
        let shown =
            if has_tag || self.has(Fault::SignsReceiptsForWrongCodes) { TAG } else { [9; 32] };
        let proof = confirm_proof(&shown, &self.fleet.keys.digest, tried, self.index);
        let signer = ToySigner(self.index);
        self.fleet.site(&signer).receipt(account, tried, &TAG, &proof).is_ok()
    }

    /// Shows the site the end of a round.
    pub(crate) fn learn_end(&self, account: &mut SiteAccount, end: RoundEnd, now: u64) {
        if self.has(Fault::GoesBackARound) && end.round < account.facts.round() {
            *account = registered(self.fleet, self.person, self.index);
        }
        learn(self.fleet, self.index, account, ended(end), now);
    }
}
