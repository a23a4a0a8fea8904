//! Attachments, as `media://localhost/<content hash>`: read from the archive, never from a path.
//! With `?edge=<pixels>` a large picture comes smaller.

use crate::home::OpenHome;
use app::Unshown;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, UriSchemeContext, UriSchemeResponder, Wry};

pub(crate) const SCHEME: &str = "media";

/// Edges of a picture that may be asked for, from a symbol to a large screen, in pixels.
const MIN_EDGE: u32 = 16;
const MAX_EDGE: u32 = 4_096;

pub(crate) fn serve(
    context: UriSchemeContext<'_, Wry>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let edge = request.uri().query().and_then(edge_of);
        let answer = match hash_of(request.uri().path()) {
            Some(hash) => read(&app.state::<OpenHome>(), hash, edge).await,
            None => nothing(StatusCode::BAD_REQUEST),
        };
        responder.respond(answer);
    });
}

async fn read(home: &OpenHome, hash: &str, edge: Option<u32>) -> Response<Vec<u8>> {
    let Ok(keepsake) = home.keepsake() else { return nothing(StatusCode::SERVICE_UNAVAILABLE) };
    let Ok(bytes) = app::media_bytes(&keepsake, hash).await else {
        return nothing(StatusCode::NOT_FOUND);
    };
    match edge {
        Some(edge) => smaller(bytes, edge).await,
        None => whole(bytes),
    }
}

fn whole(bytes: Vec<u8>) -> Response<Vec<u8>> {
    answer(StatusCode::OK, app::media_type(&bytes), bytes)
}

/// Off the async threads: a large picture takes a good part of a second.
async fn smaller(bytes: Vec<u8>, edge: u32) -> Response<Vec<u8>> {
    let shrink = tauri::async_runtime::spawn_blocking(move || match app::smaller(&bytes, edge) {
        Ok(Some(small)) => whole(small),
        Ok(None) => whole(bytes),
        Err(Unshown::Broken) => nothing(StatusCode::UNPROCESSABLE_ENTITY),
        Err(Unshown::TooLarge) => nothing(StatusCode::PAYLOAD_TOO_LARGE),
    });
    shrink.await.unwrap_or_else(|_| nothing(StatusCode::INTERNAL_SERVER_ERROR))
}

/// The longest edge that is asked for, in pixels, within reason.
fn edge_of(query: &str) -> Option<u32> {
    let edge = query.strip_prefix("edge=")?.parse().ok()?;
    (MIN_EDGE..=MAX_EDGE).contains(&edge).then_some(edge)
}

/// The path is one content hash in lower-case hex, and nothing else.
fn hash_of(path: &str) -> Option<&str> {
    let hash = path.strip_prefix('/')?;
    let hex = hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (hash.len() == 64 && hex).then_some(hash)
}

fn nothing(status: StatusCode) -> Response<Vec<u8>> {
    answer(status, "text/plain", Vec::new())
}

fn answer(status: StatusCode, kind: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        // The address is that of the content: it never changes.
        .header(header::CACHE_CONTROL, "private, max-age=3600, immutable")
        // The window's own page fetches sound and video; no other page is ever loaded.
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .body(body)
        .expect("the parts of the answer are constants")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_content_hash_is_a_path() {
        let hash = "0123456789abcdef".repeat(4);
        assert_eq!(hash_of(&format!("/{hash}")), Some(hash.as_str()));
        for bad in [
            "",
            "/",
            "/../home.json",
            "/0123",
            &format!("/{}", hash.to_uppercase()),
            &format!("/{hash}/x"),
        ] {
            assert_eq!(hash_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_edge_is_a_number_within_reason() {
        assert_eq!(edge_of("edge=800"), Some(800));
        for bad in ["", "edge=", "edge=0", "edge=-5", "edge=99999", "edge=800&x=1", "x=800"] {
            assert_eq!(edge_of(bad), None, "{bad}");
        }
    }
}
