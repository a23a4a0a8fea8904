//! HTTP with bounds: every request ends, every body has a limit.

use super::network::{Unfetched, Web};
use crate::{AppError, NextStep, Result};
use async_trait::async_trait;
use std::time::Duration;
use vault_client::{Post, Reply, Transport, TransportError};
use vault_protocol::BUNDLE_HEADER;
use vault_protocol::BundleId;
use vault_protocol::limits::MAX_NOISE_MESSAGE;

const CONNECT: Duration = Duration::from_secs(4);
/// A site asks its peers (0.3 s), and its device works (four operations, 0.3 s) after it has worked
/// for those who came before.
const ANSWER: Duration = Duration::from_secs(10);
/// Letters of a server's reason that a person is shown.
const REASON: usize = 200;

/// Talks to the auditor's server and to the sites.
pub(super) struct Https(reqwest::Client);

impl Https {
    /// With `root` (PEM) as the only TLS root, or the system's roots.
    pub(super) fn new(root: Option<&str>) -> Result<Self> {
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
                let certificate = reqwest::Certificate::from_pem(pem.as_bytes());
                builder.tls_certs_only([certificate.map_err(|e| unusable(&e))?])
            }
        };
        builder.build().map(Self).map_err(|e| unusable(&e))
    }
}

#[async_trait]
impl Web for Https {
    async fn get(&self, url: &str, limit: usize) -> std::result::Result<Vec<u8>, Unfetched> {
        let response = self.0.get(url).send().await.map_err(|e| unfetched(&e))?;
        let status = response.status();
        let body = read(response, limit).await.map_err(|e| match e {
            Broken::Network(e) => unfetched(&e),
            Broken::TooLong => Unfetched::TooLong { limit },
        })?;
        if status.is_success() {
            return Ok(body);
        }
        let text = String::from_utf8_lossy(&body);
        let reason = text.chars().filter(|c| !c.is_control()).take(REASON).collect();
        Err(Unfetched::Status { status: status.as_u16(), reason })
    }
}

#[async_trait]
impl Transport for Https {
    async fn post(&self, message: Post) -> std::result::Result<Reply, TransportError> {
        let Post { endpoint, path, headers, body } = message;
        let url = format!("{}{path}", endpoint.trim_end_matches('/'));
        let request =
            headers.into_iter().fold(self.0.post(url), |r, (name, value)| r.header(name, value));
        let response = request.body(body).send().await.map_err(|e| lost(&e))?;
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
        let bundle = header(BUNDLE_HEADER).and_then(BundleId::from_hex);
        let retry_after = header("retry-after").and_then(|text| text.parse().ok());
        let status = response.status().as_u16();
        let body = read(response, MAX_NOISE_MESSAGE).await.map_err(|e| match e {
            Broken::Network(e) => lost(&e),
            Broken::TooLong => TransportError::Unreachable("its answer is too long".into()),
        })?;
        Ok(Reply { status, body, bundle, retry_after })
    }
}

enum Broken {
    Network(reqwest::Error),
    TooLong,
}

async fn read(
    mut response: reqwest::Response,
    limit: usize,
) -> std::result::Result<Vec<u8>, Broken> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Broken::Network)? {
        if body.len() + chunk.len() > limit {
            return Err(Broken::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn timed_out(error: &reqwest::Error) -> bool {
    error.is_timeout() && !error.is_connect()
}

fn lost(error: &reqwest::Error) -> TransportError {
    if timed_out(error) {
        return TransportError::TimedOut { seconds: ANSWER.as_secs() };
    }
    TransportError::Unreachable(cause(error))
}

fn unfetched(error: &reqwest::Error) -> Unfetched {
    if timed_out(error) {
        return Unfetched::TimedOut { seconds: ANSWER.as_secs() };
    }
    Unfetched::Unreachable(cause(error))
}

/// The innermost reason: what is around it repeats the address.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn unusable(error: &reqwest::Error) -> AppError {
    AppError::new(
        "fleet_refused",
        format!("The fleet's TLS root certificate cannot be used: {error}"),
        "Nothing was sent to the fleet.",
        NextStep::AskForWorkingAddress,
    )
}
