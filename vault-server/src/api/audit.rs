//! `GET /v1/audit/log?from=N` and `GET /v1/audit/counts`

use super::Site;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Entries of one answer: 1000 at 67 bytes of JSON are 67 KB.
const PAGE: u32 = 1000;

#[derive(Deserialize)]
pub struct From {
    /// Sequence number at this site, from 1.
    #[serde(default)]
    from: u64,
}

#[derive(Serialize)]
pub struct Page {
    from: u64,
    /// 32 bytes each, hex.
    entries: Vec<String>,
    /// Where the next page begins; null at the end.
    next: Option<u64>,
}

/// The device's log as it was kept, from its first entry here.
pub async fn log(State(site): State<Arc<Site>>, Query(From { from }): Query<From>) -> Result<Json<Page>, StatusCode> {
    let from = from.max(1);
    let entries = site.local.entries(from, PAGE).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let full = entries.len() == PAGE as usize;
    Ok(Json(Page {
        from,
        next: full.then(|| from + u64::from(PAGE)),
        entries: entries.iter().map(|entry| hex::encode(entry.0)).collect(),
    }))
}

/// The last counts that were signed; they are signed anew on a timer, not on request, because signing costs an entry.
pub async fn counts(State(site): State<Arc<Site>>) -> impl IntoResponse {
    match &*site.counts.read().await {
        Some(published) => Json(published.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
