//! Whole reports over a stream of bytes.

use crate::ctaphid::{Message, REPORT, Report};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Whole reports over a stream of bytes.
pub(super) struct Reports {
    stream: UnixStream,
    begun: Report,
    filled: usize,
}

impl Reports {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, begun: [0; REPORT], filled: 0 }
    }

    /// Loses nothing when it is dropped while it waits. Errors: the other end is gone.
    pub(super) async fn next(&mut self) -> io::Result<Report> {
        while self.filled < REPORT {
            match self.stream.read(&mut self.begun[self.filled..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => self.filled += more,
            }
        }
        self.filled = 0;
        Ok(self.begun)
    }

    pub(super) async fn send(&mut self, message: &Message) -> io::Result<()> {
        self.stream.write_all(message.reports().as_flattened()).await
    }
}
