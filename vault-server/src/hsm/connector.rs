//! Where a yubihsm-connector listens, and one request to it.
//!
//! Source: yubihsm-connector 3.0.7, `POST /connector/api` with a raw command, answered by a raw response.

use super::HsmError;
use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A wrapped 3,136-byte message (firmware 2.4) and its HTTP head.
const MAX_HTTP_ANSWER: usize = 16 * 1024;
/// More than a log of 62 entries needs; RSA generation, which can take 93 s, is not used here.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Host and port of a connector; the protocol is plain HTTP on the site's own machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorAddress {
    pub host: String,
    pub port: u16,
}

impl ConnectorAddress {
    /// Reads `http://host:port`, with or without the scheme and a trailing slash.
    ///
    /// # Errors
    /// Another scheme, no port, or a path.
    pub fn parse(url: &str) -> Result<Self, HsmError> {
        let bad = |why: &str| HsmError::Unreachable(format!("connector address {url:?}: {why}"));
        let rest = match url.trim().split_once("://") {
            None => url.trim(),
            Some(("http", rest)) => rest,
            Some(_) => return Err(bad("a connector speaks plain http")),
        };
        let (host, port) = rest.trim_end_matches('/').rsplit_once(':').ok_or_else(|| bad("the port is missing"))?;
        let port = port.parse().map_err(|_| bad("the port is not a number"))?;
        let unbracketed = host.trim_start_matches('[').trim_end_matches(']');
        if unbracketed.is_empty() || unbracketed.contains(['/', '@']) {
            return Err(bad("the host is not a name or an address"));
        }
        Ok(Self { host: unbracketed.to_string(), port })
    }

    /// Sends one raw command and returns the raw response.
    ///
    /// # Errors
    /// [`HsmError::Unreachable`] for anything but a whole HTTP 200 answer.
    pub fn post(&self, message: &[u8]) -> Result<Vec<u8>, HsmError> {
        self.try_post(message).map_err(|why| HsmError::Unreachable(format!("connector at {self}: {why}")))
    }

    fn try_post(&self, message: &[u8]) -> Result<Vec<u8>, std::io::Error> {
        let mut stream = self.connect()?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        let mut request = format!(
            "POST /connector/api HTTP/1.1\r\nHost: {self}\r\nContent-Type: application/octet-stream\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            message.len()
        )
        .into_bytes();
        request.extend_from_slice(message);
        stream.write_all(&request)?;
        read_answer(&mut stream)
    }

    fn connect(&self) -> Result<TcpStream, std::io::Error> {
        let mut last = std::io::Error::other("the name has no address");
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, TIMEOUT) {
                Ok(stream) => return Ok(stream),
                Err(e) => last = e,
            }
        }
        Err(last)
    }
}

impl fmt::Display for ConnectorAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

fn read_answer(stream: &mut impl Read) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(body) = whole_body(&bytes)? {
            return Ok(body);
        }
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Err(std::io::Error::other("the answer ended early"));
        }
        bytes.extend_from_slice(&chunk[..n]);
        if bytes.len() > MAX_HTTP_ANSWER {
            return Err(std::io::Error::other("the answer is too long"));
        }
    }
}

/// The body, once head and body are complete.
fn whole_body(bytes: &[u8]) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let start = match head.parse(bytes).map_err(std::io::Error::other)? {
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(start) => start,
    };
    if head.code != Some(200) {
        return Err(std::io::Error::other(format!("HTTP status {}", head.code.unwrap_or(0))));
    }
    let length = head.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
    let length: usize = length
        .and_then(|h| std::str::from_utf8(h.value).ok()?.trim().parse().ok())
        .ok_or_else(|| std::io::Error::other("the answer has no length"))?;
    let end = start.checked_add(length).filter(|end| *end <= MAX_HTTP_ANSWER);
    let end = end.ok_or_else(|| std::io::Error::other("the answer is too long"))?;
    Ok(bytes.get(start..end).map(<[u8]>::to_vec))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Option<(String, u16)> {
        ConnectorAddress::parse(url).ok().map(|a| (a.host, a.port))
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!(parsed("http://127.0.0.1:12345"), Some(("127.0.0.1".into(), 12345)));
        assert_eq!(parsed("hsm.internal:1/"), Some(("hsm.internal".into(), 1)));
        assert_eq!(parsed("http://[::1]:9"), Some(("::1".into(), 9)));
        for bad in ["https://h:1", "http://h", "http://:1", "http://h:x", "http://h:1/path:2", "http://a@b:1", ""] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_answer_may_arrive_in_pieces_and_must_be_whole() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";
        for cut in 0..whole.len() {
            assert_eq!(whole_body(&whole[..cut]).unwrap(), None);
        }
        assert_eq!(whole_body(whole).unwrap(), Some(b"abc".to_vec()));
        assert!(whole_body(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(whole_body(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(whole_body(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").is_err());
    }
}
