//! What a bad site sends its peers unasked: facts of every account that are made up, and true ones
//! of the past.

use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use vault_protocol::{
    AccountId, News, Removal, RoundEnd, RoundEndProof, Signature64, SiteFacts, SiteIndex, SlotVote,
    Statement, StatementOf, TryId, slot_id,
};
use vault_server::config::Config;
use vault_server::peers::{HttpPeers, tls};
use vault_server::site::ports::{PeerAnswer, PeerRequest, Peers};
use vault_simulation::corrupt::CorruptSite;

/// For a peer's answer.
const PATIENCE: Duration = Duration::from_secs(10);
const NOBODYS: Signature64 = Signature64([7; 64]);

/// What came of it.
#[derive(Serialize)]
pub(crate) struct Pushed {
    /// Messages that peers took or refused.
    pushed: usize,
    accounts: usize,
    /// Peers' accounts that are not as they were before.
    believed: usize,
}

pub(crate) struct Forger {
    http: HttpPeers,
    peers: Vec<SiteIndex>,
    /// Each account as it was when it was first seen.
    past: BTreeMap<AccountId, SiteFacts>,
}

impl Forger {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let tls = tls::peer_client(&config.peer_tls.identity(), &config.peer_tls.ca)?;
        let peers = config.peers.iter().map(|peer| peer.index).collect();
        Ok(Self { http: HttpPeers::new(tls, &config.peers)?, peers, past: BTreeMap::new() })
    }

    pub(crate) async fn push(&mut self, site: &CorruptSite) -> Pushed {
        let mut pushed = Pushed { pushed: 0, accounts: 0, believed: 0 };
        for facts in own_accounts(site).await {
            pushed.accounts += 1;
            let past = self.past.entry(facts.account).or_insert_with(|| facts.clone()).clone();
            for peer in self.peers.clone() {
                let before = self.facts(peer, facts.account).await;
                for lie in forgeries(site, &facts) {
                    pushed.pushed += self.tell(peer, lie).await;
                }
                let after = self.facts(peer, facts.account).await;
                pushed.believed += usize::from(before != after);
                pushed.pushed += self.tell(peer, past.clone()).await;
                let later = self.facts(peer, facts.account).await;
                pushed.believed += usize::from(age(&later) < age(&after));
            }
        }
        pushed
    }

    async fn tell(&self, peer: SiteIndex, facts: SiteFacts) -> usize {
        usize::from(self.ask(peer, PeerRequest::Push(Box::new(facts))).await.is_some())
    }

    async fn facts(&self, peer: SiteIndex, account: AccountId) -> Option<SiteFacts> {
        match self.ask(peer, PeerRequest::Facts { account }).await? {
            PeerAnswer::Facts(facts) => facts.map(|facts| *facts),
            _ => None,
        }
    }

    async fn ask(&self, peer: SiteIndex, request: PeerRequest) -> Option<PeerAnswer> {
        tokio::time::timeout(PATIENCE, self.http.ask(peer, request)).await.ok()?.ok()
    }
}

/// What the honest program knows of its accounts.
async fn own_accounts(site: &CorruptSite) -> Vec<SiteFacts> {
    let ask = |request| site.has.program.peer(site.has.index, request);
    let mut all = BTreeMap::new();
    let mut from = 1;
    while let PeerAnswer::Changes { accounts, next } = ask(PeerRequest::Since { from }).await {
        if accounts.is_empty() {
            break;
        }
        for changed in accounts {
            if let PeerAnswer::Facts(Some(facts)) =
                ask(PeerRequest::Facts { account: changed.account }).await
            {
                all.insert(changed.account, *facts);
            }
        }
        from = next;
    }
    all.into_values().collect()
}

/// The account ended, its tries spent, its round over, its code and its passkeys replaced: all
/// without a proof.
fn forgeries(site: &CorruptSite, facts: &SiteFacts) -> Vec<SiteFacts> {
    let with = |news: News| SiteFacts { news, ..facts.clone() };
    let bare = News { certificates: vec![site.certificate], ..News::default() };
    let round = facts.news.round_end.as_ref().map_or(0, |end| end.round + 1);
    let mut all = vec![with(News { votes: votes(site, facts.account, round), ..bare.clone() })];
    for round in [round, u64::MAX] {
        let proof = RoundEndProof::Reset { signature: NOBODYS };
        all.push(with(News { round_end: Some(RoundEnd { round, proof }), ..bare.clone() }));
        let tried = TryId([9; 32]);
        let of = StatementOf::Receipt { account: facts.account, version: 1, tried, round };
        let receipts = sites(site).map(|by| Statement { site: by, ..site.signs(&of) }).collect();
        let proof = RoundEndProof::Receipts { version: 1, tried, receipts };
        all.push(with(News { round_end: Some(RoundEnd { round, proof }), ..bare.clone() }));
    }
    if let Some(roster) = &facts.news.roster {
        let mut emptied = roster.clone();
        emptied.roster.number += 1;
        emptied.roster.passkeys.clear();
        all.push(with(News { roster: Some(emptied), ..bare.clone() }));
    }
    if let Some(record) = &facts.record {
        let claim = record.signed.record.claim;
        all.push(with(News {
            removal: Some(Removal { claim, signature: NOBODYS }),
            ..bare.clone()
        }));
        for version in [record.signed.record.version + 1, u32::MAX] {
            let mut replaced = record.clone();
            replaced.signed.record.version = version;
            all.push(SiteFacts { record: Some(replaced), ..facts.clone() });
        }
    }
    all
}

/// Only ever grows at an honest site.
fn age(facts: &Option<SiteFacts>) -> (bool, Option<u64>, Option<u32>, Option<u32>) {
    let news = facts.as_ref().map(|facts| &facts.news);
    let round = news.and_then(|news| news.round_end.as_ref()).map(|end| end.round);
    let version = facts
        .as_ref()
        .and_then(|facts| facts.record.as_ref())
        .map(|record| record.signed.record.version);
    let roster = news.and_then(|news| news.roster.as_ref()).map(|roster| roster.roster.number);
    (news.is_some_and(|news| news.removal.is_some()), round, version, roster)
}

/// Every slot's votes of every other site, each in the site's name and signed by the bad one.
fn votes(site: &CorruptSite, account: AccountId, round: u64) -> Vec<SlotVote> {
    let others = |by: &SiteIndex| *by != site.has.index;
    let each = (1..=10).flat_map(|slot| sites(site).filter(others).map(move |by| (slot, by)));
    let vote = |(slot, by)| {
        let tried = TryId([slot; 32]);
        let of = StatementOf::Vote {
            slot: slot_id(&site.has.keys.digest, &account, round, slot),
            tried,
        };
        SlotVote { round, slot, tried, statement: Statement { site: by, ..site.signs(&of) } }
    };
    each.map(vote).collect()
}

fn sites(site: &CorruptSite) -> impl Iterator<Item = SiteIndex> + use<> {
    (1..=u8::try_from(site.has.keys.sites()).unwrap_or(u8::MAX)).map(SiteIndex)
}
