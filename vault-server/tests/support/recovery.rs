//! A whole recovery as a good client does it: one session with each site, side by side.

use super::{Asks, Person, Reach};
use futures::future::join_all;
use rand_core::OsRng;
use recovery_crypto::oprf::blind;
use recovery_crypto::{ShareAnswer, recover};
use std::collections::BTreeSet;
use vault_protocol::{
    Answer, Certificate, News, Request, Response, RoundEnd, RoundEndProof, Shown, SiteIndex,
    Statement, Subject, Try, VoteKeyCertificate, confirm_proof,
};

/// What came of a recovery.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub vault_key: Vec<u8>,
    /// Sites that acknowledged the end of the round.
    pub acknowledged: usize,
}

/// Where a recovery stopped, and what the sites said.
#[derive(Debug)]
pub(crate) struct Stopped(pub &'static str, pub Vec<Response>);

impl Person {
    /// Guesses once, at all sites that can be reached, and ends the round if the guess was right.
    ///
    /// # Errors
    /// The step at which too few sites did what was asked.
    pub(crate) async fn guess<F: Reach>(
        &self,
        fleet: &F,
        code: &[u8],
    ) -> Result<Recovered, Stopped> {
        let opened = fleet.sites().map(|site| async move { (site, fleet.open(site).await) });
        let opened = join_all(opened).await.into_iter();
        let mut sessions: Vec<_> =
            opened.filter_map(|(site, session)| Some((site, session?))).collect();
        self.guess_in(fleet, &mut sessions, code).await
    }

    async fn guess_in<F: Reach>(
        &self,
        fleet: &F,
        sessions: &mut [(u8, F::Client)],
        code: &[u8],
    ) -> Result<Recovered, Stopped> {
        let bundle = fleet.bundle();
        let keys = bundle.keys_digest();
        let threshold = usize::from(bundle.threshold);
        let account = self.account();
        let shown = ask_all(sessions, |_| Request::Show { account }).await;
        let shows: Vec<Shown> = answers(&shown, |answer| match answer {
            Answer::Shown(shown) => Some((**shown).clone()),
            _ => None,
        });
        if shows.len() < threshold {
            return Err(Stopped("show", all(shown)));
        }
        let certificates: BTreeSet<VoteKeyCertificate> = shows
            .iter()
            .flat_map(|s| s.news.certificates.iter().copied().chain([s.certificate]))
            .collect();
        let newest = shows.iter().max_by_key(|s| s.news.round_end.as_ref().map(|end| end.round));
        let newest = newest.expect("at least t sites showed the account");
        let news = News { certificates: certificates.into_iter().collect(), ..newest.news.clone() };
        let blinded = blind(code, &mut OsRng).expect("a code is short enough");
        let mut tried = None;
        let mut votes: Vec<Statement> = vec![];
        for slot in 1..=10 {
            let attempt = self.tried_in(&keys, newest, slot, &blinded);
            let request = |_| Request::Vote { tried: attempt, news: news.clone() };
            let voted = ask_all(sessions, request).await;
            votes = answers(&voted, |answer| match answer {
                Answer::Voted(statement) => Some(*statement),
                _ => None,
            });
            if votes.len() >= bundle.policy.quorum(bundle.sites.len(), slot) {
                tried = Some(attempt);
                break;
            }
            let taken =
                |(_, response): &(u8, Response)| matches!(response, Ok(Answer::VotedBefore(_)));
            if !voted.iter().any(taken) {
                return Err(Stopped("vote", all(voted)));
            }
        }
        let tried = tried.ok_or(Stopped("slots", vec![]))?;
        let certificate = Certificate { tried, votes };
        let alpha = blinded.alpha();
        let request =
            |_| Request::Evaluate { certificate: certificate.clone(), alpha, news: news.clone() };
        let evaluated = ask_all(sessions, request).await;
        let share = |(site, response): &(u8, Response)| match response {
            Ok(Answer::Share { beta, masked_share }) => {
                let (beta, masked_share) = (*beta, *masked_share);
                Some(ShareAnswer { site: SiteIndex(*site), beta, masked_share })
            }
            _ => None,
        };
        let shares: Vec<_> = evaluated.iter().filter_map(share).collect();
        let record = newest.record.expect("it was registered").record;
        let opened = recover(bundle, &record, &blinded, &shares);
        let opened = opened.map_err(|_| Stopped("evaluate", all(evaluated)))?;
        let id = tried.id(&keys);
        let request = |site: u8| {
            let tag = opened.tags.iter().find(|(index, _)| index.0 == site);
            let tag = &tag.expect("there is a tag for each site").1;
            Request::Confirm { account, tried: id, proof: confirm_proof(tag, &keys, &id, site) }
        };
        let confirmed = ask_all(sessions, request).await;
        let receipts = answers(&confirmed, |answer| match answer {
            Answer::Receipt(receipt) => Some(*receipt),
            _ => None,
        });
        if receipts.len() < threshold {
            return Err(Stopped("confirm", all(confirmed)));
        }
        let Try { version, round, .. } = tried;
        let proof = RoundEndProof::Receipts { version, tried: id, receipts };
        let ended = News { round_end: Some(RoundEnd { round, proof }), ..news };
        let learned = ask_all(sessions, |_| Request::Learn { account, news: ended.clone() }).await;
        let acknowledged: BTreeSet<SiteIndex> = learned
            .iter()
            .filter_map(|(_, response)| match response {
                Ok(Answer::Acknowledged { words, .. }) => Some(words),
                _ => None,
            })
            .flatten()
            .filter(|word| word.subject == Subject::Round(round + 1))
            .map(|word| word.statement.site)
            .collect();
        Ok(Recovered {
            vault_key: opened.vault_key.expose().to_vec(),
            acknowledged: acknowledged.len(),
        })
    }
}

async fn ask_all<C: Asks>(
    sessions: &mut [(u8, C)],
    request: impl Fn(u8) -> Request,
) -> Vec<(u8, Response)> {
    let asked = sessions.iter_mut().map(|(site, session)| {
        let request = request(*site);
        async move { (*site, session.ask(request).await) }
    });
    join_all(asked).await
}

fn answers<T>(responses: &[(u8, Response)], pick: impl Fn(&Answer) -> Option<T>) -> Vec<T> {
    responses.iter().filter_map(|(_, response)| pick(response.as_ref().ok()?)).collect()
}

fn all(responses: Vec<(u8, Response)>) -> Vec<Response> {
    responses.into_iter().map(|(_, response)| response).collect()
}
