//! What the conversation needs of a network.

use async_trait::async_trait;
use vault_protocol::BundleId;

/// Carries one request to one site. Implementations bound time and size: nothing may hang.
#[async_trait]
pub trait Transport: Send + Sync {
    /// POSTs `body` to `endpoint` + `path`, over TLS.
    async fn post(&self, endpoint: &str, path: &str, body: Vec<u8>) -> Result<Reply, TransportError>;
}

/// A site's HTTP answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub body: Vec<u8>,
    /// From the header `keepsake-bundle`.
    pub bundle: Option<BundleId>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("no connection: {0}")]
    Unreachable(String),
    #[error("no answer within {seconds} s")]
    TimedOut { seconds: u64 },
    /// The site answered with an HTTP error.
    #[error("the site answered {status}: {reason}")]
    Status { status: u16, reason: String },
}
