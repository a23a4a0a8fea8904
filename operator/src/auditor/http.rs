//! One request to the auditor. It always ends, and its answer is bounded.

use super::answer::{MAX_ANSWER, RequestError, refusal};
use crate::error::OperatorError;
use std::path::Path;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);
/// The auditor answers after a few writes to its disk; a line across the world takes seconds at
/// worst.
const ANSWER: Duration = Duration::from_secs(30);

/// Posts JSON. `tls_ca` (PEM file) is the only TLS root; without it, the system's roots are.
pub(super) fn post(
    url: &str,
    tls_ca: Option<&Path>,
    body: Vec<u8>,
) -> Result<Vec<u8>, RequestError> {
    let client = client(tls_ca)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| OperatorError::Folder(e.to_string()))?;
    runtime.block_on(async {
        let request = client.post(url).header("content-type", "application/json").body(body);
        let response = request.send().await.map_err(|e| unanswered(url, e))?;
        read(url, response).await
    })
}

fn client(tls_ca: Option<&Path>) -> Result<reqwest::Client, OperatorError> {
    // A second call finds the provider already there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(path) = tls_ca {
        let pem = crate::files::read(path)?;
        let unusable =
            |e: reqwest::Error| OperatorError::Folder(format!("{}: {}", path.display(), whole(e)));
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(&pem).map_err(unusable)?]);
    }
    builder.build().map_err(|e| OperatorError::Folder(whole(e)))
}

async fn read(url: &str, mut response: reqwest::Response) -> Result<Vec<u8>, RequestError> {
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| unanswered(url, e))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(RequestError::WrongAnswer(format!("it is longer than {MAX_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    match refusal(&body) {
        _ if status.is_success() => Ok(body),
        Some(why) if status.is_client_error() => Err(RequestError::Refused(why)),
        _ => Err(RequestError::Unanswered {
            auditor: url.into(),
            why: format!("its server says {status}"),
        }),
    }
}

fn unanswered(url: &str, error: reqwest::Error) -> RequestError {
    RequestError::Unanswered { auditor: url.into(), why: whole(error.without_url()) }
}

/// reqwest's own text leaves out the cause.
fn whole(error: reqwest::Error) -> String {
    format!("{:#}", anyhow::Error::from(error))
}
