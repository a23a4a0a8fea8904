//! The client API of a site over HTTPS, one file for each endpoint (spec/vault-protocol.md section
//! 4).

mod audit;
mod bundle;
mod health;
mod session;

pub use health::{Health, PeerHealth};

use crate::accounts::SqliteStore;
use crate::audit::{Ledger, PublishedCounts};
use crate::doors::Handshakes;
use crate::node::{Bundles, Vitals};
use crate::site::Site;
use axum::Router;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use std::sync::{Arc, RwLock};
use vault_protocol::{BUNDLE_HEADER, SiteIndex};
use yubihsm_device::Identity;

/// Everything that answering needs.
pub struct Api {
    /// What it is all about.
    pub site: Site<SqliteStore>,
    /// What it serves.
    pub bundles: Arc<Bundles>,
    /// Its device's.
    pub identity: Identity,
    /// The copy of its device's log.
    pub ledger: Arc<Ledger>,
    /// The queue before its device.
    pub handshakes: Handshakes,
    /// Whether it can serve.
    pub vitals: Arc<Vitals>,
    /// The last counts that were signed.
    pub counts: RwLock<Option<PublishedCounts>>,
}

/// Routes of a site that serves.
pub fn router(api: Arc<Api>) -> Router {
    let bundles = api.bundles.clone();
    let routes = Router::new()
        .route("/v2/session", post(session::open))
        .route("/v2/session/{id}", post(session::message))
        .route("/v2/bundle", get(bundle::newest))
        .route("/v2/health", get(health::health))
        .route("/v2/audit/log", get(audit::log))
        .route("/v2/audit/evaluated", get(audit::evaluated))
        .route("/v2/audit/counts", get(audit::counts))
        .route("/v2/audit/checkpoints", get(audit::checkpoints))
        .route("/v2/audit/vote-keys", get(audit::vote_keys))
        .with_state(api);
    stamped(with_old_version(routes), bundles)
}

/// Routes of a site that must not serve: its bundle, and why.
pub fn refusing_router(index: SiteIndex, bundles: Arc<Bundles>, reason: String) -> Router {
    let health = health::refusing(index, &bundles, &reason);
    let refuse = move || std::future::ready((StatusCode::SERVICE_UNAVAILABLE, reason.clone()));
    let routes = Router::new()
        .route("/v2/bundle", get(bundle::newest_alone))
        .route("/v2/health", get(move || std::future::ready(axum::Json(health.clone()))))
        .with_state(bundles.clone())
        .fallback(refuse);
    stamped(with_old_version(routes), bundles)
}

fn with_old_version(routes: Router) -> Router {
    let gone = || std::future::ready((StatusCode::GONE, "this site speaks version 2: /v2/…"));
    routes.route("/v1/{*rest}", any(gone)).route("/v1", any(gone))
}

/// Every answer names the newest bundle that is served.
fn stamped(routes: Router, bundles: Arc<Bundles>) -> Router {
    routes.layer(middleware::map_response(move |mut response: Response| {
        let id = bundles.newest_id().to_string();
        let id = HeaderValue::from_str(&id).expect("hex is a header value");
        response.headers_mut().insert(BUNDLE_HEADER, id);
        std::future::ready(response)
    }))
}

/// A refusal of HTTP's own, with a sentence for whoever reads it.
pub struct Refused(StatusCode, String);

impl Refused {
    fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self(status, why.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}
