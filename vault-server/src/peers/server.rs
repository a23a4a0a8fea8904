//! What peers may call here.

use super::MAX_PEER_MESSAGE;
use super::wire::read_request;
use crate::accounts::AccountStore;
use crate::doors::Caller;
use crate::site::Site;
use crate::site::ports::PeerAnswer;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use vault_protocol::limits::MAX_SITES;

/// Requests of one peer at once: a peer that hangs, or floods, takes no more of this site.
const AT_ONCE: usize = 16;
/// For a request's body.
const BODY: Duration = Duration::from_secs(10);

struct Peers<S> {
    site: Site<S>,
    /// One for each site that there may be.
    turns: [Semaphore; MAX_SITES],
}

/// Routes for callers whose certificate names a site.
pub fn router<S: AccountStore>(site: Site<S>) -> Router {
    let turns = std::array::from_fn(|_| Semaphore::new(AT_ONCE));
    Router::new().route("/peer/v2/{what}", post(answer)).with_state(Arc::new(Peers { site, turns }))
}

async fn answer<S: AccountStore>(
    State(peers): State<Arc<Peers<S>>>,
    Extension(caller): Extension<Caller>,
    Path(what): Path<String>,
    body: Body,
) -> Result<Vec<u8>, StatusCode> {
    let site = caller.site.ok_or(StatusCode::FORBIDDEN)?;
    let turns = usize::from(site.0).checked_sub(1).and_then(|at| peers.turns.get(at));
    let turns = turns.ok_or(StatusCode::FORBIDDEN)?;
    let _turn = turns.try_acquire().map_err(|_| StatusCode::TOO_MANY_REQUESTS)?;
    let reading = tokio::time::timeout(BODY, axum::body::to_bytes(body, MAX_PEER_MESSAGE));
    let body = reading.await.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let request = read_request(&what, &body).ok_or(StatusCode::BAD_REQUEST)?;
    let answer: PeerAnswer = peers.site.peer(request).await;
    postcard::to_allocvec(&answer).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
