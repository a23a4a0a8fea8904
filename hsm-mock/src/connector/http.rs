//! As much of HTTP/1.1 as the connector speaks, with every input bounded.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Request line and headers. Clients of the connector send less than 300 bytes.
const LARGEST_HEAD: usize = 8 * 1024;
/// Once a request has begun, the rest must follow in this time. Between requests a connection may rest.
const REQUEST_TIME: Duration = Duration::from_secs(20);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// The methods the connector tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Other,
}

/// The statuses it answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    BadRequest,
    NotFound,
    MethodNotAllowed,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::BadRequest => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
        }
    }
}

/// A whole request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub body: Vec<u8>,
    /// The client wants the connection closed after the response.
    pub close: bool,
}

/// What came next on a connection.
pub enum Read {
    Request(Request),
    /// Not a request this server takes; the connection ends with this status.
    Refused(Status),
    End,
}

/// The head of a request.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    method: Method,
    path: String,
    length: usize,
    close: bool,
    expects_continue: bool,
}

/// One client, with the bytes received and not used yet.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    largest_body: usize,
}

impl Connection {
    pub fn new(stream: TcpStream, largest_body: usize) -> Self {
        Self { stream, buffer: Vec::new(), largest_body }
    }

    /// Waits for the next request.
    pub async fn read_request(&mut self) -> io::Result<Read> {
        if self.buffer.is_empty() && self.fill().await? == 0 {
            return Ok(Read::End);
        }
        match timeout(REQUEST_TIME, self.read_begun()).await {
            Ok(read) => read,
            Err(_) => Ok(Read::End),
        }
    }

    async fn read_begun(&mut self) -> io::Result<Read> {
        let head_length = loop {
            if let Some(position) = find(&self.buffer, HEAD_END) {
                break position + HEAD_END.len();
            }
            if self.buffer.len() > LARGEST_HEAD {
                return Ok(Read::Refused(Status::BadRequest));
            }
            if self.fill().await? == 0 {
                return Ok(Read::End);
            }
        };
        let Some(head) = parse_head(&self.buffer[..head_length]) else {
            return Ok(Read::Refused(Status::BadRequest));
        };
        if head.length > self.largest_body {
            return Ok(Read::Refused(Status::BadRequest));
        }
        if head.expects_continue && self.buffer.len() == head_length {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let end = head_length + head.length;
        while self.buffer.len() < end {
            if self.fill().await? == 0 {
                return Ok(Read::End);
            }
        }
        let body = self.buffer[head_length..end].to_vec();
        self.buffer.drain(..end);
        Ok(Read::Request(Request { method: head.method, path: head.path, body, close: head.close }))
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).await?;
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(count)
    }

    /// Sends a response, head and body in one write.
    pub async fn respond(&mut self, status: Status, kind: &str, body: &[u8], close: bool) -> io::Result<()> {
        let connection = if close { "close" } else { "keep-alive" };
        let mut response = format!(
            "HTTP/1.1 {}\r\nServer: keepsake-hsm-mock (MOCK)\r\nContent-Type: {kind}\r\nConnection: {connection}\r\n\
             Content-Length: {}\r\n\r\n",
            status.line(),
            body.len()
        )
        .into_bytes();
        response.extend_from_slice(body);
        self.stream.write_all(&response).await
    }
}

/// Reads request line and headers; `None` if they are not HTTP/1.x or ask for what this server does not do.
fn parse_head(bytes: &[u8]) -> Option<Head> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split("\r\n");
    let mut request_line = lines.next()?.split(' ');
    let method = match request_line.next()? {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => Method::Other,
    };
    let path = request_line.next()?.to_owned();
    let version = request_line.next().filter(|version| version.starts_with("HTTP/1."))?;
    let mut head = Head { method, path, length: 0, close: version == "HTTP/1.0", expects_continue: false };
    let mut length = None;
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            // Two lengths that differ are how requests are smuggled.
            "content-length" if length.is_some() => return None,
            "content-length" => length = Some(value.parse().ok()?),
            "transfer-encoding" => return None,
            "connection" => head.close = value.eq_ignore_ascii_case("close"),
            "expect" => head.expects_continue = value.eq_ignore_ascii_case("100-continue"),
            _ => {}
        }
    }
    head.length = length.unwrap_or(0);
    (request_line.next().is_none()).then_some(head)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_head_is_read_whatever_the_case_of_its_names() {
        let head = parse_head(b"POST /connector/api HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: 7\r\n\r\n").unwrap();
        assert_eq!((head.method, head.path.as_str(), head.length), (Method::Post, "/connector/api", 7));
        assert!(!head.close);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let bad: [&[u8]; 8] = [
            b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            b"POST /a HTTP/2\r\n\r\n",
            b"POST /a HTTP/1.1 extra\r\n\r\n",
            b"POST\r\n\r\n",
            b"POST /a HTTP/1.1\r\nno colon\r\n\r\n",
        ];
        for head in bad {
            assert_eq!(parse_head(head), None, "{}", String::from_utf8_lossy(head));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_head(&bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(GET|POST) /[ -~\r\n:]{0,200}\r\n\r\n") {
            let _ = parse_head(text.as_bytes());
        }
    }
}
