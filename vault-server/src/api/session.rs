//! `POST /v1/session` and `POST /v1/session/{id}`

use super::{Site, requests};
use crate::device::{DeviceFault, Work};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rand_core::{OsRng, RngCore};
use recovery_crypto::session::respond;
use std::net::SocketAddr;
use std::sync::Arc;
use vault_protocol::{Answer, Refusal, Request, SessionId};

/// Noise message 1 in, `session id (16) || message 2` out.
pub async fn open(
    State(site): State<Arc<Site>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    message: Bytes,
) -> Result<Vec<u8>, Response> {
    if let Some(reason) = site.ledger.broken() {
        return Err((StatusCode::SERVICE_UNAVAILABLE, reason).into_response());
    }
    if let Err(seconds) = site.limits.session(from.ip()) {
        return Err((StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response());
    }
    if !site.sessions.has_room() {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "too many sessions").into_response());
    }
    let bundle = site.bundle_id;
    let handshake = site.device.run(Work::Session, move |keys| respond(&bundle, &keys.fleet, &message, &mut OsRng));
    let (session, answer) = handshake.await.map_err(|fault| match fault {
        DeviceFault::Refused(_) => StatusCode::BAD_REQUEST.into_response(),
        fault => {
            tracing::warn!(%fault, "a session could not be opened");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    })?;
    let mut id = SessionId([0; 16]);
    OsRng.fill_bytes(&mut id.0);
    site.sessions.insert(id, session);
    Ok([&id.0[..], &answer].concat())
}

/// One transport message in, one out. Whatever is wrong with it, the session is gone.
pub async fn message(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    message: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let id = SessionId::from_hex(&id).ok_or(StatusCode::NOT_FOUND)?;
    // A client that goes away must not stop an evaluation half-way: its try is spent already.
    let answering = tokio::spawn(async move {
        let answer = exchange(&site, &id, &message).await;
        if answer.is_err() {
            site.sessions.close(&id);
        }
        answer
    });
    answering.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
}

async fn exchange(site: &Arc<Site>, id: &SessionId, message: &[u8]) -> Result<Vec<u8>, StatusCode> {
    let shared = site.sessions.next_message(id).ok_or(StatusCode::NOT_FOUND)?;
    let mut session = shared.lock().await;
    // It may have been dropped while this message waited for its turn.
    if !site.sessions.contains(id) {
        return Err(StatusCode::NOT_FOUND);
    }
    let plain = session.open(message).map_err(|_| StatusCode::BAD_REQUEST)?;
    let response = match Request::from_bytes(&plain) {
        Ok(request) => requests::answer(site, id, request).await,
        Err(_) => Err(Refusal::Malformed),
    };
    session.seal(&Answer::response_to_bytes(&response)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
