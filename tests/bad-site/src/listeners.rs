//! The site's own addresses, with the bad site behind them. What it has no trick for, the honest
//! program answers.

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::Serialize;
use std::sync::Arc;
use vault_protocol::{BUNDLE_HEADER, BundleId, SessionId};
use vault_server::api::{self, Api};
use vault_server::config::Config;
use vault_server::doors::{Caller, Listener, Tls};
use vault_server::node::Listeners;
use vault_server::peers::tls;
use vault_server::site::ports::PeerRequest;
use vault_server::site::{Opening, Origin};
use vault_simulation::corrupt::Corrupt;
use vault_simulation::front::Front;

/// Many more than a test makes.
const CONNECTIONS: usize = 1024;

type Stamped = ([(&'static str, String); 1], Vec<u8>);

/// Open until dropped.
pub(crate) struct Doors {
    _clients: Listener,
    _peers: Listener,
}

impl Doors {
    pub(crate) fn open(
        config: &Config,
        sockets: Listeners,
        corrupt: Arc<Corrupt>,
        honest: Arc<Api>,
    ) -> Result<Self> {
        let clients = Router::new()
            .route("/v2/session", post(open))
            .route("/v2/session/{id}", post(message))
            .with_state(corrupt.clone())
            .fallback_service(api::router(honest));
        let peers = Router::new().route("/peer/v2/{what}", post(peer)).with_state(corrupt);
        let public = Tls::new(tls::public_server(&config.tls)?);
        let mutual = Tls::new(tls::peer_server(&config.peer_tls.identity(), &config.peer_tls.ca)?);
        Ok(Self {
            _clients: Listener::start(sockets.clients, public, clients, false, CONNECTIONS, None)?,
            _peers: Listener::start(sockets.peers, mutual, peers, true, CONNECTIONS, None)?,
        })
    }
}

async fn open(
    State(corrupt): State<Arc<Corrupt>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    first: Bytes,
) -> Result<Stamped, StatusCode> {
    let named = headers.get(BUNDLE_HEADER).and_then(|value| value.to_str().ok());
    let opening = Opening {
        bundle: named.and_then(BundleId::from_hex),
        message: first.to_vec(),
        origin: Origin::of(caller.address),
    };
    let (id, answer) = corrupt.open(opening).await.map_err(|_| StatusCode::CONFLICT)?;
    Ok(stamped(&corrupt, [&id.0[..], &answer].concat()))
}

async fn message(
    State(corrupt): State<Arc<Corrupt>>,
    Path(id): Path<String>,
    message: Bytes,
) -> Result<Stamped, StatusCode> {
    let id = SessionId::from_hex(&id).ok_or(StatusCode::NOT_FOUND)?;
    match corrupt.message(id, message.to_vec()).await {
        Some(answer) => Ok(stamped(&corrupt, answer.map_err(|_| StatusCode::NOT_FOUND)?)),
        // Silence, for as long as the client waits.
        None => std::future::pending().await,
    }
}

async fn peer(
    State(corrupt): State<Arc<Corrupt>>,
    Extension(caller): Extension<Caller>,
    Path(what): Path<String>,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let from = caller.site.ok_or(StatusCode::FORBIDDEN)?;
    let request = match &*what {
        "facts" => postcard::from_bytes(&body).map(|account| PeerRequest::Facts { account }),
        "push" => postcard::from_bytes(&body).map(|facts| PeerRequest::Push(Box::new(facts))),
        "since" => postcard::from_bytes(&body).map(|from| PeerRequest::Since { from }),
        _ => return Err(StatusCode::BAD_REQUEST),
    };
    let request = request.map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(written(&corrupt.peer(from, request).await))
}

fn stamped(corrupt: &Corrupt, body: Vec<u8>) -> Stamped {
    let newest = corrupt.bundle().map(|id| id.to_string()).unwrap_or_default();
    ([(BUNDLE_HEADER, newest)], body)
}

fn written(answer: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(answer).expect("an answer is plain data")
}
