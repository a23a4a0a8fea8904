//! A site that is not honest. It holds its own device and its own vote keys, and nobody else's; it has the
//! honest site's program, and may do something else than that says.

use crate::device::SimulatedDevice;
use crate::disk::MountedDisk;
use crate::fleet::Fleet;
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
use vault_server::site::{MessageError, OpenError, Opening, Origin, Site};

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
    async fn peer(&self, site: &CorruptSite, _: SiteIndex, request: PeerRequest) -> PeerAnswer {
        site.core.peer(request).await
    }
}

/// What a corrupt site has.
pub struct CorruptSite {
    pub index: SiteIndex,
    pub keys: FleetKeys,
    /// The honest program on this site's disk.
    pub core: Site<MountedDisk>,
    pub device: Arc<SimulatedDevice>,
    /// Of [`CorruptSite::signs`].
    pub certificate: VoteKeyCertificate,
    key: SigningKey,
    session_key: Point,
    bundles: Vec<BundleId>,
    randomness: Arc<dyn Randomness>,
}

/// One client's session with a corrupt site, and one of the corrupt site's own with the honest program.
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
    /// The site's word, whatever it is.
    pub fn signs(&self, of: &StatementOf<'_>) -> Statement {
        let message = of.message(&self.keys.digest, self.index);
        let signature = Signature64(self.key.sign(&message).to_bytes());
        let key = VoteKey(self.key.verifying_key().to_bytes());
        Statement { site: self.index, key, signature }
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
            let answered = self.site.core.message(id, message).await;
            let opened = answered.ok().and_then(|bytes| session.open(&bytes).ok());
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
        let CorruptSite { index, bundles, session_key, randomness, core, .. } = &*self.site;
        let bundle = *bundles.first()?;
        let prologue = Prologue { bundle, site: *index };
        let rng = &mut Draw(&**randomness);
        let (initiated, message) = initiate(&prologue, session_key, rng).ok()?;
        let opening = Opening { bundle: Some(bundle), message, origin: self.origin };
        let (id, second) = core.open_session(opening).await.ok()?;
        Some((id, initiated.finish(&second).ok()?))
    }
}

impl Corrupt {
    /// Draws a vote key of its own, which its device certifies like any other.
    pub async fn new(
        fleet: &Fleet,
        index: SiteIndex,
        core: Site<MountedDisk>,
        bundles: Vec<BundleId>,
        trick: Arc<dyn Trick>,
    ) -> Self {
        let randomness = fleet.randomness(index);
        let device = fleet.device(index).clone();
        let key = SigningKey::generate(&mut Draw(&*randomness));
        let keys = fleet.keys();
        let public = VoteKey(key.verifying_key().to_bytes());
        let started = core.certificate().started;
        let message = VoteKeyCertificate::message(&keys.digest, index, started, &public);
        let signature = device.sign(message).await.expect("a simulated device signs");
        let certificate = VoteKeyCertificate { site: index, started, key: public, signature };
        let session_key = device.in_bundle().session_key;
        let site = CorruptSite {
            index,
            keys,
            core,
            device,
            certificate,
            key,
            session_key,
            bundles,
            randomness,
        };
        Self { site: Arc::new(site), trick, talks: Mutex::default() }
    }
}

#[async_trait]
impl Front for Corrupt {
    async fn open(&self, opening: Opening) -> Result<(SessionId, Vec<u8>), OpenError> {
        let site = &self.site;
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
        let talk = Talk { site: site.clone(), outer, origin: opening.origin, inner: None };
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
        self.site.bundles.first().copied()
    }
}
