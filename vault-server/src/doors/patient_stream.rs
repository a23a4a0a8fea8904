//! A connection that may take only so long for each of its parts.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// From a request's first byte to the end of its header.
pub(super) const HEADER: Duration = Duration::from_secs(10);
/// Between two requests.
pub(super) const IDLE: Duration = Duration::from_secs(60);
/// For the other side to take what is written.
const WRITE: Duration = Duration::from_secs(10);

/// Where a connection stands; shared with whoever answers its requests.
#[derive(Clone, Default)]
pub struct Phase(Arc<AtomicU8>);

const WAITING: u8 = 0;
const READING_HEADER: u8 = 1;
const ANSWERING: u8 = 2;

impl Phase {
    /// A request is being answered: its body and its answer have limits of their own.
    pub fn answering(&self) {
        self.0.store(ANSWERING, Ordering::Relaxed);
    }

    /// The answer is given.
    pub fn answered(&self) {
        self.0.store(WAITING, Ordering::Relaxed);
    }

    pub fn is_answering(&self) -> bool {
        self.get() == ANSWERING
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// The first bytes of a request came.
    fn began(&self) {
        let _ =
            self.0.compare_exchange(WAITING, READING_HEADER, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Ends with [`io::ErrorKind::TimedOut`] when a part takes too long.
pub(super) struct PatientStream<S> {
    inner: S,
    phase: Phase,
    /// The phase that the deadline is of.
    timed: u8,
    deadline: Pin<Box<Sleep>>,
    /// When what is written must have been taken.
    write_by: Option<Pin<Box<Sleep>>>,
}

impl<S> PatientStream<S> {
    pub(super) fn new(inner: S, phase: Phase) -> Self {
        let deadline = Box::pin(sleep_until(Instant::now() + HEADER));
        // A new connection has just been made: its first request is due as any header is.
        Self { inner, phase, timed: READING_HEADER, deadline, write_by: None }
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let phase = self.phase.get();
        if phase != self.timed {
            self.timed = phase;
            let patience = if phase == READING_HEADER { HEADER } else { IDLE };
            self.deadline.as_mut().reset(Instant::now() + patience);
        }
        phase != ANSWERING && self.deadline.as_mut().poll(cx).is_ready()
    }

    fn is_write_late(&mut self, cx: &mut Context<'_>) -> bool {
        let by = self.write_by.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + WRITE)));
        by.as_mut().poll(cx).is_ready()
    }

    fn written<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.write_by = None;
            return polled;
        }
        if self.is_write_late(cx) {
            Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
        } else {
            polled
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PatientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.phase.began();
        }
        if self.is_late(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PatientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.written(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.written(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.written(cx, polled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// Reads until it fails; how long that took, and how.
    async fn until_it_ends(
        stream: &mut PatientStream<tokio::io::DuplexStream>,
    ) -> (Duration, io::ErrorKind) {
        let began = Instant::now();
        loop {
            if let Err(error) = stream.read_u8().await {
                return (began.elapsed(), error.kind());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_trickles_in_is_cut_off() {
        let (mut client, server) = duplex(64);
        let mut stream = PatientStream::new(server, Phase::default());
        tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let (took, how) = until_it_ends(&mut stream).await;
        assert_eq!((took.as_secs(), how), (10, io::ErrorKind::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_after_a_minute_and_an_answer_may_take_longer() {
        let (_client, server) = duplex(64);
        let phase = Phase::default();
        let mut stream = PatientStream::new(server, phase.clone());
        phase.answering();
        let read = tokio::time::timeout(Duration::from_secs(300), stream.read_u8()).await;
        assert!(read.is_err());
        phase.answered();
        let (took, how) = until_it_ends(&mut stream).await;
        assert_eq!((took.as_secs(), how), (60, io::ErrorKind::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_take_the_answer_is_cut_off() {
        let (_client, server) = duplex(16);
        let mut stream = PatientStream::new(server, Phase::default());
        let error = stream.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
