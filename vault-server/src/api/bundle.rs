//! `GET /v2/bundle`

use super::Api;
use crate::node::Bundles;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::Arc;

/// The newest signed validation bundle, as the operator published it.
pub(super) async fn newest(State(api): State<Arc<Api>>) -> impl IntoResponse {
    document(&api.bundles)
}

/// The same of a site that does not serve.
pub(super) async fn newest_alone(State(bundles): State<Arc<Bundles>>) -> impl IntoResponse {
    document(&bundles)
}

fn document(bundles: &Bundles) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "application/json")], bundles.newest().document.clone())
}
