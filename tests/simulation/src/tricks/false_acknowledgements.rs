//! Signs whatever it is told as stored, and stores nothing.

use crate::corrupt::{CorruptSite, Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{
    AccountId, Acknowledgement, Answer, News, Request, Response, SiteIndex, StatementOf, Subject,
};
use vault_server::site::ports::{PeerAnswer, PeerRequest};

pub struct FalseAcknowledgements;

#[async_trait]
impl Trick for FalseAcknowledgements {
    fn name(&self) -> &'static str {
        "false acknowledgements"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        let site = &talk.site;
        let said = match &request {
            Request::Register { record, .. } => {
                let record = &record.signed.record;
                let (version, digest) = (record.version, record.digest());
                Some((record.account(), vec![Subject::Record { version, digest }]))
            }
            Request::Learn { account, news } => Some((*account, subjects(site, news))),
            Request::SetRoster { news, .. } => {
                let account = news.roster.as_ref().map(|signed| signed.roster.claim.account());
                account.map(|account| (account, subjects(site, news)))
            }
            _ => None,
        };
        let Some((account, subjects)) = said else { return Some(talk.honest(request).await) };
        let words = subjects.into_iter().map(|subject| word(site, account, subject)).collect();
        Some(Ok(Answer::Acknowledged { words, certificates: vec![site.certificate] }))
    }

    async fn peer(&self, site: &CorruptSite, from: SiteIndex, request: PeerRequest) -> PeerAnswer {
        let PeerRequest::Push(facts) = request else {
            return site.has.program.peer(from, request).await;
        };
        let subjects = subjects(site, &facts.news);
        let words = subjects.into_iter().map(|subject| word(site, facts.account, subject));
        PeerAnswer::Acknowledged { words: words.collect(), certificates: vec![site.certificate] }
    }
}

fn word(site: &CorruptSite, account: AccountId, subject: Subject) -> Acknowledgement {
    let of = StatementOf::Acknowledgement { account, subject: &subject };
    Acknowledgement { subject, statement: site.signs(&of) }
}

fn subjects(site: &CorruptSite, news: &News) -> Vec<Subject> {
    let removed = news.removal.map(|_| Subject::Removed);
    let roster = news.roster.as_ref().map(|signed| Subject::Roster {
        number: signed.roster.number,
        digest: signed.roster.digest(&site.has.keys.digest),
    });
    let round = news.round_end.as_ref().map(|end| Subject::Round(end.round + 1));
    removed.into_iter().chain(roster).chain(round).collect()
}
