//! What the conversation needs of the world: a network, a stopwatch, randomness. Each is a port, so
//! that a whole fleet and its clients run in one process, the same way each time.

use async_trait::async_trait;
use recovery_crypto::Randomness;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::BundleId;

/// The world of one client.
#[derive(Clone)]
pub struct Ports {
    /// The network.
    pub transport: Arc<dyn Transport>,
    /// The stopwatch.
    pub timer: Arc<dyn Timer>,
    /// For blinding and for keys.
    pub randomness: Arc<dyn Randomness>,
}

/// Carries one request to one site, over TLS. Implementations bound time and size: nothing hangs,
/// and no body is longer than [`vault_protocol::limits::MAX_NOISE_MESSAGE`].
#[async_trait]
pub trait Transport: Send + Sync {
    /// # Errors
    /// [`TransportError`]. An answer with an HTTP status that is an error is an answer.
    async fn post(&self, message: Post) -> Result<Reply, TransportError>;
}

/// One HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Base URL of the site, as its bundle names it.
    pub endpoint: String,
    /// To be appended to it: `/v2/…`.
    pub path: String,
    /// Name and value.
    pub headers: Vec<(&'static str, String)>,
    /// A Noise message.
    pub body: Vec<u8>,
}

/// A site's HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// A Noise message, or what the site says instead.
    pub body: Vec<u8>,
    /// From the header [`vault_protocol::BUNDLE_HEADER`].
    pub bundle: Option<BundleId>,
    /// From the header `retry-after`, seconds.
    pub retry_after: Option<u32>,
}

/// Why a site was not heard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// It cannot be reached; why, for an engineer.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// Whether it did what was asked is not known.
    #[error("no answer within {seconds} s")]
    TimedOut {
        /// How long it was waited for.
        seconds: u64,
    },
}

/// A stopwatch that never goes back. It says nothing about the time of day: that is for the sites
/// to say.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Time since some moment before the first call.
    fn now(&self) -> Duration;

    /// Returns after `time`, or a little later.
    async fn sleep(&self, time: Duration);
}
