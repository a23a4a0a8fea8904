//! Attachments, as `media://localhost/<content hash>`: read from the archive, never from a path.

use crate::home::OpenHome;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, UriSchemeContext, UriSchemeResponder, Wry};

pub(crate) const SCHEME: &str = "media";

pub(crate) fn serve(
    context: UriSchemeContext<'_, Wry>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let answer = match hash_of(request.uri().path()) {
            Some(hash) => read(&app.state::<OpenHome>(), hash).await,
            None => nothing(StatusCode::BAD_REQUEST),
        };
        responder.respond(answer);
    });
}

async fn read(home: &OpenHome, hash: &str) -> Response<Vec<u8>> {
    let Ok(keepsake) = home.keepsake() else { return nothing(StatusCode::SERVICE_UNAVAILABLE) };
    match app::media_bytes(&keepsake, hash).await {
        Ok(bytes) => answer(StatusCode::OK, kind_of(&bytes), bytes),
        Err(_) => nothing(StatusCode::NOT_FOUND),
    }
}

/// The path is one content hash in lower-case hex, and nothing else.
fn hash_of(path: &str) -> Option<&str> {
    let hash = path.strip_prefix('/')?;
    let hex = hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (hash.len() == 64 && hex).then_some(hash)
}

/// What the bytes are, by their first bytes. An export's own word is not taken: SVG and HTML can
/// carry scripts, and are given as plain bytes.
fn kind_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => "image/avif",
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A', ..] => "audio/mp4",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "video/mp4",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "video/webm",
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg",
        [b'I', b'D', b'3', ..] | [0xFF, 0xFB, ..] => "audio/mpeg",
        _ => "application/octet-stream",
    }
}

fn nothing(status: StatusCode) -> Response<Vec<u8>> {
    answer(status, "text/plain", Vec::new())
}

fn answer(status: StatusCode, kind: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
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
    fn what_could_carry_a_script_is_plain_bytes() {
        for text in [
            "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
            "<!doctype html><script>",
            "%PDF-1.7",
            "",
        ] {
            assert_eq!(kind_of(text.as_bytes()), "application/octet-stream");
        }
        assert_eq!(kind_of(&[0x89, b'P', b'N', b'G', 13]), "image/png");
        assert_eq!(kind_of(b"\0\0\0\x18ftypmp42"), "video/mp4");
    }
}
