//! The client API of a site: TLS outside, a Noise session inside, one file per endpoint and per request.

mod audit;
mod boxes;
mod bundle;
mod health;
mod limits;
mod requests;
mod session;
mod sessions;
mod statements;

pub use boxes::OpenBoxes;
pub use limits::Limits;
pub use sessions::Sessions;
pub use statements::Statements;

use crate::audit::{Ledger, PublishedCounts};
use crate::consensus::Cluster;
use crate::device::Device;
use crate::hsm::Identity;
use crate::local::Local;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use std::sync::Arc;
use tokio::sync::RwLock;
use vault_protocol::limits::MAX_NOISE_MESSAGE;
use vault_protocol::{BundleId, SiteIndex};
use vault_state::FleetKeys;

/// Header of every response: the id of the bundle that this site serves.
pub const BUNDLE_HEADER: &str = "keepsake-bundle";

/// Everything that answering needs.
pub struct Site {
    pub index: SiteIndex,
    pub keys: FleetKeys,
    /// The bundle's own epoch; accounts are bound to [`FleetKeys::epoch`], which may be an earlier one.
    pub epoch: u64,
    pub bundle_id: BundleId,
    /// The signed document as it was read.
    pub bundle: Vec<u8>,
    pub identity: Identity,
    pub cluster: Cluster,
    pub device: Device,
    pub ledger: Arc<Ledger>,
    pub local: Local,
    pub sessions: Sessions,
    pub limits: Limits,
    pub counts: RwLock<Option<PublishedCounts>>,
    pub open_boxes: OpenBoxes,
    /// None if this site was not given the login for statements.
    pub statements: Option<Statements>,
    /// The device does one thing at a time; a retry that comes while its first is under way waits, and finds the result.
    pub evaluating: tokio::sync::Mutex<()>,
}

/// Routes of the client API.
pub fn router(site: Arc<Site>) -> Router {
    let id = site.bundle_id;
    let routes = Router::new()
        .route("/v1/session", post(session::open))
        .route("/v1/session/{id}", post(session::message))
        .route("/v1/bundle", get(bundle::bundle))
        .route("/v1/health", get(health::health))
        .route("/v1/audit/log", get(audit::log))
        .route("/v1/audit/counts", get(audit::counts))
        .layer(DefaultBodyLimit::max(MAX_NOISE_MESSAGE))
        .with_state(site);
    stamped(routes, id)
}

/// Routes of a site that must not serve: its bundle, and why.
pub fn refusing_router(site: SiteIndex, id: BundleId, bundle: Vec<u8>, reason: String) -> Router {
    let document = move || std::future::ready(([(CONTENT_TYPE, "application/json")], bundle.clone()));
    let health = serde_json::json!({ "site": site, "bundle": id, "serving": false, "reason": reason });
    let routes = Router::new()
        .route("/v1/bundle", get(document))
        .route("/v1/health", get(move || std::future::ready(Json(health.clone()))))
        .fallback(move || std::future::ready((StatusCode::SERVICE_UNAVAILABLE, reason.clone())));
    stamped(routes, id)
}

fn stamped(routes: Router, id: BundleId) -> Router {
    let id = HeaderValue::from_str(&id.to_string()).expect("hex is a header value");
    routes.layer(middleware::map_response(move |mut response: Response| {
        response.headers_mut().insert(BUNDLE_HEADER, id.clone());
        std::future::ready(response)
    }))
}

/// Unix seconds.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
