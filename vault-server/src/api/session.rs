//! `POST /v2/session` and `POST /v2/session/{id}`

use super::{Api, Refused};
use crate::accounts::AccountStore;
use crate::doors::{Caller, Knock, NotNow, forwarded_for};
use crate::site::{MessageError, OpenError, Opening, Origin};
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::limits::MAX_NOISE_MESSAGE;
use vault_protocol::{
    ACCOUNT_HEADER, AccountTag, BUNDLE_HEADER, BundleId, COOKIE_HEADER, SessionId, SolvedCookie,
};

/// For a request's body.
const BODY: Duration = Duration::from_secs(10);
/// Noise message 1: a point of 65 bytes and a tag of 16.
const FIRST_MESSAGE: usize = 81;
/// Who finds the queue full comes again after this.
const FULL_SECONDS: u32 = 5;

/// Noise message 1 in, `session id (16) || message 2` out.
pub(super) async fn open(
    State(api): State<Arc<Api>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Vec<u8>, Response> {
    if let Some(reason) = api.ledger.broken() {
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, reason).into_response());
    }
    let origin = origin(&caller, &headers);
    let first = read(body, FIRST_MESSAGE).await.map_err(IntoResponse::into_response)?;
    let bundle = meant(&headers).map_err(IntoResponse::into_response)?;
    let knock = Knock {
        origin,
        owner_of: owner_of(&api, &headers).await,
        first: &first,
        cookie: text(&headers, COOKIE_HEADER).and_then(SolvedCookie::parse),
    };
    let turn = api.handshakes.knock(knock).await.map_err(not_now)?;
    let opening = Opening { bundle, message: first, origin };
    let opened = api.site.open_session(opening).await;
    drop(turn);
    let (id, answer) = opened.map_err(|error| refused(&error).into_response())?;
    Ok([&id.0[..], &answer].concat())
}

/// One transport message in, one out. Whatever is wrong with it, the session is gone.
pub(super) async fn message(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Vec<u8>, Refused> {
    let gone = || Refused::new(StatusCode::NOT_FOUND, MessageError::NoSuchSession.to_string());
    let id = SessionId::from_hex(&id).ok_or_else(gone)?;
    let message = read(body, MAX_NOISE_MESSAGE).await?;
    api.site.message(&id, message).await.map_err(|error| match error {
        MessageError::NoSuchSession => gone(),
        MessageError::NotOfSession => Refused::new(StatusCode::BAD_REQUEST, error.to_string()),
    })
}

async fn read(body: Body, most: usize) -> Result<Vec<u8>, Refused> {
    let reading = tokio::time::timeout(BODY, axum::body::to_bytes(body, most)).await;
    let late = |_| Refused::new(StatusCode::REQUEST_TIMEOUT, "the body took too long");
    let long = |_| {
        let why = format!("the body is longer than {most} bytes, or was cut off");
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, why)
    };
    Ok(reading.map_err(late)?.map_err(long)?.into())
}

/// Where a request comes from: behind a proxy, the address that it names.
fn origin(caller: &Caller, headers: &HeaderMap) -> Origin {
    let named = text(headers, "forwarded").and_then(forwarded_for);
    Origin::of(named.filter(|_| caller.is_proxy).unwrap_or(caller.address))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The bundle that the client means, if it names one.
fn meant(headers: &HeaderMap) -> Result<Option<BundleId>, Refused> {
    let unreadable = || Refused::new(StatusCode::BAD_REQUEST, "not the id of a bundle");
    let Some(value) = headers.get(BUNDLE_HEADER) else { return Ok(None) };
    let id = value.to_str().ok().and_then(BundleId::from_hex);
    id.map(Some).ok_or_else(unreadable)
}

/// The account that a client names at the door, if this site has it.
async fn owner_of(api: &Api, headers: &HeaderMap) -> Option<AccountTag> {
    let tag = text(headers, ACCOUNT_HEADER).and_then(AccountTag::from_hex)?;
    let known = api.site.store().knows(tag).await;
    known.is_ok_and(|known| known).then_some(tag)
}

fn not_now(why: NotNow) -> Response {
    let later = |status, seconds: u32, why: &'static str| {
        (status, [(RETRY_AFTER, seconds.to_string())], why).into_response()
    };
    match why {
        NotNow::Show(cookie) => {
            (StatusCode::PRECONDITION_REQUIRED, axum::Json(cookie)).into_response()
        }
        NotNow::Greedy { seconds } => {
            later(StatusCode::TOO_MANY_REQUESTS, seconds, "too much from this address")
        }
        NotNow::Full => later(
            StatusCode::SERVICE_UNAVAILABLE,
            FULL_SECONDS,
            "too many wait for this site's device",
        ),
        NotNow::Repeated => {
            let why = "this handshake was served before";
            Refused::new(StatusCode::BAD_REQUEST, why).into_response()
        }
    }
}

fn refused(error: &OpenError) -> Refused {
    let status = match error {
        OpenError::OtherBundle => StatusCode::CONFLICT,
        OpenError::NotAHandshake => StatusCode::BAD_REQUEST,
        OpenError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    Refused::new(status, error.to_string())
}
