//! What a client does with passkeys, without its checks.

use super::client::{Person, SiteSession, Transport};
use super::fleet::Fleet;
use super::passkey::Authenticator;
use ed25519_dalek::Signer;
use rand_core::OsRng;
use recovery_crypto::passkey::{PasskeyContext, ReleasedShare, deal, rebuild};
use vault_protocol::{
    Answer, Bundle, Change, OwnerKey, PasskeyDigest, PasskeyList, PasskeyRecord, Refusal, Request, Response, Roster,
    RosterUpdate, Signature64, SiteIndex, SiteNonce, challenge_of, roster_message,
};
use zeroize::Zeroizing;

/// A person at a fleet.
pub struct PasskeyClient {
    pub person: Person,
    pub transport: Transport,
    pub bundle: Bundle,
}

/// Sessions that gave a nonce, by site.
pub struct Begun {
    pub nonces: Vec<SiteNonce>,
    pub sessions: Vec<(u8, SiteSession)>,
}

impl Begun {
    /// The session with site `site`.
    pub fn with(&mut self, site: u8) -> &mut SiteSession {
        &mut self.sessions.iter_mut().find(|(index, _)| *index == site).unwrap().1
    }
}

impl PasskeyClient {
    pub fn of(fleet: &Fleet) -> Self {
        Self { person: Person::new(), transport: fleet.transport.clone(), bundle: fleet.bundle.clone() }
    }

    /// Asks all sites for a nonce; those that refuse or are away are left out.
    pub async fn begin(&self, request: &Request) -> Begun {
        let mut begun = Begun { nonces: vec![], sessions: vec![] };
        for site in self.bundle.sites.iter().map(|site| site.index) {
            let Ok(mut session) = self.transport.open(site.0).await else { continue };
            if let Ok(Ok(Answer::Nonce(nonce))) = session.ask(request).await {
                begun.nonces.push(SiteNonce { site, nonce });
                begun.sessions.push((site.0, session));
            }
        }
        begun
    }

    pub async fn begin_passkey(&self, change: Change) -> Begun {
        self.begin(&Request::BeginPasskey { account: self.person.account, change }).await
    }

    pub async fn begin_release(&self) -> Begun {
        self.begin(&Request::BeginRelease { account: self.person.account }).await
    }

    pub fn challenge(&self, nonces: &[SiteNonce]) -> [u8; 32] {
        challenge_of(&self.bundle.fleet_id, &self.person.account, nonces)
    }

    /// A record with a freshly dealt secret.
    pub fn record(
        &self,
        change: Change,
        credential: &[u8],
        nonces: Vec<SiteNonce>,
        registration: Vec<u8>,
    ) -> (Zeroizing<[u8; 32]>, PasskeyRecord) {
        let (secret, boxes) = deal(&self.context(credential), &mut OsRng).unwrap();
        let (account, epoch, credential) = (self.person.account, self.bundle.epoch, credential.to_vec());
        (secret, PasskeyRecord { account, epoch, change, credential, nonces, registration, boxes })
    }

    pub fn signed(&self, change: Change, passkeys: Vec<PasskeyDigest>, added: Option<PasskeyRecord>) -> Request {
        let owner = OwnerKey(self.person.owner.verifying_key().to_bytes());
        let roster = Roster { account: self.person.account, owner, change, passkeys };
        let message = roster_message(&self.bundle.fleet_id, &roster);
        let signature = Signature64(self.person.owner.sign(&message).to_bytes());
        Request::SetRoster(RosterUpdate { roster, signature, added })
    }

    /// Registers a passkey through the first site that gave a nonce; `others` stay.
    pub async fn add(
        &self,
        change: Change,
        others: &[PasskeyDigest],
        key: &mut Authenticator,
    ) -> Result<(Zeroizing<[u8; 32]>, PasskeyDigest), Refusal> {
        let Begun { nonces, mut sessions } = self.begin_passkey(change).await;
        let registration = key.register(self.challenge(&nonces));
        let (secret, record) = self.record(change, &key.credential, nonces, registration);
        let digest = record.digest();
        let request = self.signed(change, [others, &[digest]].concat(), Some(record));
        sessions[0].1.ask(&request).await.unwrap()?;
        Ok((secret, digest))
    }

    /// The first passkey of a new account.
    pub async fn with_passkey(fleet: &Fleet) -> (Self, Authenticator, Zeroizing<[u8; 32]>) {
        Self::of(fleet).of_another_person().await
    }

    /// The first passkey of somebody else's new account, at the same fleet.
    pub async fn of_another_person(&self) -> (Self, Authenticator, Zeroizing<[u8; 32]>) {
        let (transport, bundle) = (self.transport.clone(), self.bundle.clone());
        let (client, mut key) = (Self { person: Person::new(), transport, bundle }, Authenticator::new());
        let (secret, _) = client.add(1, &[], &mut key).await.unwrap();
        (client, key, secret)
    }

    /// Leaves only `stay`, by way of `site`.
    pub async fn strike_off(&self, site: u8, change: Change, stay: &[PasskeyDigest]) -> Response {
        self.transport.ask(site, self.signed(change, stay.to_vec(), None)).await
    }

    /// The passkeys as `site` sees them.
    pub async fn list(&self, site: u8) -> PasskeyList {
        let answer = self.transport.ask(site, Request::Passkeys { account: self.person.account }).await;
        let Ok(Answer::Passkeys(list)) = answer else { panic!("{answer:?}") };
        list
    }

    pub fn shown(&self, nonces: Vec<SiteNonce>, assertion: Vec<u8>) -> Request {
        Request::Release { account: self.person.account, nonces, assertion }
    }

    /// Shows one answer of the passkey to all sites that gave a nonce; what each said.
    pub async fn release(&self, key: &mut Authenticator) -> Vec<(u8, Response)> {
        let Begun { nonces, sessions } = self.begin_release().await;
        let assertion = key.assert(self.challenge(&nonces));
        let request = &self.shown(nonces, assertion);
        let asked = sessions.into_iter().map(|(site, mut session)| async move {
            let away = |status| Refusal::Unavailable { reason: format!("HTTP status {status}") };
            (site, session.ask(request).await.map_err(away).flatten())
        });
        futures::future::join_all(asked).await
    }

    /// The secret, if t of the answers are shares that fit together.
    pub fn rebuilt(&self, credential: &[u8], answers: Vec<(u8, Response)>) -> Option<Zeroizing<[u8; 32]>> {
        let share = |(site, answer)| match answer {
            Ok(Answer::Released(opened)) => {
                let (share, commitment) = (Zeroizing::new(opened.share), opened.commitment);
                Some(ReleasedShare { site: SiteIndex(site), share, commitment })
            }
            _ => None,
        };
        let shares: Vec<_> = answers.into_iter().filter_map(share).collect();
        rebuild(&self.context(credential), &shares).map(|(secret, _)| secret)
    }

    fn context<'c>(&'c self, credential: &'c [u8]) -> PasskeyContext<'c> {
        PasskeyContext { bundle: &self.bundle, account: self.person.account, credential }
    }
}
