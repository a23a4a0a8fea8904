//! HTTP with bounds: every request ends, every body has a limit.

use crate::{AppError, Result};
use async_trait::async_trait;
use std::time::Duration;
use vault_client::{Reply, Transport, TransportError};
use vault_protocol::BundleId;
use vault_protocol::limits::MAX_NOISE_MESSAGE;

const CONNECT: Duration = Duration::from_secs(4);
/// A site may have to wait for a new leader (2 s) and for its device (three operations, 0.3 s).
const ANSWER: Duration = Duration::from_secs(10);

/// Talks to the auditor's server and to the sites.
#[derive(Clone)]
pub(crate) struct Https(reqwest::Client);

impl Https {
    /// With `root` (PEM) as the only TLS root, or the system's roots.
    pub fn new(root: Option<&str>) -> Result<Self> {
        // A second call finds the provider already there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let builder = match root {
            None => builder,
            Some(pem) => {
                let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).map_err(|e| unusable(&e))?;
                builder.tls_certs_only([certificate])
            }
        };
        builder.build().map(Self).map_err(|e| unusable(&e))
    }

    /// Fetches at most `limit` bytes.
    pub async fn get(&self, url: &str, limit: usize) -> std::result::Result<Vec<u8>, TransportError> {
        let response = self.0.get(url).send().await.map_err(|e| network(&e))?;
        read(response, limit).await.map(|(_, body)| body)
    }
}

#[async_trait]
impl Transport for Https {
    async fn post(&self, endpoint: &str, path: &str, body: Vec<u8>) -> std::result::Result<Reply, TransportError> {
        let url = format!("{}{path}", endpoint.trim_end_matches('/'));
        let response = self.0.post(url).body(body).send().await.map_err(|e| network(&e))?;
        let (bundle, body) = read(response, MAX_NOISE_MESSAGE).await?;
        Ok(Reply { body, bundle })
    }
}

async fn read(
    mut response: reqwest::Response,
    limit: usize,
) -> std::result::Result<(Option<BundleId>, Vec<u8>), TransportError> {
    let status = response.status();
    let header = response.headers().get("keepsake-bundle").and_then(|v| v.to_str().ok());
    let bundle = header.and_then(BundleId::from_hex);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| network(&e))? {
        if body.len() + chunk.len() > limit {
            return Err(TransportError::Status { status: status.as_u16(), reason: "its answer is too long".into() });
        }
        body.extend_from_slice(&chunk);
    }
    if !status.is_success() {
        let reason = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(TransportError::Status { status: status.as_u16(), reason });
    }
    Ok((bundle, body))
}

fn network(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() && !error.is_connect() {
        return TransportError::TimedOut { seconds: ANSWER.as_secs() };
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    TransportError::Unreachable(cause.to_string())
}

fn unusable(error: &reqwest::Error) -> AppError {
    AppError::new(
        "fleet_refused",
        format!("The fleet's TLS root certificate cannot be used: {error}"),
        "Nothing was sent to the fleet.",
        "Ask the fleet's operator for a working fleet address.",
    )
}
