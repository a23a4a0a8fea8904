//! `GET /v1/bundle`

use super::Site;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::Arc;

/// The signed validation bundle, as the operator published it.
pub async fn bundle(State(site): State<Arc<Site>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], site.bundle.clone())
}
