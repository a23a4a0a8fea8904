//! What the sites showed of one account: joined if it proves itself, and who said what.

pub(crate) mod clocks;
mod join;
mod view;

pub use view::SiteView;

use crate::fleet::Known;
use crate::liars::Liars;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use vault_facts::{AccountFacts, Proofs, RealSignatures, VoteKeys};
use vault_protocol::limits::CLOCK_TOLERANCE;
use vault_protocol::{
    AccountId, News, SignedRecord, SiteIndex, Slot, Statement, StatementOf, VoteKeyCertificate,
};

/// Facts about one account as this client could prove them, and each site's own words beside them.
pub(crate) struct Gathered {
    pub account: AccountId,
    pub liars: Liars,
    known: Arc<Known>,
    vote_keys: VoteKeys,
    facts: Option<AccountFacts>,
    /// Sites that showed the account, and when.
    views: BTreeMap<SiteIndex, (SiteView, Duration)>,
    /// Sites that say they have no such account.
    without: BTreeSet<SiteIndex>,
    records: BTreeMap<[u8; 32], SignedRecord>,
}

impl Gathered {
    pub(crate) fn new(known: Arc<Known>, account: AccountId) -> Self {
        Self {
            account,
            liars: Liars::default(),
            known,
            vote_keys: VoteKeys::default(),
            facts: None,
            views: BTreeMap::new(),
            without: BTreeSet::new(),
            records: BTreeMap::new(),
        }
    }

    /// What is proved; none if no site showed anything of the account.
    pub(crate) fn facts(&self) -> Option<&AccountFacts> {
        self.facts.as_ref()
    }

    pub(crate) fn view(&self, site: SiteIndex) -> Option<&SiteView> {
        self.views.get(&site).map(|(view, _)| view)
    }

    /// Sites that showed the account.
    pub(crate) fn views(&self) -> impl Iterator<Item = (SiteIndex, &SiteView)> {
        self.views.iter().map(|(site, (view, _))| (*site, view))
    }

    /// Sites that say they have no such account.
    pub(crate) fn without(&self) -> &BTreeSet<SiteIndex> {
        &self.without
    }

    /// Sites that showed this very record.
    pub(crate) fn showed(&self, digest: &[u8; 32]) -> usize {
        self.views().filter(|(_, view)| view.record.is_some_and(|(_, d)| d == *digest)).count()
    }

    /// The record that t sites showed: at least one honest site says that it is the newest it
    /// knows.
    pub(crate) fn agreed_record(&self) -> Option<&SignedRecord> {
        let threshold = self.known.threshold();
        self.records.iter().find(|(digest, _)| self.showed(digest) >= threshold).map(|(_, r)| r)
    }

    /// A site's clock as it must stand now.
    pub(crate) fn clock(&self, site: SiteIndex, now: Duration) -> Option<u64> {
        let (view, at) = self.views.get(&site)?;
        Some(view.clock.saturating_add(now.saturating_sub(*at).as_secs()))
    }

    /// The time, as most sites say.
    pub(crate) fn time(&self, now: Duration) -> Option<u64> {
        let clocks: Vec<_> = self.views.keys().filter_map(|site| self.clock(*site, now)).collect();
        clocks::time_of(&clocks)
    }

    /// Sites that no try can be dated for as long as most others go by another time, with their
    /// clocks.
    pub(crate) fn apart(&self, now: Duration) -> impl Iterator<Item = (SiteIndex, u64)> + '_ {
        let time = self.time(now).unwrap_or_default();
        let clocks =
            self.views.keys().filter_map(move |site| Some((*site, self.clock(*site, now)?)));
        clocks.filter(move |(_, clock)| clock.abs_diff(time) > CLOCK_TOLERANCE)
    }

    /// A site told its clock once more.
    pub(crate) fn told_clock(&mut self, site: SiteIndex, clock: u64, now: Duration) {
        if let Some((view, at)) = self.views.get_mut(&site) {
            view.clock = clock;
            *at = now;
        }
    }

    /// Seconds until a site votes in `slot`, by its own word. No honest site waits for longer than
    /// the delay of the slot.
    pub(crate) fn wait_of(&self, site: SiteIndex, slot: Slot, now: Duration) -> u64 {
        let (Some(view), Some(clock)) = (self.view(site), self.clock(site, now)) else { return 0 };
        let wait = view.own.next_vote_at.saturating_sub(clock);
        wait.min(vault_protocol::limits::delay_before_try(slot))
    }

    pub(crate) fn proofs(&self) -> Proofs<'_> {
        Proofs { keys: &self.known.keys, vote_keys: &self.vote_keys, signatures: &RealSignatures }
    }

    /// Whether a site's signed word holds, of a vote key that is known.
    pub(crate) fn said(&self, of: &StatementOf<'_>, statement: &Statement) -> bool {
        self.proofs().said(of, statement)
    }

    pub(crate) fn knows_key_of(&self, statement: &Statement) -> bool {
        self.vote_keys.knows(statement.site, &statement.key)
    }

    /// Certificates of the vote keys that these are signed with.
    pub(crate) fn certificates<'a>(
        &self,
        statements: impl Iterator<Item = &'a Statement>,
    ) -> Vec<VoteKeyCertificate> {
        let known = statements.filter_map(|s| self.vote_keys.certificate_of(s));
        known.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Everything that is proved, without certificates.
    pub(crate) fn everything(&self) -> News {
        let facts = self.facts.as_ref();
        let news = facts.map(|facts| facts.news(&VoteKeys::default()));
        news.unwrap_or_default()
    }

    /// What is needed to go on once the facts are not.
    pub(crate) fn into_keys(self) -> (VoteKeys, Liars) {
        (self.vote_keys, self.liars)
    }

    /// Everything that is proved and that this site has not shown itself, with the certificates of
    /// all vote keys in it and in `beside`.
    pub(crate) fn news_for(&self, site: SiteIndex, beside: &[Statement]) -> News {
        let mut news = self.everything();
        if let Some(view) = self.view(site) {
            let round = self.facts.as_ref().map_or(0, AccountFacts::round);
            news.votes.retain(|vote| !view.has_shown(vote));
            news.round_end = news.round_end.filter(|_| view.round != round);
            let same = |r: &vault_protocol::SignedRoster| view.roster == Some(r.roster.number);
            news.roster = news.roster.filter(|roster| !same(roster));
        }
        let certificates = self.certificates(news.statements().chain(beside));
        News { certificates, ..news }
    }
}
