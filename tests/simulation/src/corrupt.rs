//! A site that is not honest. It holds its own device and its own vote keys, and nobody else's; it
//! has the honest site's program, and may do something else than that says.

use crate::front::Front;
use async_trait::async_trait;
use ed25519_dalek::{Signer, SigningKey};
use recovery_crypto::session::{Prologue, Session, initiate};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;
use vault_facts::FleetKeys;
use vault_protocol::{
    Answer, BundleId, Point, Refusal, Request, Response, SessionId, Shown, Signature64, SiteIndex,
    Statement, StatementOf, VoteKey, VoteKeyCertificate,
};
use vault_server::site::ports::{Device, DeviceFault, Draw, PeerAnswer, PeerRequest, Randomness};
use vault_server::site::{MessageError, OpenError, Opening, Origin};

/// What a site does instead of what it should.
#[async_trait]
pub trait Trick: Send + Sync {
    /// Told in the history.
    fn name(&self) -> &'static str;

    /// What a client is answered. `None`: nothing, ever.
    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        Some(talk.honest(request).await)
    }

    /// What another site is answered.
    async fn peer(&self, site: &CorruptSite, from: SiteIndex, request: PeerRequest) -> PeerAnswer {
        site.has.program.peer(from, request).await
    }
}

/// What whoever holds a site has.
pub struct Holdings {
    pub index: SiteIndex,
    pub keys: FleetKeys,
    /// The honest program on this site's disk.
    pub program: Arc<dyn Front>,
    /// When the program started.
    pub started: u64,
    pub device: Arc<dyn Device>,
    /// The device's, as the bundle has it.
    pub session_key: Point,
    /// Newest first.
    pub bundles: Vec<BundleId>,
    pub randomness: Arc<dyn Randomness>,
}

/// A site that may do as it likes with them.
pub struct CorruptSite {
    pub has: Holdings,
    /// Of [`CorruptSite::signs`].
    pub certificate: VoteKeyCertificate,
    key: SigningKey,
}

/// One client's session with a corrupt site, and one of the corrupt site's own with the honest
/// program.
pub struct Talk {
    pub site: Arc<CorruptSite>,
    outer: Session,
    origin: Origin,
    inner: Option<(SessionId, Session)>,
}

/// A corrupt site behind its address.
pub struct Corrupt {
    site: Arc<CorruptSite>,
    trick: Arc<dyn Trick>,
    talks: Mutex<BTreeMap<SessionId, Arc<Mutex<Talk>>>>,
}

impl CorruptSite {
    /// Draws a vote key of its own, which its device certifies like any other.
    ///
    /// # Errors
    /// The device's.
    pub async fn new(has: Holdings) -> Result<Self, DeviceFault> {
        let key = SigningKey::generate(&mut Draw(&*has.randomness));
        let public = VoteKey(key.verifying_key().to_bytes());
        let message =
            VoteKeyCertificate::message(&has.keys.digest, has.index, has.started, &public);
        let signature = has.device.sign(message).await?;
        let certificate =
            VoteKeyCertificate { site: has.index, started: has.started, key: public, signature };
        Ok(Self { has, certificate, key })
    }

    /// The site's word, whatever it is.
    pub fn signs(&self, of: &StatementOf<'_>) -> Statement {
        let message = of.message(&self.has.keys.digest, self.has.index);
        let signature = Signature64(self.key.sign(&message).to_bytes());
        let key = VoteKey(self.key.verifying_key().to_bytes());
        Statement { site: self.has.index, key, signature }
    }

    /// As an honest answer, with this site's own vote key among the certificates.
    pub fn with_certificate(&self, shown: Shown) -> Shown {
        Shown { certificate: self.certificate, ..shown }
    }
}

impl Talk {
    /// What the honest program answers.
    pub async fn honest(&mut self, request: Request) -> Response {
        let lost = || Refusal::Unavailable { reason: "its program does not answer".into() };
        for _ in 0..2 {
            if self.inner.is_none() {
                self.inner = self.begin().await;
            }
            let Some((id, session)) = &mut self.inner else { return Err(lost()) };
            let Ok(message) = session.seal(&request.to_bytes()) else { return Err(lost()) };
            let answered = self.site.has.program.message(*id, message).await;
            let opened = answered.and_then(Result::ok).and_then(|bytes| session.open(&bytes).ok());
            match opened.and_then(|plain| Answer::response_from_bytes(&plain).ok()) {
                Some(response) => return response,
                None => self.inner = None,
            }
        }
        Err(lost())
    }

    /// What the honest program shows of the account, with this site's own vote key.
    pub async fn honest_show(&mut self, request: Request) -> Result<Shown, Refusal> {
        match self.honest(request).await? {
            Answer::Shown(shown) => Ok(self.site.with_certificate(*shown)),
            _ => Err(Refusal::Malformed),
        }
    }

    async fn begin(&self) -> Option<(SessionId, Session)> {
        let Holdings { index, bundles, session_key, randomness, program, .. } = &self.site.has;
        let bundle = *bundles.first()?;
        let prologue = Prologue { bundle, site: *index };
        let rng = &mut Draw(&**randomness);
        let (initiated, message) = initiate(&prologue, session_key, rng).ok()?;
        let opening = Opening { bundle: Some(bundle), message, origin: self.origin };
        let (id, second) = program.open(opening).await.ok()?;
        Some((id, initiated.finish(&second).ok()?))
    }
}

impl Corrupt {
    pub fn new(site: CorruptSite, trick: Arc<dyn Trick>) -> Self {
        Self { site: Arc::new(site), trick, talks: Mutex::default() }
    }

    /// What it has, for who wants to do more than answer.
    pub fn site(&self) -> &CorruptSite {
        &self.site
    }
}

#[async_trait]
impl Front for Corrupt {
    async fn open(&self, opening: Opening) -> Result<(SessionId, Vec<u8>), OpenError> {
        let site = &self.site.has;
        let bundle = opening.bundle.or(site.bundles.first().copied());
        let bundle = bundle.filter(|id| site.bundles.contains(id)).ok_or(OpenError::OtherBundle)?;
        let prologue = Prologue { bundle, site: site.index };
        let opened = site.device.open_session(prologue, opening.message).await;
        let (outer, answer) = opened.map_err(|fault| match fault {
            DeviceFault::Refused(_) => OpenError::NotAHandshake,
            fault => OpenError::Unavailable(fault.to_string()),
        })?;
        let mut id = SessionId([0; 16]);
        site.randomness.fill(&mut id.0);
        let talk = Talk { site: self.site.clone(), outer, origin: opening.origin, inner: None };
        self.talks.lock().await.insert(id, Arc::new(Mutex::new(talk)));
        Ok((id, answer))
    }

    async fn message(
        &self,
        session: SessionId,
        message: Vec<u8>,
    ) -> Option<Result<Vec<u8>, MessageError>> {
        let talk = self.talks.lock().await.get(&session).cloned();
        let Some(talk) = talk else { return Some(Err(MessageError::NoSuchSession)) };
        let mut talk = talk.lock().await;
        let plain = match talk.outer.open(&message) {
            Ok(plain) => plain,
            Err(_) => return Some(Err(MessageError::NotOfSession)),
        };
        let response = match Request::from_bytes(&plain) {
            Ok(request) => self.trick.answer(&mut talk, request).await?,
            Err(_) => Err(Refusal::Malformed),
        };
        let bytes = Answer::response_to_bytes(&response);
        Some(talk.outer.seal(&bytes).map_err(|_| MessageError::NotOfSession))
    }

    async fn peer(&self, from: SiteIndex, request: PeerRequest) -> PeerAnswer {
        self.trick.peer(&self.site, from, request).await
    }

    fn bundle(&self) -> Option<BundleId> {
        self.site.has.bundles.first().copied()
    }
}
