//! As much of HTTP/1.1 as the connector needs, read as Go's `net/http` reads it, with every input
//! bounded.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::head::{Head, HeadError, parse_head};
use super::response::Response;

/// Request line and headers: Go's `DefaultMaxHeaderBytes`, 1 MiB.
const LARGEST_HEAD: usize = 1 << 20;
/// A body that is not wanted is read and thrown away up to this size, as Go does, so that the
/// client sees the answer and can go on. Past it the connection ends.
const LARGEST_SKIPPED_BODY: usize = 256 * 1024;
/// `ReadTimeout` of yubihsm-connector: once a request has begun, the rest must follow in this time.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// A client that was refused may still be sending; closing at once would reset the connection
/// before it has read why. Go waits as long.
const LINGER: Duration = Duration::from_millis(500);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A whole request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub head: Head,
    /// `None` if it was longer than wanted, or of a length that was not announced.
    pub body: Option<Vec<u8>>,
}

/// What came next on a connection.
pub(crate) enum Read {
    Request(Request),
    /// Not a request this server takes; the connection ends with this answer.
    Refused(HeadError),
    End,
}

/// One client, with the bytes received and not used yet.
pub(crate) struct Connection<S> {
    stream: S,
    buffer: Vec<u8>,
    largest_body: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, largest_body: usize) -> Self {
        Self { stream, buffer: Vec::new(), largest_body }
    }

    /// Waits for the first byte of the next request; false if there will be none.
    pub(crate) async fn wait(&mut self) -> io::Result<bool> {
        Ok(!self.buffer.is_empty() || self.fill().await? > 0)
    }

    /// Reads the request that has begun.
    pub(crate) async fn read_request(&mut self) -> io::Result<Read> {
        match timeout(REQUEST_TIME, self.read_begun()).await {
            Ok(read) => read,
            Err(_) => Ok(Read::End),
        }
    }

    async fn read_begun(&mut self) -> io::Result<Read> {
        let Some(length) = self.read_head().await? else { return Ok(Read::End) };
        let head = match length.and_then(|length| parse_head(&self.buffer[..length])) {
            Ok(head) => head,
            Err(error) => return Ok(Read::Refused(error)),
        };
        self.buffer.drain(..length.unwrap_or_default());
        let Some(length) = head.length else {
            return Ok(Read::Request(Request { head, body: None }));
        };
        if length > LARGEST_SKIPPED_BODY {
            let head = Head { close: true, ..head };
            return Ok(Read::Request(Request { head, body: None }));
        }
        if head.expects_continue && self.buffer.is_empty() && length <= self.largest_body {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        while self.buffer.len() < length {
            if self.fill().await? == 0 {
                return Ok(Read::End);
            }
        }
        let body: Vec<u8> = self.buffer.drain(..length).collect();
        let body = Some(body).filter(|body| body.len() <= self.largest_body);
        Ok(Read::Request(Request { head, body }))
    }

    /// The length of the head once it is here; `None` if the client left first.
    async fn read_head(&mut self) -> io::Result<Option<Result<usize, HeadError>>> {
        let mut searched = 0;
        loop {
            if let Some(position) = find(&self.buffer[searched..], HEAD_END) {
                return Ok(Some(Ok(searched + position + HEAD_END.len())));
            }
            if self.buffer.len() > LARGEST_HEAD {
                return Ok(Some(Err(HeadError::TooLarge)));
            }
            searched = self.buffer.len().saturating_sub(HEAD_END.len() - 1);
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).await?;
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(count)
    }

    /// Sends a response, head and body in one write.
    pub(crate) async fn respond(&mut self, response: &Response) -> io::Result<()> {
        self.stream.write_all(&response.encode()).await?;
        self.stream.flush().await
    }

    /// Ends the connection and lets the client read what was sent before.
    pub(crate) async fn finish(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let mut rest = [0; 4096];
        let drained = async { while self.stream.read(&mut rest).await.is_ok_and(|n| n > 0) {} };
        // A client that goes on sending has had its time.
        let _ = timeout(LINGER, drained).await;
        Ok(())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
