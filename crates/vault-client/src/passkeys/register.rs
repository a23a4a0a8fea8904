//! Dealing a secret to the sites for a passkey that was just made.

use super::Begun;
use crate::collect::Collecting;
use crate::errand::{Cargo, Carried, Carrying, Errand};
use crate::error::VaultError;
use crate::fleet::Fleet;
use crate::owner::Owner;
use crate::verdict;
use recovery_crypto::Draw;
use recovery_crypto::passkey::{PasskeyContext, ReleasedSecret, deal};
use std::time::Duration;
use vault_protocol::{
    Admission, Answer, News, PasskeyDigest, PasskeyHead, PasskeyRecord, Request, Roster,
    RosterNumber, boxes_digest, registration_digest,
};

/// How long to wait for t sites to store it.
const PATIENCE: Duration = Duration::from_secs(12);

/// A passkey that was just made.
pub struct NewPasskey<'a> {
    /// One more than the number of the roster that was seen.
    pub number: RosterNumber,
    /// Those that stay, oldest first.
    pub others: &'a [PasskeyDigest],
    /// The id that WebAuthn gave it.
    pub credential: &'a [u8],
    /// RegistrationResponseJSON over the challenge of [`Begun`].
    pub registration: Vec<u8>,
}

/// A passkey that t sites have stored.
pub struct PasskeyRegistered {
    /// What the sites will release to the passkey.
    pub secret: ReleasedSecret,
    /// As the owner's roster names it now.
    pub head: PasskeyHead,
    /// Which sites have stored it.
    pub carried: Carried,
}

impl Fleet {
    /// Deals a secret to the sites, and tells them of the passkey; t of them must have stored it.
    ///
    /// # Errors
    /// [`VaultError::WrongRoster`] if another computer changed the passkeys meanwhile,
    /// [`VaultError::PasskeyInvalid`], [`VaultError::ChallengeExpired`], [`VaultError::Removed`],
    /// [`VaultError::NotOwner`], [`VaultError::TooFewSites`], [`VaultError::Input`].
    pub async fn register_passkey(
        &self,
        begun: Begun,
        new: NewPasskey<'_>,
        owner: &Owner<'_>,
    ) -> Result<PasskeyRegistered, VaultError> {
        let account = begun.account;
        let context = PasskeyContext { bundle: self.bundle(), account, credential: new.credential };
        let dealt = deal(&context, &mut Draw(&*self.ports.randomness));
        let dealt = dealt.map_err(|e| VaultError::Input(e.to_string()))?;
        let head = PasskeyHead {
            account,
            keys: self.keys(),
            number: new.number,
            credential: new.credential.to_vec(),
            commitment: dealt.commitment,
            registration: registration_digest(&begun.nonces, &new.registration),
            boxes: boxes_digest(&dealt.boxes),
        };
        let record = PasskeyRecord {
            head: head.clone(),
            nonces: begun.nonces.clone(),
            registration: new.registration,
            boxes: dealt.boxes,
        };
        let passkeys = new.others.iter().copied().chain([head.digest()]).collect();
        let roster = Roster { claim: owner.claim, number: new.number, passkeys };
        let roster = Some(self.signed_roster(owner, roster));
        let news = News { roster, ..News::default() };
        let carried = self.set_roster(begun, news, record).await?;
        Ok(PasskeyRegistered { secret: dealt.secret, head, carried })
    }

    /// In the sessions of the nonces; whoever else has to know hears of it from these sites.
    async fn set_roster(
        &self,
        begun: Begun,
        news: News,
        record: PasskeyRecord,
    ) -> Result<Carried, VaultError> {
        let sites = begun.sites();
        let Begun { account, mut lanes, tickets, vote_keys, liars, .. } = begun;
        let certificates: Vec<_> = vote_keys.iter().copied().collect();
        let request = Request::SetRoster {
            news: News { certificates: certificates.clone(), ..news.clone() },
            added: Some(Box::new(record)),
            admission: Some(Admission::Tickets(tickets)),
        };
        let read = |answer| match answer {
            Answer::Acknowledged { words, certificates } => Some((words, certificates)),
            _ => None,
        };
        let plan = Collecting::new(&self.known, request, read, lanes.now() + PATIENCE);
        let mut plan = plan.of(&self.known, &sites);
        lanes.run(&mut plan).await;
        let cargo = Cargo::Facts(Box::new(news));
        let errand = Errand::new(account, self.keys(), cargo, certificates);
        let now = lanes.now();
        let mut counting = Carrying::new(self.known.clone(), errand, vote_keys, PATIENCE, now);
        counting.liars = liars;
        for (site, (words, certificates)) in plan.answers {
            counting.acknowledged(site, words, &certificates);
        }
        let carried = counting.finish(lanes.notes());
        if carried.spread.is_stored() {
            return Ok(carried);
        }
        let Carried { notes, spread, .. } = carried;
        Err(verdict::refused(&self.known, spread.count(), notes))
    }
}
