//! How fleets are reached: a port, so that a whole fleet can live in the memory of a test.

use crate::Result;
use async_trait::async_trait;
use std::sync::Arc;
use vault_client::{Ports, Randomness, Timer, Transport};

/// A client's way to publishers and sites.
pub trait Network: Send + Sync {
    /// With `root` (PEM) as the only TLS root, or the system's.
    ///
    /// # Errors
    /// The root is no certificate.
    fn reach(&self, root: Option<&str>) -> Result<Arc<dyn Web>>;

    fn timer(&self) -> Arc<dyn Timer>;

    fn randomness(&self) -> Arc<dyn Randomness>;
}

/// Fetches what is published, and talks to sites. Implementations bound time and size: nothing
/// hangs.
#[async_trait]
pub trait Web: Transport {
    /// At most `limit` bytes.
    ///
    /// # Errors
    /// [`Unfetched`]
    async fn get(&self, url: &str, limit: usize) -> std::result::Result<Vec<u8>, Unfetched>;
}

/// Why something that is published could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfetched {
    #[error("no connection: {0}")]
    Unreachable(String),
    #[error("no answer within {seconds} s")]
    TimedOut { seconds: u64 },
    /// An HTTP error, with what the server says of it.
    #[error("the server answered {status}: {reason}")]
    Status { status: u16, reason: String },
    #[error("its answer is longer than {limit} bytes")]
    TooLong { limit: usize },
}

/// The way to the sites of a fleet with this TLS root.
pub(super) fn ports(network: &dyn Network, sites: Arc<dyn Web>) -> Ports {
    Ports { transport: sites, timer: network.timer(), randomness: network.randomness() }
}
