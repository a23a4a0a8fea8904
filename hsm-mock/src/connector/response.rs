//! What the connector answers over HTTP, as Go's `net/http` writes it; a `Server` header says MOCK.

use std::time::SystemTime;

use super::head::HeadError;

/// Go buffers this much of an answer; a longer one goes out in chunks
/// (`bufferBeforeChunkingSize` in `net/http`).
pub(crate) const LARGEST_UNCHUNKED: usize = 2048;
const TEXT: &str = "text/plain; charset=utf-8";

/// One response.
#[derive(Debug)]
pub(crate) struct Response {
    status: &'static str,
    /// In the order in which they are sent.
    headers: Vec<(&'static str, String)>,
    content_type: &'static str,
    body: Vec<u8>,
    close: bool,
    chunked: bool,
    /// A `HEAD` gets the length and no body.
    only_head: bool,
}

impl Response {
    fn new(status: &'static str, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type,
            body: body.into(),
            close: false,
            chunked: false,
            only_head: false,
        }
    }

    /// What the device answered.
    pub(crate) fn binary(body: Vec<u8>) -> Self {
        Self::new("200 OK", "application/octet-stream", body)
    }

    pub(crate) fn text(body: String) -> Self {
        Self::new("200 OK", TEXT, body)
    }

    /// An error as `http.Error` writes it: its name, with a line end.
    pub(crate) fn error(status: &'static str) -> Self {
        let name = status.split_once(' ').map_or(status, |(_, name)| name);
        Self::new(status, TEXT, format!("{name}\n")).with("X-Content-Type-Options", "nosniff")
    }

    /// An error with an explanation as its body.
    pub(crate) fn explained(status: &'static str, text: &str) -> Self {
        Self::new(status, TEXT, format!("{text}\n"))
    }

    pub(crate) fn not_found() -> Self {
        let response = Self::new("404 Not Found", TEXT, "404 page not found\n");
        response.with("X-Content-Type-Options", "nosniff")
    }

    /// The path was not clean, such as `//connector/api`; Go's router names the clean one.
    pub(crate) fn moved(location: &str) -> Self {
        let status = "301 Moved Permanently";
        let body = format!("<a href=\"{}\">Moved Permanently</a>.\n\n", escape(location));
        Self::new(status, "text/html; charset=utf-8", body).with("Location", location)
    }

    /// The answer to a head that is no request; the connection ends with it.
    pub(crate) fn refusal(error: HeadError) -> Self {
        let (status, detail) = match error {
            HeadError::Malformed => ("400 Bad Request", ""),
            HeadError::MissingHost => ("400 Bad Request", ": missing required Host header"),
            HeadError::TooLarge => ("431 Request Header Fields Too Large", ""),
            HeadError::TransferEncoding => ("501 Not Implemented", ""),
            HeadError::Version => ("505 HTTP Version Not Supported", ""),
        };
        Self::new(status, TEXT, format!("{status}{detail}")).closing(true)
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Names the request: with the client's own id, or a new one.
    pub(crate) fn identified(self, id: Option<&str>) -> Self {
        match id {
            Some(id) => self.with("X-Request-Id", id),
            None => self.with("X-Request-Id", &random_uuid()),
        }
    }

    pub(crate) fn closing(self, close: bool) -> Self {
        Self { close, ..self }
    }

    /// Sends a body longer than Go's buffer in chunks.
    pub(crate) fn chunking(self, allowed: bool) -> Self {
        Self { chunked: allowed && self.body.len() > LARGEST_UNCHUNKED, ..self }
    }

    pub(crate) fn without_body(self, only_head: bool) -> Self {
        Self { only_head, ..self }
    }

    pub(crate) fn closes(&self) -> bool {
        self.close
    }

    /// Head and body.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\nServer: hsm-mock (MOCK)\r\n", self.status);
        let mut line = |name: &str, value: &str| {
            head.push_str(&format!("{name}: {value}\r\n"));
        };
        line("Content-Type", self.content_type);
        self.headers.iter().for_each(|(name, value)| line(name, value));
        line("Date", &httpdate::fmt_http_date(SystemTime::now()));
        if !self.chunked {
            line("Content-Length", &self.body.len().to_string());
        }
        if self.close {
            line("Connection", "close");
        }
        if self.chunked {
            line("Transfer-Encoding", "chunked");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        match (self.only_head, self.chunked) {
            (true, _) => {}
            (false, false) => bytes.extend_from_slice(&self.body),
            (false, true) => {
                bytes.extend_from_slice(format!("{:x}\r\n", self.body.len()).as_bytes());
                bytes.extend_from_slice(&self.body);
                bytes.extend_from_slice(b"\r\n0\r\n\r\n");
            }
        }
        bytes
    }
}

/// RFC 9562, version 4.
fn random_uuid() -> String {
    let mut bytes = [0; 16];
    // Without randomness every request has the same id, which harms nobody.
    let _ = getrandom::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(response: &Response) -> String {
        String::from_utf8_lossy(&response.encode()).into_owned()
    }

    #[test]
    fn only_what_is_longer_than_gos_buffer_comes_in_chunks() {
        let short = text_of(&Response::binary(vec![b'x'; 2048]).chunking(true));
        assert!(short.contains("\r\nContent-Length: 2048\r\n") && !short.contains("chunked"));
        let long = text_of(&Response::binary(vec![b'x'; 2049]).chunking(true));
        assert!(long.contains("\r\nTransfer-Encoding: chunked\r\n\r\n801\r\nxx"));
        assert!(long.ends_with("xx\r\n0\r\n\r\n") && !long.contains("Content-Length"));
        let whole = text_of(&Response::binary(vec![b'x'; 2049]).chunking(false));
        assert!(whole.contains("\r\nContent-Length: 2049\r\n"));
    }

    #[test]
    fn errors_read_as_those_of_go() {
        let error = text_of(&Response::error("405 Method Not Allowed").with("Allow", "GET"));
        assert!(error.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
        assert!(error.contains("\r\nAllow: GET\r\n"));
        assert!(error.ends_with("\r\n\r\nMethod Not Allowed\n"));
        let refused = text_of(&Response::refusal(HeadError::MissingHost));
        assert!(refused.ends_with("\r\n\r\n400 Bad Request: missing required Host header"));
        assert!(refused.contains("\r\nConnection: close\r\n"));
    }

    #[test]
    fn a_request_keeps_its_id_and_one_without_gets_a_uuid() {
        let named = text_of(&Response::text(String::new()).identified(Some("abc")));
        assert!(named.contains("\r\nX-Request-Id: abc\r\n"));
        assert_eq!(random_uuid().as_bytes()[14], b'4');
        assert_eq!(random_uuid().len(), 36);
    }
}
