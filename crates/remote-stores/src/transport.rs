//! HTTP for S3 and WebDAV: bounded waits, no redirects to elsewhere, and a full store told apart
//! from a broken one.

use crate::error::{NoAnswer, NoSpace, OpenError};
use http::{Request, Response, StatusCode};
use opendal::{Buffer, Error, ErrorKind, HttpBody, HttpTransport};
use opendal_http_transport_reqwest::ReqwestTransport;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);

pub(crate) struct Http(ReqwestTransport);

impl Http {
    pub(crate) fn new() -> Result<Self, OpenError> {
        // A second call finds the provider already there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .tcp_keepalive(Duration::from_secs(30))
            // A redirect would carry the credentials to whoever it names.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| OpenError::Unusable(e.to_string()))?;
        Ok(Self(ReqwestTransport::new(client)))
    }
}

impl HttpTransport for Http {
    async fn fetch(&self, request: Request<Buffer>) -> opendal::Result<Response<HttpBody>> {
        let response = self.0.fetch(request).await.map_err(no_answer)?;
        match response.status() {
            StatusCode::INSUFFICIENT_STORAGE => {
                Err(Error::new(ErrorKind::Unexpected, "no space left").set_source(NoSpace))
            }
            StatusCode::UNAUTHORIZED => Err(Error::new(
                ErrorKind::PermissionDenied,
                "the name or the password is not the right one",
            )),
            status if status.is_redirection() => {
                let message = format!("the server sends on to another address (status {status})");
                Err(Error::new(ErrorKind::ConfigInvalid, message))
            }
            _ => Ok(response),
        }
    }
}

/// Marked, so that it is known from an answer that says no. It is tried again.
fn no_answer(error: Error) -> Error {
    let cause =
        std::error::Error::source(&error).map_or_else(|| error.message().to_string(), innermost);
    Error::new(ErrorKind::Unexpected, "no answer").set_source(NoAnswer(cause)).set_temporary()
}

/// `Connection refused`, rather than which request it was that failed.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
