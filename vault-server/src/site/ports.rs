//! What a site needs of the world, named after what it does with it. Sockets, threads, clocks and
//! the system's randomness are behind these, so that a whole fleet runs in one process, the same
//! way each time.

pub use recovery_crypto::{Draw, Randomness};

use async_trait::async_trait;
use recovery_crypto::session::{Prologue, Session};
use vault_protocol::{
    AccountId, Acknowledgement, BoxContents, LiveProof, PasskeyShare, Point, Refusal, SealedBox,
    Signature64, SiteFacts, SiteIndex, VoteKeyCertificate,
};

/// The site's own clock.
pub trait Clock: Send + Sync {
    /// Unix seconds.
    fn now(&self) -> u64;
}

/// Why the device did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceFault {
    /// It may do the same later.
    #[error("the site's device is away: {0}")]
    Away(String),
    /// What was asked for cannot be done, whatever the device's state.
    #[error("the device refused: {0}")]
    Refused(String),
    /// The site must not serve any more.
    #[error("this site has stopped serving: {0}")]
    Broken(String),
}

/// The site's device: private keys that nobody else has. One thing at a time; each may take a
/// second.
#[async_trait]
pub trait Device: Send + Sync {
    /// Answers a client's first Noise message: one ECDH of the session key.
    async fn open_session(
        &self,
        prologue: Prologue,
        message: Vec<u8>,
    ) -> Result<(Session, Vec<u8>), DeviceFault>;

    /// One ECDH of the seal key.
    async fn open_box(&self, sealed: SealedBox, info: Vec<u8>) -> Result<BoxContents, DeviceFault>;

    /// One ECDH of the seal key.
    async fn open_passkey_box(
        &self,
        sealed: SealedBox,
        info: Vec<u8>,
    ) -> Result<PasskeyShare, DeviceFault>;

    /// k * alpha: two ECDHs of the oprf key.
    async fn evaluate(&self, alpha: Point) -> Result<Point, DeviceFault>;

    /// ECDSA of the receipt key.
    async fn sign(&self, message: Vec<u8>) -> Result<Signature64, DeviceFault>;
}

/// What a site asks another site.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum PeerRequest {
    /// Everything that it knows of an account.
    Facts {
        /// Which one.
        account: AccountId,
    },
    /// Tells it everything of an account, and asks what it acknowledges.
    Push(Box<SiteFacts>),
    /// Accounts changed from this change on (1 is the first).
    Since {
        /// The first change that was not seen yet.
        from: u64,
    },
}

/// What the other site says. Nothing of it is believed unproved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum PeerAnswer {
    /// To [`PeerRequest::Facts`]; none: it knows nothing of the account.
    Facts(Option<Box<SiteFacts>>),
    /// To [`PeerRequest::Push`].
    Acknowledged {
        /// Of different sites, each on its own state.
        words: Vec<Acknowledgement>,
        /// Of the vote keys that signed them.
        certificates: Vec<VoteKeyCertificate>,
    },
    /// To [`PeerRequest::Since`].
    Changes {
        /// Those that changed, as they are now.
        accounts: Vec<Changed>,
        /// The change to ask from next.
        next: u64,
    },
    /// It cannot answer now, or will not.
    Refused,
}

/// An account that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Changed {
    /// Which.
    pub account: AccountId,
    /// Names everything that the site has of it: who has the same need not ask further.
    pub state: [u8; 16],
}

/// The peer cannot be reached, or did not answer usably.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("site {site} is away: {reason}")]
pub struct PeerAway {
    /// Which site.
    pub site: SiteIndex,
    /// For an engineer.
    pub reason: String,
}

/// The other sites.
#[async_trait]
pub trait Peers: Send + Sync {
    /// Asks one of them.
    ///
    /// # Errors
    /// [`PeerAway`].
    async fn ask(&self, site: SiteIndex, request: PeerRequest) -> Result<PeerAnswer, PeerAway>;
}

/// The device's own log, where there is one.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Why this site must not serve, if it must not.
    fn broken(&self) -> Option<String>;

    /// The device's word for a verifier's nonce, and the site's counts as they are now.
    async fn prove(&self, nonce: [u8; 32]) -> Result<LiveProof, Refusal>;
}
