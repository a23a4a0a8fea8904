//! Adding a passkey, being released a secret for it, and taking one away.

use crate::account::Look;
use crate::error::{SiteProblem, VaultError};
use crate::fleet::{Fleet, verdict};
use crate::site_session::SiteSession;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand_core::OsRng;
use recovery_crypto::passkey::{PasskeyContext, ReleasedSecret, ReleasedShare, deal, rebuild};
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::{
    AccountId, Answer, Change, OwnerKey, PasskeyDigest, PasskeyList, PasskeyRecord, Request, Roster, RosterUpdate,
    Signature64, SiteIndex, SiteNonce, challenge_of, roster_message,
};
use zeroize::Zeroizing;

/// How long to wait for further sites once enough have given a nonce: each more may stand in for one that fails later.
const STRAGGLERS: Duration = Duration::from_secs(1);

/// Sites that gave a nonce and wait for the passkey's answer; a nonce is good for two minutes, and for one answer.
pub struct Begun<'a> {
    account: AccountId,
    challenge: [u8; 32],
    nonces: Vec<SiteNonce>,
    sessions: Vec<SiteSession<'a>>,
    problems: Vec<(SiteIndex, SiteProblem)>,
}

impl Begun<'_> {
    /// What the passkey has to sign.
    pub fn challenge(&self) -> [u8; 32] {
        self.challenge
    }
}

/// The account's owner.
pub struct Owner<'a> {
    pub key: OwnerKey,
    /// Signs with the owner key (Ed25519).
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Send + Sync),
}

/// A passkey that was just made.
pub struct NewPasskey<'a> {
    pub change: Change,
    /// Those that stay.
    pub others: &'a [PasskeyDigest],
    pub credential: &'a [u8],
    /// RegistrationResponseJSON over the challenge of [`Begun`].
    pub registration: Vec<u8>,
}

/// What t sites released.
pub struct Released {
    pub secret: ReleasedSecret,
    /// Sites whose shares made it up.
    pub used: Vec<SiteIndex>,
    /// Sites that did not help by the time it was done.
    pub problems: Vec<(SiteIndex, SiteProblem)>,
}

impl<'a> Fleet<'a> {
    /// The account's passkeys, as a majority sees them.
    pub async fn passkeys(&self, account: AccountId) -> Result<Look<PasskeyList>, VaultError> {
        let read = |answer| if let Answer::Passkeys(list) = answer { Some(list) } else { None };
        let look = self.look(&Request::Passkeys { account }, read).await?;
        Ok(look.middle(|list| list.change))
    }

    /// Asks all sites for a nonce, before a passkey is made.
    pub async fn begin_passkey(&self, account: AccountId, change: Change) -> Result<Begun<'a>, VaultError> {
        self.begin(account, Request::BeginPasskey { account, change }).await
    }

    /// Asks all sites for a nonce, before a passkey is used.
    pub async fn begin_release(&self, account: AccountId) -> Result<Begun<'a>, VaultError> {
        self.begin(account, Request::BeginRelease { account }).await
    }

    async fn begin(&self, account: AccountId, request: Request) -> Result<Begun<'a>, VaultError> {
        let mut answers = self.ask_all(&request);
        let (mut nonces, mut sessions, mut problems) = (vec![], vec![], vec![]);
        let mut until = None;
        loop {
            let next = answers.next();
            let answer = match until {
                Some(until) => tokio::time::timeout_at(until, next).await.unwrap_or(None),
                None => next.await,
            };
            match answer {
                Some((site, Ok((session, Answer::Nonce(nonce))))) => {
                    nonces.push(SiteNonce { site, nonce });
                    sessions.push(session);
                }
                Some((site, Ok(_))) => problems.push((site, SiteProblem::BadAnswer)),
                Some((site, Err(problem))) => problems.push((site, problem)),
                None => break,
            }
            if nonces.len() >= self.threshold() {
                until.get_or_insert_with(|| Instant::now() + STRAGGLERS);
            }
        }
        if nonces.len() < self.threshold() {
            return Err(self.too_few(problems, nonces.len()));
        }
        let challenge = challenge_of(&self.bundle().fleet_id, &account, &nonces);
        Ok(Begun { account, challenge, nonces, sessions, problems })
    }

    /// Deals a secret to the sites for a new passkey; t of them must say that they have it.
    pub async fn register_passkey(
        &self,
        begun: Begun<'_>,
        new: NewPasskey<'_>,
        owner: &Owner<'_>,
    ) -> Result<(ReleasedSecret, PasskeyDigest), VaultError> {
        let context = self.context(begun.account, new.credential);
        let dealt = deal(&context, &mut OsRng).map_err(|e| VaultError::Registration(e.to_string()));
        let (secret, boxes) = dealt?;
        let record = PasskeyRecord {
            account: begun.account,
            epoch: self.bundle().keys_since(),
            change: new.change,
            credential: new.credential.to_vec(),
            nonces: begun.nonces,
            registration: new.registration,
            boxes,
        };
        let digest = record.digest();
        let passkeys = new.others.iter().copied().chain([digest]).collect();
        let roster = Roster { account: begun.account, owner: owner.key, change: new.change, passkeys };
        let request = self.roster_request(roster, owner, Some(record));
        self.set_roster(&request, begun.sessions, begun.problems).await?;
        Ok((secret, digest))
    }

    /// Leaves only `stay`; every site destroys the boxes of the others.
    pub async fn remove_passkeys(
        &self,
        account: AccountId,
        change: Change,
        stay: &[PasskeyDigest],
        owner: &Owner<'_>,
    ) -> Result<(), VaultError> {
        let roster = Roster { account, owner: owner.key, change, passkeys: stay.to_vec() };
        let request = self.roster_request(roster, owner, None);
        let read = |answer| matches!(answer, Answer::RosterSet { .. }).then_some(());
        self.look(&request, read).await.map(|_| ())
    }

    /// Shows every site the assertion; as soon as any t shares fit together, the secret is there.
    pub async fn release(
        &self,
        begun: Begun<'_>,
        credential: &[u8],
        assertion: Vec<u8>,
    ) -> Result<Released, VaultError> {
        let context = self.context(begun.account, credential);
        let request = &Request::Release { account: begun.account, nonces: begun.nonces, assertion };
        let mut sessions = begun.sessions;
        let mut answers: FuturesUnordered<_> =
            sessions.iter_mut().map(|s| async move { (s.index, s.ask(request).await) }).collect();
        let (mut shares, mut problems) = (vec![], begun.problems);
        while let Some((site, answer)) = answers.next().await {
            match answer {
                Ok(Answer::Released(opened)) => {
                    let (share, commitment) = (Zeroizing::new(opened.share), opened.commitment);
                    shares.push(ReleasedShare { site, share, commitment });
                }
                Ok(_) => problems.push((site, SiteProblem::BadAnswer)),
                Err(problem) => problems.push((site, problem)),
            }
            if let Some((secret, used)) = rebuild(&context, &shares) {
                return Ok(Released { secret, used, problems });
            }
        }
        Err(self.too_few(problems, shares.len()))
    }

    async fn set_roster(
        &self,
        request: &Request,
        mut sessions: Vec<SiteSession<'_>>,
        mut problems: Vec<(SiteIndex, SiteProblem)>,
    ) -> Result<(), VaultError> {
        let mut replies: FuturesUnordered<_> =
            sessions.iter_mut().map(|s| async move { (s.index, s.ask(request).await) }).collect();
        let mut stored = 0;
        while let Some((site, reply)) = replies.next().await {
            match reply {
                Ok(Answer::RosterSet { .. }) => stored += 1,
                Ok(_) => problems.push((site, SiteProblem::BadAnswer)),
                Err(problem) => problems.push((site, problem)),
            }
            if stored >= self.threshold() {
                return Ok(());
            }
        }
        Err(self.too_few(problems, stored))
    }

    fn roster_request(&self, roster: Roster, owner: &Owner<'_>, added: Option<PasskeyRecord>) -> Request {
        let signature = Signature64((owner.sign)(&roster_message(&self.bundle().fleet_id, &roster)));
        Request::SetRoster(RosterUpdate { roster, signature, added })
    }

    fn context<'c>(&self, account: AccountId, credential: &'c [u8]) -> PasskeyContext<'c>
    where
        'a: 'c,
    {
        PasskeyContext { bundle: self.bundle(), account, credential }
    }

    fn too_few(&self, problems: Vec<(SiteIndex, SiteProblem)>, answered: usize) -> VaultError {
        verdict(problems, answered, self.threshold(), self.bundle().sites.len())
    }
}
