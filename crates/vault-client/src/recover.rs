//! One try with a code, and the confirmation that gives the tries back.

use crate::error::{SiteProblem, VaultError};
use crate::fleet::{Fleet, SiteAnswer, verdict};
use crate::site_session::SiteSession;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand_core::OsRng;
use recovery_crypto::oprf::{self, Blinded};
use recovery_crypto::{Opened, RecoverError, ShareAnswer, VaultKey, recover};
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::{AccountId, Answer, Request, SiteIndex, TryId, Version, confirm_proof, try_id};

/// How long to wait for further sites once a majority has answered and its shares do not open.
const STRAGGLERS: Duration = Duration::from_secs(3);
/// How long a right code waits for its confirmation before it is handed to the person anyway.
const CONFIRMATION: Duration = Duration::from_secs(5);

/// A code to try, already stretched.
pub struct Attempt<'a> {
    pub account: AccountId,
    pub version: Version,
    pub stretched: &'a [u8],
}

/// A code that was right.
#[derive(Debug)]
pub struct Recovered {
    pub vault_key: VaultKey,
    /// t sites confirmed: the count of tries is back to none used.
    pub confirmed: bool,
    /// Tries that were left had this one been wrong.
    pub tries_left: u8,
    /// Sites whose shares made up the secret.
    pub used: Vec<SiteIndex>,
    /// Sites that did not help by the time it was done.
    pub problems: Vec<(SiteIndex, SiteProblem)>,
}

/// A session with a site that evaluated, and the round it counts this try in.
struct Evaluated<'a> {
    session: SiteSession<'a>,
    round: u64,
}

/// What came in so far.
#[derive(Default)]
struct Gathered<'a> {
    sessions: Vec<Evaluated<'a>>,
    shares: Vec<ShareAnswer>,
    tries_left: Vec<u8>,
    problems: Vec<(SiteIndex, SiteProblem)>,
}

impl Fleet<'_> {
    /// Spends one try. Answers as soon as any t sites' shares open, without waiting for slow ones.
    pub async fn recover(&self, attempt: &Attempt<'_>) -> Result<Recovered, VaultError> {
        let blinded = oprf::blind(attempt.stretched, &mut OsRng)?;
        let (account, version, alpha) = (attempt.account, attempt.version, blinded.alpha());
        let request = Request::Evaluate { account, version, alpha };
        let mut answers = self.ask_all(&request);
        let mut gathered = Gathered::default();
        let opened = self.gather(&mut answers, &mut gathered, attempt, &blinded).await?;
        let id = try_id(&alpha, &account, version);
        let confirmed = self.confirm(&mut gathered, &opened, attempt, id, &mut answers).await;
        Ok(Recovered {
            vault_key: opened.vault_key,
            confirmed,
            tries_left: median(&mut gathered.tries_left),
            used: opened.used,
            problems: gathered.problems,
        })
    }

    async fn gather<'s, F: Future<Output = SiteAnswer<'s>>>(
        &self,
        answers: &mut FuturesUnordered<F>,
        gathered: &mut Gathered<'s>,
        attempt: &Attempt<'_>,
        blinded: &Blinded,
    ) -> Result<Opened, VaultError> {
        let mut stragglers = None;
        loop {
            match self.try_open(gathered, attempt, blinded) {
                Ok(opened) => return Ok(opened),
                Err(RecoverError::WrongCode) => {
                    stragglers.get_or_insert_with(|| Instant::now() + STRAGGLERS);
                }
                Err(RecoverError::TooFewSites { .. }) => {}
            }
            let next = answers.next();
            let next = match stragglers {
                Some(until) => tokio::time::timeout_at(until, next).await.unwrap_or(None),
                None => next.await,
            };
            match next {
                Some(answer) => gathered.take(answer),
                None if stragglers.is_some() => {
                    return Err(VaultError::WrongCode { tries_left: median(&mut gathered.tries_left) });
                }
                None => {
                    let problems = std::mem::take(&mut gathered.problems);
                    let sites = self.bundle().sites.len();
                    return Err(verdict(problems, gathered.shares.len(), self.threshold(), sites));
                }
            }
        }
    }

    fn try_open(
        &self,
        gathered: &Gathered<'_>,
        attempt: &Attempt<'_>,
        blinded: &Blinded,
    ) -> Result<Opened, RecoverError> {
        recover(self.bundle(), attempt.account, attempt.version, blinded, &gathered.shares)
    }

    /// Proves the code to each site, also those that answer late, until the count is reset.
    async fn confirm<'s, F: Future<Output = SiteAnswer<'s>>>(
        &self,
        gathered: &mut Gathered<'s>,
        opened: &Opened,
        attempt: &Attempt<'_>,
        id: TryId,
        answers: &mut FuturesUnordered<F>,
    ) -> bool {
        let sessions = std::mem::take(&mut gathered.sessions);
        let mut confirming: FuturesUnordered<_> =
            sessions.into_iter().map(|s| confirm_one(s, opened, attempt, id)).collect();
        let rounds = async {
            let mut receipts = 0;
            loop {
                tokio::select! {
                    Some(complete) = confirming.next() => match complete {
                        Some(true) => return true,
                        Some(false) => receipts += 1,
                        None => {}
                    },
                    Some(answer) = answers.next() => {
                        if let Some(evaluated) = gathered.late(answer) {
                            confirming.push(confirm_one(evaluated, opened, attempt, id));
                        }
                    }
                    else => return receipts >= self.threshold(),
                }
            }
        };
        tokio::time::timeout(CONFIRMATION, rounds).await.unwrap_or(false)
    }
}

/// Whether the site said that the count is reset; `None` when it did not accept.
async fn confirm_one(
    Evaluated { mut session, round }: Evaluated<'_>,
    opened: &Opened,
    attempt: &Attempt<'_>,
    try_id: TryId,
) -> Option<bool> {
    let (_, tag) = opened.tags.iter().find(|(site, _)| *site == session.index)?;
    let (account, version) = (attempt.account, attempt.version);
    let proof = confirm_proof(tag, &try_id, round, session.index);
    let request = Request::Confirm { account, version, try_id, proof };
    match session.ask(&request).await {
        Ok(Answer::Confirmed { complete }) => Some(complete),
        _ => None,
    }
}

impl<'s> Gathered<'s> {
    fn take(&mut self, answer: SiteAnswer<'s>) {
        if let Some(evaluated) = self.late(answer) {
            self.sessions.push(evaluated);
        }
    }

    /// Files an answer; gives the session if the site evaluated.
    fn late(&mut self, (site, outcome): SiteAnswer<'s>) -> Option<Evaluated<'s>> {
        match outcome {
            Ok((session, Answer::Share { beta, masked_share, commitment, tries_left, round })) => {
                self.shares.push(ShareAnswer { site, beta, masked_share, commitment });
                self.tries_left.push(tries_left);
                Some(Evaluated { session, round })
            }
            Ok(_) => {
                self.problems.push((site, SiteProblem::BadAnswer));
                None
            }
            Err(problem) => {
                self.problems.push((site, problem));
                None
            }
        }
    }
}

/// What an honest majority says lies between an honest lowest and highest: the middle cannot be a lie alone.
pub(crate) fn median(values: &mut [u8]) -> u8 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}
