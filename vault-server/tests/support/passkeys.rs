//! What a client does with passkeys, without its checks.

use super::authenticator::Authenticator;
use super::person::{Person, with_certificates_of};
use super::{Asks, Reach};
use rand_core::OsRng;
use recovery_crypto::passkey::{Dealt, PasskeyContext, ReleasedShare, deal, rebuild};
use vault_protocol::{
    Admission, Answer, News, PasskeyDigest, PasskeyHead, PasskeyRecord, Refusal, Request, Response,
    Roster, RosterNumber, SignedRoster, SiteIndex, SiteNonce, Statement, boxes_digest,
    passkey_challenge, registration_digest,
};
use zeroize::Zeroizing;

/// Sessions that gave a nonce, by site.
pub(crate) struct Begun<C> {
    pub nonces: Vec<SiteNonce>,
    pub sessions: Vec<(u8, C)>,
    pub tickets: Vec<Statement>,
}

impl<C> Begun<C> {
    /// The session with one site.
    pub(crate) fn with(&mut self, site: u8) -> &mut C {
        &mut self.sessions.iter_mut().find(|(index, _)| *index == site).unwrap().1
    }
}

impl Person {
    /// Asks all sites for a nonce; those that refuse or are away are left out.
    async fn begin<F: Reach>(&self, fleet: &F, request: Request) -> Begun<F::Client> {
        let mut begun = Begun { nonces: vec![], sessions: vec![], tickets: vec![] };
        for site in fleet.sites() {
            let Some(mut client) = fleet.open(site).await else { continue };
            if let Ok(Answer::Nonce { nonce, ticket, .. }) = client.ask(request.clone()).await {
                let handshake = client.handshake_hash();
                begun.nonces.push(SiteNonce { site: SiteIndex(site), nonce, handshake });
                begun.tickets.push(ticket);
                begun.sessions.push((site, client));
            }
        }
        begun
    }

    pub(crate) async fn begin_passkey<F: Reach>(&self, fleet: &F) -> Begun<F::Client> {
        self.begin(fleet, Request::BeginPasskey { account: self.account() }).await
    }

    pub(crate) async fn begin_release<F: Reach>(&self, fleet: &F) -> Begun<F::Client> {
        self.begin(fleet, Request::BeginRelease { account: self.account() }).await
    }

    pub(crate) fn challenge(&self, fleet: &impl Reach, nonces: &[SiteNonce]) -> [u8; 32] {
        passkey_challenge(&fleet.bundle().keys_digest(), &self.account(), nonces)
    }

    /// A record with a freshly dealt secret.
    pub(crate) fn passkey_record(
        &self,
        fleet: &impl Reach,
        number: RosterNumber,
        credential: &[u8],
        nonces: Vec<SiteNonce>,
        registration: Vec<u8>,
    ) -> (Zeroizing<[u8; 32]>, PasskeyRecord) {
        let Dealt { secret, commitment, boxes } =
            deal(&self.context(fleet, credential), &mut OsRng).unwrap();
        let head = PasskeyHead {
            account: self.account(),
            keys: fleet.bundle().keys_digest(),
            number,
            credential: credential.to_vec(),
            commitment,
            registration: registration_digest(&nonces, &registration),
            boxes: boxes_digest(&boxes),
        };
        (secret, PasskeyRecord { head, nonces, registration, boxes })
    }

    pub(crate) fn roster(
        &self,
        fleet: &impl Reach,
        number: RosterNumber,
        passkeys: Vec<PasskeyDigest>,
    ) -> SignedRoster {
        let roster = Roster { claim: self.claim, number, passkeys };
        let signature = self.sign(&roster.message(&fleet.bundle().keys_digest()));
        SignedRoster { roster, signature }
    }

    pub(crate) async fn set_roster(
        &self,
        fleet: &impl Reach,
        roster: SignedRoster,
        added: Option<PasskeyRecord>,
        tickets: Vec<Statement>,
    ) -> Request {
        let news = News { roster: Some(roster), ..News::default() };
        Request::SetRoster {
            news: with_certificates_of(fleet, news).await,
            added: added.map(Box::new),
            admission: (!tickets.is_empty()).then_some(Admission::Tickets(tickets)),
        }
    }

    /// Registers a passkey at all sites that gave a nonce; `others` stay.
    pub(crate) async fn add_passkey(
        &self,
        fleet: &impl Reach,
        number: RosterNumber,
        others: &[PasskeyDigest],
        key: &mut Authenticator,
    ) -> Result<(Zeroizing<[u8; 32]>, PasskeyDigest), Refusal> {
        let Begun { nonces, mut sessions, tickets } = self.begin_passkey(fleet).await;
        let registration = key.register(self.challenge(fleet, &nonces));
        let (secret, record) =
            self.passkey_record(fleet, number, &key.credential, nonces, registration);
        let digest = record.digest();
        let roster = self.roster(fleet, number, [others, &[digest]].concat());
        let request = self.set_roster(fleet, roster, Some(record), tickets).await;
        for (_, client) in &mut sessions {
            client.ask(request.clone()).await?;
        }
        Ok((secret, digest))
    }

    /// Leaves only `stay`, by way of one site.
    pub(crate) async fn strike_off(
        &self,
        fleet: &impl Reach,
        site: u8,
        number: RosterNumber,
        stay: &[PasskeyDigest],
    ) -> Response {
        let roster = self.roster(fleet, number, stay.to_vec());
        let request = self.set_roster(fleet, roster, None, vec![]).await;
        fleet.open(site).await.unwrap().ask(request).await
    }

    pub(crate) fn shown(&self, nonces: Vec<SiteNonce>, assertion: Vec<u8>) -> Request {
        Request::Release { account: self.account(), nonces, assertion }
    }

    /// Shows one answer of the passkey to all sites that gave a nonce; what each said.
    pub(crate) async fn release(
        &self,
        fleet: &impl Reach,
        key: &mut Authenticator,
    ) -> Vec<(u8, Response)> {
        let Begun { nonces, sessions, .. } = self.begin_release(fleet).await;
        let assertion = key.assert(self.challenge(fleet, &nonces));
        let mut answers = vec![];
        for (site, mut client) in sessions {
            let request = self.shown(nonces.clone(), assertion.clone());
            answers.push((site, client.ask(request).await));
        }
        answers
    }

    /// The secret, if t of the answers lie on the committed polynomial.
    pub(crate) fn rebuilt(
        &self,
        fleet: &impl Reach,
        record_commitment: &[u8; 32],
        credential: &[u8],
        answers: Vec<(u8, Response)>,
    ) -> Option<Zeroizing<[u8; 32]>> {
        let share = |(site, answer)| match answer {
            Ok(Answer::Released(share)) => {
                let share: vault_protocol::PasskeyShare = share;
                Some(ReleasedShare { site: SiteIndex(site), share: Zeroizing::new(share.0) })
            }
            _ => None,
        };
        let shares: Vec<_> = answers.into_iter().filter_map(share).collect();
        let context = self.context(fleet, credential);
        rebuild(&context, record_commitment, &shares).map(|rebuilt| rebuilt.secret)
    }

    fn context<'a>(&self, fleet: &'a impl Reach, credential: &'a [u8]) -> PasskeyContext<'a> {
        PasskeyContext { bundle: fleet.bundle(), account: self.account(), credential }
    }
}
