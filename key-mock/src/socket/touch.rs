//! Waiting for the person: keepalives go out, and a cancel may come in.

use super::reports::Reports;
use crate::ctaphid::{BROADCAST, Command, ErrorCode, Message, Packet, Report};
use crate::person::Person;
use crate::status::Status;
use async_trait::async_trait;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What the person before the MOCK key does when it blinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Touches it.
    AtOnce,
    /// Touches it after so long.
    After(Duration),
    /// Is not there.
    Never,
}

/// "At least every 100 ms" (CTAP 2.1, 11.2.9.2.1).
const KEEPALIVE: Duration = Duration::from_millis(80);

/// Status of a keepalive: the person is waited for.
const UP_NEEDED: u8 = 2;

/// A key waits 30 s; nobody wants to watch a MOCK do so.
const PATIENCE: Duration = Duration::from_millis(500);

/// The person, during one command of one channel.
pub(super) struct Waiting<'a> {
    pub reports: &'a mut Reports,
    pub channel: u32,
    pub touch: Touch,
    /// Why the command has nobody to answer to any more.
    pub ended: Option<Ended>,
}

pub(super) enum Ended {
    /// The platform begins anew with this `Init`.
    Init(Report),
    Gone(io::Error),
}

#[async_trait]
impl Person for Waiting<'_> {
    async fn touch(&mut self) -> Result<(), Status> {
        let (wait, outcome) = match self.touch {
            Touch::AtOnce => (Duration::ZERO, Ok(())),
            Touch::After(wait) => (wait, Ok(())),
            Touch::Never => (PATIENCE, Err(Status::UserActionTimeout)),
        };
        let end = Instant::now() + wait;
        loop {
            self.keep_alive().await?;
            self.listen(end.min(Instant::now() + KEEPALIVE)).await?;
            if Instant::now() >= end {
                return outcome;
            }
        }
    }
}

/// Errors of all: `KeepaliveCancel`.
impl Waiting<'_> {
    async fn keep_alive(&mut self) -> Result<(), Status> {
        self.send(Message::new(self.channel, Command::KeepAlive, [UP_NEEDED])).await
    }

    async fn listen(&mut self, until: Instant) -> Result<(), Status> {
        match timeout_at(until, self.reports.next()).await {
            Ok(Ok(report)) => self.hear(report).await,
            Ok(Err(gone)) => self.end(Ended::Gone(gone)),
            Err(_) => Ok(()),
        }
    }

    async fn hear(&mut self, report: Report) -> Result<(), Status> {
        let Packet::Start { channel, command, .. } = Packet::read(&report) else { return Ok(()) };
        match Command::from_byte(command) {
            Some(Command::Cancel) if channel == self.channel => Err(Status::KeepaliveCancel),
            Some(Command::Init) if channel == self.channel => self.end(Ended::Init(report)),
            Some(Command::Cancel) => Ok(()),
            _ if channel == BROADCAST => Ok(()),
            _ => self.send(Message::error(channel, ErrorCode::ChannelBusy)).await,
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Status> {
        match self.reports.send(&message).await {
            Ok(()) => Ok(()),
            Err(gone) => self.end(Ended::Gone(gone)),
        }
    }

    fn end(&mut self, ended: Ended) -> Result<(), Status> {
        self.ended = Some(ended);
        Err(Status::KeepaliveCancel)
    }
}
