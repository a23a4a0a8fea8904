//! `GET /v2/audit/…`: the device's log, what was evaluated, signed counts, vote keys.

use super::{Api, Refused};
use crate::accounts::{AccountStore, StoreError};
use crate::audit::PublishedCounts;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError};
use vault_protocol::{Equivocation, EvaluatedTry, VoteKeyCertificate};

/// Entries of one answer: 1000 at 67 bytes of JSON are 67 KB.
const LOG_PAGE: u32 = 1000;
/// Of evaluated tries: at most 1.7 KiB each with the votes of seven sites.
const EVALUATED_PAGE: u32 = 200;
/// Of checkpoints, a day each: under 1 KiB.
const CHECKPOINT_PAGE: u32 = 200;
/// Of certificates, under 400 bytes each.
const VOTE_KEY_PAGE: u32 = 500;

#[derive(Deserialize)]
pub(super) struct From {
    /// Number at this site, from 1.
    #[serde(default)]
    from: u64,
}

/// Some of a list that only grows.
#[derive(Serialize)]
pub(super) struct Page<T> {
    from: u64,
    entries: Vec<T>,
    /// Where the next page begins; null at the end.
    next: Option<u64>,
}

impl<T> Page<T> {
    fn of(from: u64, entries: Vec<T>, page: u32) -> Json<Self> {
        let full = entries.len() == page as usize;
        let next = full.then(|| from.saturating_add(u64::from(page)));
        Json(Self { from, entries, next })
    }
}

#[derive(Serialize)]
pub(super) struct VoteKeys {
    #[serde(flatten)]
    certificates: Page<VoteKeyCertificate>,
    /// Proofs that a site voted twice, that this site has seen.
    equivocations: Vec<Equivocation>,
}

/// The device's log as it was stored, from its first entry here, 32 bytes each in hex.
pub(super) async fn log(
    State(api): State<Arc<Api>>,
    Query(From { from }): Query<From>,
) -> Result<Json<Page<String>>, Refused> {
    let from = from.max(1);
    let entries = api.site.store().log_entries(from, LOG_PAGE).await.map_err(failed)?;
    Ok(Page::of(from, entries.iter().map(hex::encode).collect(), LOG_PAGE))
}

/// The chain of tries that this site evaluated, each with its certificate.
pub(super) async fn evaluated(
    State(api): State<Arc<Api>>,
    Query(From { from }): Query<From>,
) -> Result<Json<Page<EvaluatedTry>>, Refused> {
    let from = from.max(1);
    let entries = api.site.store().evaluated(from, EVALUATED_PAGE).await.map_err(failed)?;
    Ok(Page::of(from, entries, EVALUATED_PAGE))
}

/// The last counts that were signed. They are signed anew on a timer, not on request: it costs the
/// device.
pub(super) async fn counts(State(api): State<Arc<Api>>) -> Result<Json<PublishedCounts>, Refused> {
    let published = api.counts.read().unwrap_or_else(PoisonError::into_inner).clone();
    let none = || Refused::new(StatusCode::NOT_FOUND, "nothing has been counted yet");
    published.map(Json).ok_or_else(none)
}

/// Counts that were signed once a day.
pub(super) async fn checkpoints(
    State(api): State<Arc<Api>>,
    Query(From { from }): Query<From>,
) -> Result<Json<Page<PublishedCounts>>, Refused> {
    let from = from.max(1);
    let read = api.site.store().checkpoints(from, CHECKPOINT_PAGE).await;
    let stored = read.map_err(failed)?;
    let unreadable = |e: serde_json::Error| failed(StoreError::Corrupt(e.to_string()));
    let entries: Result<Vec<_>, _> =
        stored.iter().map(|bytes| serde_json::from_slice(bytes)).collect();
    Ok(Page::of(from, entries.map_err(unreadable)?, CHECKPOINT_PAGE))
}

/// Certificates of this site's own vote keys.
pub(super) async fn vote_keys(
    State(api): State<Arc<Api>>,
    Query(From { from }): Query<From>,
) -> Result<Json<VoteKeys>, Refused> {
    let from = from.max(1);
    let store = api.site.store();
    let entries = store.vote_keys_of(api.site.index(), from, VOTE_KEY_PAGE).await;
    let entries = entries.map_err(failed)?;
    let equivocations = store.equivocations().await.map_err(failed)?;
    let Json(certificates) = Page::of(from, entries, VOTE_KEY_PAGE);
    Ok(Json(VoteKeys { certificates, equivocations }))
}

fn failed(error: StoreError) -> Refused {
    tracing::error!(%error, "what is published was not read");
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the site's storage failed")
}
