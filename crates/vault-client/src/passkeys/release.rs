//! One assertion, shown to every site that gave a nonce for it: what they release.

use super::Begun;
use crate::conversation::{Heard, Pending, Plan, Proceed};
use crate::error::VaultError;
use crate::fleet::{Fleet, Known};
use crate::liars::{Liars, Lie};
use crate::site_notes::SiteNotes;
use crate::verdict;
use recovery_crypto::passkey::{PasskeyContext, Rebuilt, ReleasedSecret, ReleasedShare, rebuild};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::{Answer, PasskeyHead, Request, SiteIndex};
use zeroize::Zeroizing;

/// How long to wait for shares.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long to wait for further shares once t do not fit together.
const FURTHER_SHARES: Duration = Duration::from_secs(2);

/// What t sites released.
pub struct Released {
    /// What was dealt to the sites.
    pub secret: ReleasedSecret,
    /// Sites whose shares lie on the owner's polynomial.
    pub used: Vec<SiteIndex>,
    /// What there is to say of single sites.
    pub notes: SiteNotes,
}

impl Fleet {
    /// Shows every site the assertion; as soon as any t shares lie on the polynomial that `head`
    /// commits to, the secret is there. `head` must be of the owner's roster
    /// ([`crate::Seen::passkeys`]).
    ///
    /// # Errors
    /// [`VaultError::PasskeyInvalid`], [`VaultError::NoSuchPasskey`],
    /// [`VaultError::ChallengeExpired`], [`VaultError::Removed`], [`VaultError::TooFewSites`].
    pub async fn release(
        &self,
        begun: Begun,
        head: &PasskeyHead,
        assertion: Vec<u8>,
    ) -> Result<Released, VaultError> {
        let sites = begun.sites();
        let Begun { account, mut lanes, nonces, liars, .. } = begun;
        let mut plan = Releasing {
            known: self.known.clone(),
            request: Request::Release { account, nonces, assertion },
            head,
            to_ask: sites,
            shares: Vec::new(),
            rebuilt: None,
            until: lanes.now() + PATIENCE,
            liars,
        };
        lanes.run(&mut plan).await;
        let Releasing { shares, rebuilt, mut liars, .. } = plan;
        let Some(Rebuilt { secret, used, liars: false_shares }) = rebuilt else {
            let notes = SiteNotes { liars: liars.0, ..lanes.notes() };
            return Err(verdict::refused(&self.known, shares.len(), notes));
        };
        false_shares.into_iter().for_each(|site| liars.caught(site, Lie::WrongShare));
        let mut used = used;
        used.sort_unstable();
        Ok(Released { secret, used, notes: SiteNotes { liars: liars.0, ..lanes.notes() } })
    }
}

struct Releasing<'a> {
    known: Arc<Known>,
    request: Request,
    head: &'a PasskeyHead,
    to_ask: BTreeSet<SiteIndex>,
    shares: Vec<ReleasedShare>,
    rebuilt: Option<Rebuilt>,
    until: Duration,
    liars: Liars,
}

impl Plan for Releasing<'_> {
    fn next(&mut self, site: SiteIndex, _: Duration) -> Option<Request> {
        self.to_ask.remove(&site).then(|| self.request.clone())
    }

    fn heard(&mut self, site: SiteIndex, _: &Request, heard: Heard, now: Duration) {
        let Heard::Answer(answer) = heard else { return };
        let Answer::Released(share) = *answer else {
            return self.liars.caught(site, Lie::WrongAnswer);
        };
        self.shares.push(ReleasedShare { site, share: Zeroizing::new(share.0) });
        let PasskeyHead { account, credential, commitment, .. } = self.head;
        let bundle = self.known.bundle();
        let context = PasskeyContext { bundle, account: *account, credential };
        self.rebuilt = rebuild(&context, commitment, &self.shares);
        if self.shares.len() == self.known.threshold() {
            self.until = self.until.min(now + FURTHER_SHARES);
        }
    }

    fn proceed(&mut self, pending: &Pending, now: Duration) -> Proceed {
        if self.rebuilt.is_some() || pending.is_empty() || now >= self.until {
            return Proceed::Over;
        }
        Proceed::Until(self.until)
    }
}
