//! Where a yubihsm-connector listens, and one request to it.
//!
//! Source: yubihsm-connector 3.0.7, `POST /connector/api` with a raw command, answered by a raw
//! response. It closes connections after 5 idle seconds and sends long answers in chunks.

use super::HsmError;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;
use ureq::{Agent, Timeout};

/// An answer is a message of at most 3,136 bytes (firmware 2.4); more is not a device's.
const MAX_ANSWER: u64 = 4 * 1024;
/// More than a log of 62 entries needs; RSA generation, which can take 93 s, is not used here.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Host and port of a connector; the protocol is plain HTTP on the site's own machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorAddress {
    /// Name or address of the connector's computer.
    pub host: String,
    /// 12345 unless somebody chose another.
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
        let (host, port) = rest
            .trim_end_matches('/')
            .rsplit_once(':')
            .ok_or_else(|| bad("the port is missing"))?;
        let port = port.parse().map_err(|_| bad("the port is not a number"))?;
        let unbracketed = host.trim_start_matches('[').trim_end_matches(']');
        if unbracketed.is_empty() || unbracketed.contains(['/', '@']) {
            return Err(bad("the host is not a name or an address"));
        }
        Ok(Self { host: unbracketed.to_string(), port })
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

/// Sends messages to a device through its connector.
#[derive(Clone)]
pub(crate) struct Connector {
    address: ConnectorAddress,
    agent: Agent,
}

/// A message without a whole answer.
#[derive(Debug)]
pub(crate) struct Unanswered {
    pub error: HsmError,
    /// False if nothing of the message left this machine, so that the device cannot have seen it.
    pub maybe_sent: bool,
}

impl Connector {
    pub(crate) fn new(address: &ConnectorAddress) -> Self {
        // A connection of its own for each message: the connector closes an idle one at a moment
        // of its choosing, and a message lost in that moment would be of unknown fate.
        let config = Agent::config_builder()
            .max_idle_connections(0)
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .proxy(None)
            .no_delay(true)
            .user_agent("keepsake");
        Self { address: address.clone(), agent: config.build().new_agent() }
    }

    /// Sends one message and returns the answer, waiting `limit` at most.
    ///
    /// # Errors
    /// [`Unanswered`] for anything but a whole HTTP 200 answer.
    pub(crate) fn post(&self, message: &[u8], limit: Duration) -> Result<Vec<u8>, Unanswered> {
        self.try_post(message, limit).map_err(|error| {
            let why = format!("connector at {}: {error}", self.address);
            Unanswered { maybe_sent: maybe_sent(&error), error: HsmError::Unreachable(why) }
        })
    }

    fn try_post(&self, message: &[u8], limit: Duration) -> Result<Vec<u8>, ureq::Error> {
        let request = self
            .agent
            .post(format!("http://{}/connector/api", self.address))
            .content_type("application/octet-stream")
            .header("Connection", "close");
        let request = request.config().timeout_global(Some(limit.min(TIMEOUT))).build();
        let mut answer = request.send(message)?;
        // A redirection is no error to ureq.
        if answer.status() != 200 {
            return Err(ureq::Error::StatusCode(answer.status().as_u16()));
        }
        answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()
    }
}

/// Only what goes wrong before there is a connection is known to have sent nothing.
fn maybe_sent(error: &ureq::Error) -> bool {
    use ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => false,
        ureq::Error::Io(error) => {
            let kinds = [ConnectionRefused, HostUnreachable, NetworkUnreachable, AddrNotAvailable];
            !kinds.contains(&error.kind())
        }
        _ => true,
    }
}

/// The longest that a caller may have to wait for an answer.
pub(crate) const LONGEST_WAIT: Duration = TIMEOUT;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn parsed(url: &str) -> Option<(String, u16)> {
        ConnectorAddress::parse(url).ok().map(|a| (a.host, a.port))
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!(parsed("http://127.0.0.1:12345"), Some(("127.0.0.1".into(), 12345)));
        assert_eq!(parsed("hsm.internal:1/"), Some(("hsm.internal".into(), 1)));
        assert_eq!(parsed("http://[::1]:9"), Some(("::1".into(), 9)));
        for bad in [
            "https://h:1",
            "http://h",
            "http://:1",
            "http://h:x",
            "http://h:1/path:2",
            "http://a@b:1",
            "",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    /// A connector that reads one message of one byte and answers in the given pieces.
    fn answer_to(pieces: &'static [&'static [u8]]) -> Result<Vec<u8>, Unanswered> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\nm") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            pieces.iter().for_each(|piece| {
                stream.write_all(piece).unwrap();
                stream.flush().unwrap();
            });
        });
        let answer = Connector::new(&ConnectorAddress { host: "127.0.0.1".into(), port })
            .post(b"m", TIMEOUT);
        served.join().unwrap();
        answer
    }

    #[test]
    fn an_answer_may_come_in_pieces_or_chunks() {
        assert_eq!(
            answer_to(&[b"HTTP/1.1 200 OK\r\ncontent-len", b"gth: 3\r\n\r\n", b"abc"]).unwrap(),
            b"abc"
        );
        let chunks: &[&[u8]] = &[
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"2\r\nab\r\n",
            b"1\r\nc\r\n0\r\n\r\n",
        ];
        assert_eq!(answer_to(chunks).unwrap(), b"abc");
    }

    #[test]
    fn an_answer_that_is_not_whole_leaves_it_open_whether_the_device_saw_the_message() {
        let bad: [&[&[u8]]; 6] = [
            &[],
            &[b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"],
            &[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
            &[b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"],
            &[b"HTTP/1.1 301 Moved Permanently\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"],
            &[b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"],
        ];
        for pieces in bad {
            assert!(answer_to(pieces).unwrap_err().maybe_sent, "{pieces:?}");
        }
    }

    #[test]
    fn without_a_connector_nothing_was_sent() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let connector = Connector::new(&ConnectorAddress { host: "127.0.0.1".into(), port });
        assert!(!connector.post(b"m", TIMEOUT).unwrap_err().maybe_sent);
    }
}
