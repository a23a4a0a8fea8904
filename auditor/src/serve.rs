//! The auditor over HTTP: published files as they lie on disk, and four requests that change
//! something.

use crate::{AuditError, Auditor, page};
use axum::extract::{DefaultBodyLimit, Path as UrlPath, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use fleet_evidence::folder::{
    AnchorsRequest, ChallengeRequest, Challenges, FromOperator, MAX_FOLDER, Submission,
};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// A folder in base64 (4 bytes for 3), its paths, and a bundle.
const MAX_SUBMISSION: usize = MAX_FOLDER / 3 * 4 + MAX_BUNDLE + 64 * 1024;
/// A signed bundle, or 32 anchors of under 256 bytes.
const MAX_REQUEST: usize = MAX_BUNDLE;

/// Whether requests that change something are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only published files.
    ReadOnly,
    /// Also challenge, anchor, submit and publish.
    Full,
}

/// The service over one auditor directory.
pub fn router(dir: PathBuf, access: Access) -> Router {
    let files = Router::new().route("/", get(front_page)).route("/{*path}", get(file));
    let requests = Router::new()
        .route("/challenge", post(challenge))
        .route("/anchor", post(anchor))
        .route("/publish", post(publish))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .route("/submit", post(submit).layer(DefaultBodyLimit::max(MAX_SUBMISSION)));
    match access {
        Access::ReadOnly => files.with_state(dir),
        Access::Full => files.merge(requests).with_state(dir),
    }
}

#[derive(Serialize)]
struct ErrorBody {
    code: &'static str,
    error: String,
    /// The checks, when evidence was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Box<fleet_evidence::Report>>,
}

async fn challenge(
    State(dir): State<PathBuf>,
    Json(request): Json<FromOperator<ChallengeRequest>>,
) -> Response {
    answer(dir, move |auditor| {
        let challenges = auditor.challenge_for(&request, now())?;
        Ok(Challenges { challenges })
    })
    .await
}

async fn anchor(
    State(dir): State<PathBuf>,
    Json(request): Json<FromOperator<AnchorsRequest>>,
) -> Response {
    answer(dir, move |auditor| auditor.anchor_for(&request, now())).await
}

async fn submit(State(dir): State<PathBuf>, Json(submission): Json<Submission>) -> Response {
    answer(dir, move |auditor| auditor.submit(&submission, now())).await
}

async fn publish(State(dir): State<PathBuf>, body: axum::body::Bytes) -> Response {
    answer(dir, move |auditor| {
        let signed =
            SignedBundle::from_json(&body).map_err(|e| AuditError::Malformed(e.to_string()))?;
        auditor.publish(signed)
    })
    .await
}

/// Runs one operation under the directory's lock, off the async threads.
async fn answer<T, F>(dir: PathBuf, operation: F) -> Response
where
    T: Serialize + Send + 'static,
    F: FnOnce(&Auditor) -> Result<T, AuditError> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(move || operation(&Auditor::open(&dir)?)).await;
    match done {
        Ok(Ok(value)) => Json(value).into_response(),
        Ok(Err(error)) => refuse(error),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refuse(error: AuditError) -> Response {
    tracing::warn!(code = error.code(), %error, "refused");
    let status = match &error {
        AuditError::Malformed(_) => StatusCode::BAD_REQUEST,
        e if e.is_refusal() => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let (code, text) = (error.code(), error.to_string());
    let report = if let AuditError::Evidence(report) = error { Some(report) } else { None };
    // A fault of ours is for our log; its paths are nobody else's business.
    let shown = if status.is_server_error() { "internal fault".into() } else { text };
    (status, Json(ErrorBody { code, error: shown, report })).into_response()
}

async fn front_page(State(dir): State<PathBuf>) -> Response {
    published(&dir, page::INDEX).await
}

async fn file(State(dir): State<PathBuf>, UrlPath(path): UrlPath<String>) -> Response {
    published(&dir, &path).await
}

async fn published(dir: &Path, path: &str) -> Response {
    let Some(local) = published_path(dir, path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match tokio::fs::read(&local).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, content_type(path))], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Only plain names below `public/`: no dot files, no parent, nothing absolute.
fn published_path(dir: &Path, path: &str) -> Option<PathBuf> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    (path.len() <= 256 && path.split('/').all(plain)).then(|| dir.join("public").join(path))
}

fn content_type(path: &str) -> &'static str {
    if path.starts_with("bundles/") || path.ends_with(".json") {
        "application/json"
    } else if path.ends_with(".html") {
        "text/html; charset=utf-8"
    } else if path.ends_with(".tar") {
        "application/x-tar"
    } else if path == "checkpoint" || path.ends_with(".txt") || path.ends_with(".pem") {
        "text/plain; charset=utf-8"
    } else {
        "application/octet-stream"
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
