//! One platform's conversation with the key.

use super::reports::Reports;
use super::touch::{Ended, Touch, Waiting};
use crate::ctaphid::{Assembly, BROADCAST, Command, ErrorCode, Message, Report, capability};
use crate::key::Key;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// For the rest of a message that has begun.
const TRANSACTION: Duration = Duration::from_secs(3);

/// CTAPHID's own version, then the device's.
const VERSIONS: [u8; 4] = [2, 0, 1, 0];

const NONCE: usize = 8;

/// So that no channel of any connection is the broadcast channel.
const MAX_CHANNELS: u16 = u16::MAX - 1;

pub(super) struct Connection {
    reports: Reports,
    assembly: Assembly,
    /// Upper half of its channels: no two connections share one.
    number: u16,
    /// How many channels were given out, numbered from 1.
    channels: u16,
    key: Arc<Mutex<Key>>,
    touch: Touch,
}

impl Connection {
    pub(super) fn new(stream: UnixStream, number: u16, key: Arc<Mutex<Key>>, touch: Touch) -> Self {
        Self {
            reports: Reports::new(stream),
            assembly: Assembly::default(),
            number,
            channels: 0,
            key,
            touch,
        }
    }

    /// Ends with an error, when the platform hangs up.
    pub(super) async fn serve(mut self) -> io::Result<()> {
        loop {
            match timeout(TRANSACTION, self.reports.next()).await {
                Ok(report) => self.take(&report?).await?,
                Err(_) => self.give_up_waiting().await?,
            }
        }
    }

    async fn give_up_waiting(&mut self) -> io::Result<()> {
        match self.assembly.abandon() {
            Some(channel) => self.refuse(channel, ErrorCode::MessageTimeout).await,
            None => Ok(()),
        }
    }

    async fn take(&mut self, report: &Report) -> io::Result<()> {
        match self.assembly.add(report) {
            Ok(Some(message)) => self.obey(message).await,
            Ok(None) => Ok(()),
            Err(refusal) => self.refuse(refusal.channel, refusal.code).await,
        }
    }

    async fn obey(&mut self, message: Message) -> io::Result<()> {
        let (channel, length) = (message.channel, message.bytes.len());
        let command = Command::from_byte(message.command);
        match command {
            Some(Command::Init) if channel == BROADCAST || self.has_given(channel) => {
                match length {
                    NONCE => self.init(&message).await,
                    _ => self.refuse(channel, ErrorCode::InvalidLength).await,
                }
            }
            _ if !self.has_given(channel) => self.refuse(channel, ErrorCode::InvalidChannel).await,
            Some(Command::Cbor) if length > 0 => self.ctap(&message).await,
            Some(Command::Wink) if length == 0 => self.reports.send(&message).await,
            Some(Command::Ping) => self.reports.send(&message).await,
            // There is nothing to cancel, and a cancel is never answered.
            Some(Command::Cancel) => Ok(()),
            Some(Command::Cbor | Command::Wink) => {
                self.refuse(channel, ErrorCode::InvalidLength).await
            }
            _ => self.refuse(channel, ErrorCode::InvalidCommand).await,
        }
    }

    fn channel(&self, number: u16) -> u32 {
        u32::from(self.number) << 16 | u32::from(number)
    }

    fn has_given(&self, channel: u32) -> bool {
        (1..=self.channels).contains(&(channel as u16)) && channel >> 16 == u32::from(self.number)
    }

    /// A new channel for who has none, the same one for who has lost its way.
    async fn init(&mut self, message: &Message) -> io::Result<()> {
        let channel = match message.channel {
            BROADCAST if self.channels == MAX_CHANNELS => {
                return self.refuse(BROADCAST, ErrorCode::ChannelBusy).await;
            }
            BROADCAST => {
                self.channels += 1;
                self.channel(self.channels)
            }
            given => given,
        };
        let capabilities = capability::WINK | capability::CBOR | capability::NO_MSG;
        let answer =
            [&message.bytes[..], &channel.to_be_bytes(), &VERSIONS, &[capabilities]].concat();
        self.reports.send(&Message::new(message.channel, Command::Init, answer)).await
    }

    async fn ctap(&mut self, message: &Message) -> io::Result<()> {
        let (channel, touch) = (message.channel, self.touch);
        let key = self.key.clone();
        let Ok(mut key) = key.try_lock() else {
            return self.refuse(channel, ErrorCode::ChannelBusy).await;
        };
        let mut waiting = Waiting { reports: &mut self.reports, channel, touch, ended: None };
        let answer = key.answer(&message.bytes, &mut waiting).await;
        let ended = waiting.ended;
        // Before the answer leaves, or the platform's next command could find the key busy.
        drop(key);
        match ended {
            None => self.reports.send(&Message::new(channel, Command::Cbor, answer)).await,
            Some(Ended::Init(report)) => Box::pin(self.take(&report)).await,
            Some(Ended::Gone(error)) => Err(error),
        }
    }

    async fn refuse(&mut self, channel: u32, code: ErrorCode) -> io::Result<()> {
        self.reports.send(&Message::error(channel, code)).await
    }
}
